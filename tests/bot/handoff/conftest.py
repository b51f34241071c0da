"""Conversations in a queue, agents at work, and a clock that only the test moves."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, Table, insert, select

from actions.shop import ShopClient, open_demo_shop
from bot.conversations import Bus, ConversationKey
from bot.handoff import Decision, Evidence, HandoffDesk, PolicyFile
from bot.handoff.opening import Opened, open_handoff
from bot.records import Database, new_id
from bot.records.tables import agents, conversations, events, handoffs, messages
from bot.turn import Inbound
from bot.turn.inbox import Inbox
from tests.support.clock import TestClock

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday noon in Shanghai: people are there."""

IDLE = timedelta(minutes=30)


@dataclass
class Room:
    """What a test of handoffs handles: one replica's desk, and shortcuts into the database."""

    database: Database
    clock: TestClock
    desk: HandoffDesk
    shop: ShopClient
    numbers: Any = field(default_factory=itertools.count)

    def replica(self, **options: Any) -> HandoffDesk:
        """Another replica's desk over the same database."""
        return HandoffDesk(
            self.database, Bus(None), self.clock, self.desk.policy, self.shop, **options
        )

    async def agent(self, name: str = "小李", **values: Any) -> str:
        """An agent at work; returns the id."""
        agent_id = new_id("ag")
        row = {
            "id": agent_id,
            "login": agent_id,
            "name": name,
            "role": "agent",
            "password_hash": "-",
            "skills": ["售前", "售后", "投诉"],
            "languages": ["zh"],
            "capacity": 5,
            "active": True,
            "presence": "online",
            "seen_at": self.clock(),
            "created_at": self.clock(),
        } | values
        await self.database.write(lambda tx: tx.execute(insert(agents).values(**row)))
        return agent_id

    async def say(self, who: str, text: str, channel: str = "app_chat") -> str:
        """A customer's message is accepted (nobody answers it here); returns the conversation."""
        number = next(self.numbers)
        inbound = Inbound(ConversationKey(channel, who), f"{who}-{number}", text)
        receipt = await Inbox(self.database, self.clock, IDLE).accept(inbound)
        return receipt.accepted.conversation_id

    async def hears(self, conversation_id: str, text: str) -> None:
        """Whoever has the conversation hears the customer, as a turn would let them."""

        def work(tx: Connection) -> None:
            row = tx.execute(
                select(conversations).where(conversations.c.id == conversation_id)
            ).one()
            self.desk.listen(
                self.desk.step(tx),
                conversation_id,
                row.episode_id,
                row.last_seq,
                text,
                row.owner,
            )

        await self.database.write(work)

    async def waiting(self, who: str = "a", text: str = "转人工", **decision: Any) -> str:
        """A conversation in the queue; returns its id. Nobody is called to it by this."""
        self.clock.advance(milliseconds=1)  # or the same moment leaves the order to chance
        conversation_id = await self.say(who, text)
        await self.open(conversation_id, **decision)
        return conversation_id

    async def open(self, conversation_id: str, **values: Any) -> Opened:
        """Open a handoff for a conversation."""
        chosen = Decision(
            **{
                "reason": "asked_for_human",
                "evidence": (Evidence(1, "客户要求人工"),),
                "priority": 4,
                "skill": "售后",
            }
            | {k: v for k, v in values.items() if k != "tier"}
        )

        def work(tx: Connection) -> Opened:
            row = tx.execute(
                select(conversations).where(conversations.c.id == conversation_id)
            ).one()
            step = self.desk.step(tx)
            return open_handoff(
                step, conversation_id, row.episode_id, row.last_seq, chosen, values.get("tier")
            )

        return await self.database.write(work)

    async def handoff(self, conversation_id: str) -> Any:
        """The newest handoff of a conversation."""
        query = (
            select(handoffs)
            .where(handoffs.c.conversation_id == conversation_id)
            .order_by(handoffs.c.opened_at.desc())
            .limit(1)
        )
        return await self.database.read(lambda tx: tx.execute(query).one())

    async def conversation(self, conversation_id: str) -> Any:
        """A conversation's row."""
        query = select(conversations).where(conversations.c.id == conversation_id)
        return await self.database.read(lambda tx: tx.execute(query).one())

    async def rows(self, table: Table) -> list[Any]:
        """All rows of a table in the order of its key."""
        query = select(table).order_by(*table.primary_key)
        return await self.database.read(lambda tx: list(tx.execute(query)))

    async def kinds(self, conversation_id: str) -> list[str]:
        """The events of a conversation, in order."""
        rows = await self.rows(events)
        return [row.kind for row in rows if row.conversation_id == conversation_id]

    async def heard(self, conversation_id: str, author: str = "system") -> list[str]:
        """What the customer was told by an author, in order."""
        rows = await self.rows(messages)
        return [
            row.text
            for row in rows
            if row.conversation_id == conversation_id and row.author == author
        ]


@pytest.fixture
def clock() -> TestClock:
    """Monday noon in Shanghai."""
    return TestClock(NOON)


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop as it is at NOON, filled once."""
    file = tmp_path_factory.mktemp("shop") / "shop.db"
    open_demo_shop(file, lambda: NOON)
    return file


@pytest_asyncio.fixture
async def shop(shop_file: Path, clock: TestClock) -> AsyncIterator[ShopClient]:
    """The demo shop."""
    opened = open_demo_shop(shop_file, clock, reseed=False)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def room(database: Database, clock: TestClock, shop: ShopClient) -> Room:
    """A desk whose loop does not run by itself: tests call run_once()."""
    return Room(database, clock, HandoffDesk(database, Bus(None), clock, PolicyFile(), shop), shop)

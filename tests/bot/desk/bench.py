"""A desk behind a real HTTP server in the test's own event loop, with whatever a test needs on it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Connection, Table, insert, select, update
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from actions.context import IdentityLevel
from actions.shop import DemoShop
from bot.customers import link_customer, open_identity
from bot.desk import Desk, NewAgent, Role
from bot.records import Database, new_id
from bot.records.episodes import open_episode
from bot.records.tables import conversations, handoffs, messages
from tests.support.clock import TestClock

PASSWORD = "kranich-42-Fluss"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same hash at a cost that tests can afford; the real one is tested by itself."""
CHEAP_HASH = CHEAP.hash(PASSWORD)
TIMEOUT_S = 20

_numbers = itertools.count(1)

CALM = {"label": "neutral", "level": "none", "score": 0.1}
CROSS = {"label": "negative", "level": "light", "score": 0.4}
FURIOUS = {"label": "negative", "level": "severe", "score": 0.95}


@dataclass
class Live:
    """An open live socket; remembers every frame received."""

    socket: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(TIMEOUT_S):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def next(
        self, kind: str, wanted: Callable[[dict[str, Any]], bool] = lambda frame: True
    ) -> dict[str, Any]:
        while True:
            frame = await self.receive()
            if frame["type"] == kind and wanted(frame):
                return frame

    async def closed(self) -> int:
        try:
            while True:
                await self.receive()
        except ConnectionClosed:
            return self.socket.close_code or 0


@dataclass
class Bench:
    """What a test of the desk handles."""

    url: str
    desk: Desk
    database: Database
    clock: TestClock
    shop: DemoShop
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def agent(
        self, role: Role = Role.AGENT, *, name: str = "", online: bool = True, capacity: int = 10
    ) -> str:
        """Add an agent; returns their id."""
        number = next(_numbers)
        agent_id = await self.desk.people.add_hashed(
            NewAgent(f"a{number}", name or f"客服{number}", role, capacity=capacity), CHEAP_HASH
        )
        if online:
            await self.desk.handoffs.set_presence(agent_id, "online")
        return agent_id

    async def token(self, agent_id: str) -> str:
        """The token of a new session."""
        return await self.desk.sessions.open(agent_id)

    async def as_(self, agent_id: str) -> httpx.AsyncClient:
        """A client that is logged in as this agent, as a brand's own desk would be."""
        return self.client({"Authorization": f"Bearer {await self.token(agent_id)}"})

    def client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        """A client with these headers."""
        client = httpx.AsyncClient(
            base_url=f"{self.url}/api/desk",
            headers=headers,
            trust_env=False,
            timeout=TIMEOUT_S,
        )
        self.clients.append(client)
        return client

    @asynccontextmanager
    async def live(self, agent_id: str) -> AsyncIterator[tuple[Live, dict[str, Any]]]:
        """A live socket of this agent and its snapshot."""
        async with self.socket() as live:
            await live.send(type="hello", token=await self.token(agent_id))
            yield live, await live.next("snapshot")

    @asynccontextmanager
    async def socket(self, **headers: str) -> AsyncIterator[Live]:
        """A socket that has not said who it is."""
        address = f"{self.url.replace('http', 'ws', 1)}/api/desk/live"
        origin = headers.pop("origin", None)
        async with connect(
            address,
            additional_headers=headers,
            origin=origin,  # type: ignore[arg-type]
            max_size=None,
            proxy=None,
        ) as socket:
            yield Live(socket)

    async def conversation(
        self,
        said: Sequence[tuple[str, dict[str, Any] | None]] = (("我要找人工", CALM),),
        *,
        customer: str | None = None,
        channel: str = "app_chat",
    ) -> str:
        """A conversation in which a customer said this, the bot answering each; returns its id."""
        number = next(_numbers)

        def write(tx: Connection) -> str:
            now = self.clock()
            identity = open_identity(tx, channel, f"v{number}", IdentityLevel.ANONYMOUS, now)
            conversation = new_id("co")
            if customer is not None:
                link_customer(tx, identity, customer, IdentityLevel.VERIFIED, now)
            tx.execute(
                insert(conversations).values(
                    id=conversation,
                    identity_id=identity,
                    channel=channel,
                    external_id=f"v{number}",
                    owner="bot",
                    last_seq=0,
                    read_seq=0,
                    last_at=now,
                )
            )
            episode = open_episode(tx, conversation, channel, customer, now)
            tx.execute(
                update(conversations)
                .where(conversations.c.id == conversation)
                .values(episode_id=episode)
            )
            for text, emotion in said:
                self._say(tx, conversation, "customer", text, emotion)
                self._say(tx, conversation, "bot", "好的，我看一下。", None)
            return conversation

        return await self.database.write(write)

    async def customer_says(
        self, conversation: str, text: str, emotion: dict[str, Any] | None = None
    ) -> None:
        """The customer writes while a person is asked for or there."""

        def write(tx: Connection) -> None:
            self._say(tx, conversation, "customer", text, emotion)
            tx.execute(
                update(handoffs)
                .where(handoffs.c.conversation_id == conversation, handoffs.c.closed_at.is_(None))
                .where(handoffs.c.unanswered_since.is_(None))
                .values(unanswered_since=self.clock())
            )

        await self.database.write(write)
        await self.desk.bus.changed(conversation)

    async def handed_over(
        self,
        agent: str | None = None,
        *,
        said: Sequence[tuple[str, dict[str, Any] | None]] = (("我要找人工", CALM),),
        customer: str | None = None,
        reason: str = "asked_for_human",
        priority: int = 3,
        sla: timedelta = timedelta(minutes=8),
        conversation: str | None = None,
    ) -> str:
        """A conversation in the queue, or in this agent's hands; returns its id."""
        name = conversation or await self.conversation(said, customer=customer)

        def write(tx: Connection) -> None:
            now = self.clock()
            episode = tx.execute(
                select(conversations.c.episode_id).where(conversations.c.id == name)
            ).scalar_one()
            handoff = new_id("ho")
            tx.execute(
                insert(handoffs).values(
                    id=handoff,
                    episode_id=episode,
                    conversation_id=name,
                    channel="app_chat",
                    reason=reason,
                    evidence=[{"seq": 1, "why": "客户要求人工"}],
                    priority=priority,
                    skill="售后",
                    language="zh",
                    tier="gold" if customer else None,
                    shop_customer_id=customer,
                    packet={
                        "version": 1,
                        "summary": "客户要找人工。",
                        "profile": {"name": "林**"} if customer else None,
                        "slots": {},
                    },
                    packet_version=1,
                    status="waiting" if agent is None else "assigned",
                    agent_id=agent,
                    passed=[],
                    supervised=False,
                    queued_at=now,
                    assigned_at=now if agent else None,
                    unanswered_since=now,
                    sla_due=now + sla,
                    opened_at=now,
                )
            )
            tx.execute(
                update(conversations)
                .where(conversations.c.id == name)
                .values(owner="human", agent_id=agent, handoff_id=handoff)
            )

        await self.database.write(write)
        await self.desk.bus.changed(name)
        return name

    def _say(self, tx: Connection, conversation: str, author: str, text: str, emotion: Any) -> None:
        row = tx.execute(
            update(conversations)
            .where(conversations.c.id == conversation)
            .values(last_seq=conversations.c.last_seq + 1)
            .returning(conversations.c.last_seq, conversations.c.episode_id)
        ).one()
        tx.execute(
            insert(messages).values(
                conversation_id=conversation,
                seq=row.last_seq,
                episode_id=row.episode_id,
                author=author,
                text=text,
                intent="ask_human" if author == "customer" else None,
                confidence=0.9 if author == "customer" else None,
                emotion=emotion,
                at=self.clock(),
            )
        )

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        query = select(table).order_by(*table.primary_key)
        return await self.database.read(
            lambda tx: [dict(row._mapping) for row in tx.execute(query)]
        )

    async def handoff_of(self, conversation: str) -> str:
        """The id of a conversation's newest handoff."""
        query = select(handoffs.c.id).where(handoffs.c.conversation_id == conversation)
        return str(await self.database.read(lambda tx: tx.execute(query).scalars().all()[-1]))


def at(text: str) -> datetime:
    """A moment of the wire."""
    return datetime.fromisoformat(text)

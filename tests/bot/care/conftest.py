"""Upset customers, a scripted engine behind real HTTP, agents, and a clock that only tests move."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import Table, insert, select

from actions.shop import DemoShop, open_demo_shop
from bot.care import Care
from bot.conversations import Bus, ConversationKey
from bot.engine import EngineClient
from bot.handoff import HandoffDesk, Hours, PolicyFile
from bot.records import Database, new_id
from bot.records.tables import agents, care_cases, case_steps, cases, conversations, messages
from bot.turn import Inbound, TurnResult, TurnService
from tests.support.clock import TestClock
from tests.support.servers import LiveApp

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday, nine o'clock in Shanghai."""
IDLE = timedelta(minutes=30)

CALM = ("neutral", "none", 0.9)
SAYINGS: dict[str, tuple[str, tuple[str, str, float]]] = {
    "快递怎么还没到啊": ("query_logistics", ("negative", "light", 0.36)),
    "怎么还是没到": ("query_logistics", ("negative", "light", 0.37)),
    "到现在还没送到，唉": ("query_logistics", ("negative", "light", 0.38)),
    "这锅太差了，用两次就掉漆": ("complaint", ("negative", "medium", 0.7)),
    "等了十天快递还没到，太过分了": ("complaint", ("negative", "medium", 0.7)),
    "骗子平台，退款半个月没到账，我要去12315": ("complaint", ("negative", "severe", 0.97)),
    "好的谢谢，解决了": ("thanks", ("positive", "none", 0.9)),
    "我的快递到哪了": ("query_logistics", CALM),
    "我的快递到哪了呀，怎么还没到": ("query_logistics", ("negative", "light", 0.36)),
    "那个啥来着": ("nlu_fallback", CALM),
    "取消这个订单": ("cancel_order", CALM),
}
"""What the scripted engine makes of a text: intent and (label, level, score)."""


def _understood(text: str) -> dict[str, Any]:
    intent, (label, level, score) = SAYINGS.get(text, ("scripted", CALM))
    emotion = {"label": label, "level": level, "score": score}
    return {"text": text, "intent": intent, "confidence": 0.95, "emotion": emotion}


def scripted_engine() -> FastAPI:
    """An engine whose readings a test can foresee, behind the real door's HTTP contract."""
    app = FastAPI()

    @app.post("/webhooks/door/turn")
    def turn(request: dict[str, Any]) -> dict[str, Any]:
        said = _understood(request["text"])
        return said | {
            "replies": [{"text": "收到，我看一下。"}],
            "snapshot": {},
            "turn": request["turn"] + 1,
        }

    @app.post("/webhooks/door/parse")
    def parse(request: dict[str, Any]) -> dict[str, Any]:
        return {"results": [_understood(text) for text in request["texts"]]}

    return app


@dataclass
class Replica:
    """One replica of the service."""

    turns: TurnService
    care: Care
    handoffs: HandoffDesk

    async def stop(self) -> None:
        """As a process that goes down."""
        await self.care.stop()
        await self.turns.stop()


@dataclass
class House:
    """What a test of care handles."""

    database: Database
    clock: TestClock
    shop: DemoShop
    engine: EngineClient
    push: frozenset[str] = frozenset()
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))
    replicas: list[Replica] = field(default_factory=list)

    def replica(self, hours: str = "always") -> Replica:
        """Another replica over the same database."""
        policy = PolicyFile(hours=Hours.parse(hours))
        handoffs = HandoffDesk(self.database, Bus(None), self.clock, policy, self.shop)
        care = Care(self.database, self.clock, handoffs, self.shop)
        turns = TurnService(self.database, self.engine, handoffs, self.clock, IDLE, care=care)
        made = Replica(turns, care, handoffs)
        self.replicas.append(made)
        return made

    @property
    def one(self) -> Replica:
        """The first replica."""
        return self.replicas[0] if self.replicas else self.replica()

    async def agent(self, role: str = "agent", presence: str = "online", **values: Any) -> str:
        """Somebody at the desk; returns the id."""
        agent_id = new_id("ag")
        row = {
            "id": agent_id,
            "login": agent_id,
            "name": {"agent": "小李", "supervisor": "陈主管", "admin": "管理员"}[role],
            "role": role,
            "password_hash": "-",
            "skills": ["售后", "投诉"],
            "languages": ["zh"],
            "capacity": 5,
            "active": True,
            "presence": presence,
            "seen_at": self.clock(),
            "created_at": self.clock(),
        } | values
        await self.database.write(lambda tx: tx.execute(insert(agents).values(**row)))
        return agent_id

    async def say(
        self, who: str, text: str, customer: str | None = None, channel: str = "app_chat"
    ) -> TurnResult:
        """A customer says something; the whole turn is over when this returns."""
        key = ConversationKey(channel, who)
        inbound = Inbound(key, f"{who}-{next(self.numbers)}", text, verified_customer_id=customer)
        result = await self.one.turns.answer(inbound, 60)
        assert result is not None
        return result

    async def rows(self, table: Table) -> list[Any]:
        """All rows of a table in the order of its key."""
        query = select(table).order_by(*table.primary_key)
        return await self.database.read(lambda tx: list(tx.execute(query)))

    async def case_of(self, who: str) -> Any:
        """The newest case of a conversation, with what care knows of it."""
        query = (
            select(cases, care_cases)
            .join(care_cases, care_cases.c.case_id == cases.c.id)
            .join(conversations, conversations.c.id == cases.c.conversation_id)
            .where(conversations.c.external_id == who)
            .order_by(cases.c.opened_at.desc())
            .limit(1)
        )
        return await self.database.read(lambda tx: tx.execute(query).one())

    async def steps(self, case_id: str) -> list[str]:
        """The kinds of a case's steps, in order."""
        return [row.kind for row in await self.rows(case_steps) if row.case_id == case_id]

    async def told(self, who: str) -> list[str]:
        """What our side said to a customer."""
        query = (
            select(messages.c.text)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.external_id == who, messages.c.author != "customer")
            .order_by(messages.c.seq)
        )
        return await self.database.read(lambda tx: list(tx.execute(query).scalars()))


@pytest.fixture
def clock() -> TestClock:
    """Monday morning in Shanghai."""
    return TestClock(MONDAY)


@pytest.fixture(scope="session")
def care_shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop as it is on that Monday, filled once."""
    path = tmp_path_factory.mktemp("care-shop") / "shop.db"
    open_demo_shop(path, lambda: MONDAY)._db.close()
    return path


@pytest.fixture(scope="session")
def care_engine() -> Iterator[str]:
    """The scripted engine's base URL."""
    app = LiveApp(scripted_engine)
    app.start()
    yield app.url
    app.stop()


@pytest_asyncio.fixture
async def house(
    database: Database, clock: TestClock, care_shop_file: Path, care_engine: str, tmp_path: Path
) -> AsyncIterator[House]:
    """A service whose timers run only when the test says so."""
    shutil.copy(care_shop_file, tmp_path / "care-shop.db")
    shop = open_demo_shop(tmp_path / "care-shop.db", clock, reseed=False)
    engine = EngineClient([care_engine], "token", 20)
    house = House(database, clock, shop, engine)
    yield house
    for replica in house.replicas:
        await replica.stop()
    await engine.close()
    await shop.close()

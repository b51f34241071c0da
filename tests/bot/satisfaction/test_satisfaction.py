from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import cast

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from actions.context import IdentityLevel
from actions.shop import ShopClient
from bot.clock import BUSINESS_ZONE
from bot.conversations import Bus, ConversationKey, MessageView
from bot.customers import link_customer
from bot.engine import EngineClient
from bot.handoff import HandoffDesk, PolicyFile
from bot.records import Database
from bot.records.tables import case_steps, cases, conversations, episodes
from bot.reports import Report, ReportFilter, Reports
from bot.satisfaction import Satisfaction
from bot.satisfaction.cases import due_of, grade_of
from bot.satisfaction.rating import ALREADY, FOLLOWED, QUESTION, THANKS, WHY
from bot.turn import Choice, Inbound, TurnService
from yingda.simulation.stand_ins import FastClock, ScriptedEngine, SimulatedShop, answer

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CHAT = ConversationKey("app_chat", "somebody")


@dataclass
class Counter:
    """A shop's chat: customers, the service, and what asks them."""

    database: Database
    clock: FastClock
    engine: ScriptedEngine
    turns: TurnService
    reports: Reports
    satisfaction: Satisfaction
    number: int = 0

    async def visit(self, key: ConversationKey = CHAT, *, fulfilled: bool = True) -> str:
        """A contact from beginning to end; returns its episode."""
        self.engine.next = answer("query_order", "已发货。", fulfilled=fulfilled)
        said = await self._send(key, "订单到哪了")
        await self.turns.end(key)
        await self.reports.catch_up()
        return said

    async def press(self, index: int, key: ConversationKey = CHAT) -> str:
        """Press a quick reply of the last message; returns what is said to it."""
        newest = (await self.turns.history(key))[-1]
        self.engine.next = None
        await self._send(key, "", Choice(newest.seq, index))
        return (await self.turns.history(key))[-1].text

    async def heard(self, key: ConversationKey = CHAT) -> list[MessageView]:
        return await self.turns.history(key)

    async def report(self) -> Report:
        return await self.reports.report(
            ReportFilter.model_validate({"from": "2026-11-01", "to": "2026-11-30"})
        )

    async def belongs(self, key: ConversationKey, customer: str) -> None:
        def link(tx: Connection) -> None:
            identity = tx.execute(
                select(conversations.c.identity_id).where(
                    conversations.c.channel == key.channel,
                    conversations.c.external_id == key.external_id,
                )
            ).scalar_one()
            link_customer(tx, identity, customer, IdentityLevel.LINKED, self.clock())

        await self.database.write(link)
        await self.reports.catch_up()

    async def _send(self, key: ConversationKey, text: str, choice: Choice | None = None) -> str:
        self.number += 1
        inbound = Inbound(key, f"{key}-{self.number}", text, choice=choice)
        result = await self.turns.answer(inbound, 30)
        assert result is not None
        return result.episode


@pytest_asyncio.fixture
async def shop(database: Database) -> AsyncIterator[Counter]:
    clock = FastClock(START)
    engine = ScriptedEngine(clock, Random(1))
    desk = HandoffDesk(
        database, Bus(None), clock, PolicyFile(), cast(ShopClient, SimulatedShop({}))
    )
    turns = TurnService(
        database, cast(EngineClient, engine), desk, clock=clock, idle=timedelta(minutes=30)
    )
    satisfaction = Satisfaction(database, desk, clock)
    yield Counter(database, clock, engine, turns, Reports(database, clock), satisfaction)
    await turns.stop()


async def test_a_low_score_opens_a_case_and_is_no_contact_of_its_own(shop: Counter) -> None:
    episode = await shop.visit()
    assert await shop.satisfaction.ask_due() == 1
    question = (await shop.heard())[-1]
    assert question.text == QUESTION
    assert question.quick_replies == ("非常满意", "满意", "一般", "不满意", "很不满意")
    assert await shop.satisfaction.ask_due() == 0, "asked once"

    assert await shop.press(4) == WHY
    rated_at = shop.clock()
    assert await shop.press(0) == FOLLOWED
    row = await shop.database.read(lambda tx: tx.execute(select(cases)).one())
    assert (row.episode_id, row.grade, row.status) == (episode, "important", "open")
    assert row.due_at == rated_at + timedelta(hours=24)
    steps = await shop.database.read(lambda tx: tx.execute(select(case_steps.c.text)).all())
    assert ("客户说明：问题没解决",) in [tuple(step) for step in steps]

    found = await shop.report()
    assert found.csat.asked == found.csat.answered == 1
    assert found.csat.scores["1"] == 1
    assert (found.csat.satisfied.k, found.csat.satisfied.n) == (0, 1)
    assert found.episodes == 1, "an answer to our question is no contact"
    assert len(await shop.database.read(lambda tx: tx.execute(select(episodes)).all())) == 1


async def test_nobody_is_asked_twice_within_24_hours_on_any_channel(shop: Counter) -> None:
    wechat = ConversationKey("wechat", "openid")
    await shop.visit()
    assert await shop.satisfaction.ask_due() == 1
    assert await shop.press(0) == THANKS
    await shop.belongs(CHAT, "C1")

    shop.clock.advance(3 * 3600)
    await shop.visit()
    assert await shop.satisfaction.ask_due() == 0
    await shop.visit(wechat)
    await shop.belongs(wechat, "C1")
    assert await shop.satisfaction.ask_due() == 0, "the same person elsewhere"

    shop.clock.advance(22 * 3600)
    episode = await shop.visit(wechat)
    assert await shop.satisfaction.may_ask(episode)
    assert await shop.satisfaction.ask_due() == 1
    assert not await shop.satisfaction.may_ask(episode)
    assert (await shop.heard(wechat))[-1].text == QUESTION


async def test_the_first_score_counts_and_a_running_episode_goes_on(shop: Counter) -> None:
    await shop.visit()
    await shop.satisfaction.ask_due()
    question = (await shop.heard())[-1]
    assert await shop.press(0) == THANKS
    shop.engine.next = answer("query_order", "已发货。", fulfilled=True)
    running = await shop._send(CHAT, "再问一下订单")
    await shop._send(CHAT, "", Choice(question.seq, 4))
    assert (await shop.heard())[-1].text == ALREADY
    shop.engine.next = answer("query_order", "已发货。", fulfilled=True)
    assert await shop._send(CHAT, "还有一单") == running
    assert (await shop.report()).csat.scores["5"] == 1


async def test_who_left_or_has_come_back_or_ended_long_ago_is_not_asked(shop: Counter) -> None:
    await shop.visit(fulfilled=False)
    assert await shop.satisfaction.ask_due() == 0, "left without an answer"
    await shop.visit()
    shop.engine.next = answer("query_order", "已发货。", fulfilled=True)
    await shop._send(CHAT, "又来了")
    assert await shop.satisfaction.ask_due() == 0, "is talking to us again"
    await shop.turns.end(CHAT)
    await shop.reports.catch_up()
    shop.clock.advance(3 * 3600)
    assert await shop.satisfaction.ask_due() == 0, "too long ago"


async def test_a_caller_rates_by_a_key(shop: Counter) -> None:
    call = ConversationKey("phone", "call-1")
    episode = await shop.visit(call)
    assert await shop.satisfaction.ask_due() == 0, "the phone asks by itself"
    assert await shop.satisfaction.may_ask(episode)
    assert "回访" in await shop.satisfaction.by_key(episode, "2")
    assert not await shop.satisfaction.may_ask(episode)
    await shop.satisfaction.by_key(episode, "5")
    found = await shop.report()
    assert found.csat.scores["2"] == found.csat.answered == 1
    with pytest.raises(ValueError, match="key"):
        await shop.satisfaction.by_key(episode, "9")


FRIDAY = datetime(2026, 11, 6, 15, 0, tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("score", "level", "grade", "due"),
    [
        (1, "severe", "urgent", FRIDAY + timedelta(hours=1)),
        (1, "medium", "urgent", FRIDAY + timedelta(hours=1)),
        (1, "light", "important", FRIDAY + timedelta(hours=24)),
        (2, "severe", "ordinary", FRIDAY + timedelta(days=5)),
    ],
)
def test_a_case_is_due_by_its_grade(score: int, level: str, grade: str, due: datetime) -> None:
    assert grade_of(score, level) == grade
    assert due_of(grade, FRIDAY) == due

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

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
from bot.records.tables import case_steps, cases, conversations, episodes, satisfaction
from bot.reports import Report, ReportFilter, Reports
from bot.satisfaction import REASONS, Satisfaction
from bot.satisfaction.cases import due_of, grade_of
from bot.satisfaction.rating import ALREADY, FOLLOWED, QUESTION, TELL_US, THANKS, WHY
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


async def rated_otherwise(shop: Counter) -> str:
    """A low score with the reason "其他"; returns the episode."""
    episode = await shop.visit()
    await shop.satisfaction.ask_due()
    await shop.press(4)
    said = await shop.press(REASONS.index("其他"))
    assert said.startswith(FOLLOWED) and TELL_US in said
    return episode


async def test_a_reason_in_words_stands_in_the_case_masked(shop: Counter) -> None:
    episode = await rated_otherwise(shop)
    shop.engine.next = None  # the engine is not asked
    assert await shop._send(CHAT, "原因：等了三天，一直没人打我电话13812345678") == episode
    assert (await shop.heard())[-1].text == FOLLOWED
    steps = await shop.database.read(lambda tx: tx.execute(select(case_steps.c.text)).all())
    assert "客户说明：等了三天，一直没人打我电话138****5678" in [step.text for step in steps]
    kept = await shop.database.read(lambda tx: tx.execute(select(satisfaction.c.reason)).one())
    assert kept.reason == "其他：等了三天，一直没人打我电话138****5678"
    assert (await shop.report()).episodes == 1, "a reason is no contact"


@pytest.mark.parametrize(
    ("text", "later_s"),
    [("订单到哪了", 60), ("原因是什么", 60), ("原因：坏了，我要退货", 3700)],
)
async def test_a_new_request_after_a_low_score_is_a_request(
    shop: Counter, text: str, later_s: float
) -> None:
    episode = await rated_otherwise(shop)
    shop.clock.advance(later_s)
    shop.engine.next = answer("query_order", "已发货。", fulfilled=True)
    assert await shop._send(CHAT, text) != episode
    assert (await shop.heard())[-1].text == "已发货。"


async def test_a_reason_asked_for_in_a_new_episode_answers_that_question(shop: Counter) -> None:
    episode = await rated_otherwise(shop)
    shop.engine.next = answer("request_return", "请问退货的原因是？", fulfilled=False)
    running = await shop._send(CHAT, "我要退货")
    shop.engine.next = answer("request_return", "已为您登记。", fulfilled=True)
    assert await shop._send(CHAT, "原因：尺码不对") == running != episode
    assert (await shop.heard())[-1].text == "已为您登记。"


async def test_one_that_cannot_be_asked_does_not_stand_before_the_others(
    shop: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await shop.visit()
    await shop.visit(ConversationKey("app_chat", "another"))
    real, tried = Satisfaction._ask, []

    def ask(self: Satisfaction, tx: Connection, row: Any) -> Any:
        tried.append(row.episode_id)
        if row.episode_id == broken:
            raise ValueError("inconsistent")
        return real(self, tx, row)

    monkeypatch.setattr(Satisfaction, "_ask", ask)
    monkeypatch.setattr("bot.satisfaction.service.MOST", 1)
    assert await shop.satisfaction.ask_due() == 0
    assert "cannot ask" in caplog.text
    assert await shop.satisfaction.ask_due() == 1, "the other one, though only one is looked at"
    assert tried.count(broken) == 1


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

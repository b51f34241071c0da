"""From "not understood" to "trained": read, grouped, labelled, exported, read by Rasa's format."""

from __future__ import annotations

import asyncio
import multiprocessing
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from sqlalchemy import Connection

from bot.records import Database
from bot.reports import Reports
from bot.reports.clustering import group
from bot.reports.gaps import as_nlu
from tests.bot.reports.history import done, turn, visit, visitor
from tests.support.clock import TestClock
from tests.support.scarcity import descriptors_left
from tests.support.servers import wait_until

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DAYS = (date(2026, 11, 1), date(2026, 11, 30))

INSTALMENTS = ("能不能分期付款", "可以分期吗", "分其付款可以吗", "支持花呗分期不")
TRADE_IN = ("有没有以旧换新", "以旧换新怎么弄", "旧机子能换新吗")
SMOKE = ("加湿器冒白烟正常吗", "加湿器有白烟")


def test_texts_of_one_meaning_are_grouped_also_when_misspelt_by_sound() -> None:
    texts = [*INSTALMENTS, *TRADE_IN, *SMOKE, "hello in english please"]
    found = {frozenset(texts[at] for at in one.members) for one in group(texts)}
    assert found == {
        frozenset(INSTALMENTS),
        frozenset(TRADE_IN),
        frozenset(SMOKE),
        frozenset({"hello in english please"}),
    }


async def test_a_process_of_its_own_is_ready_to_group_before_anybody_asks(
    database: Database, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.reports.service.WARM_AFTER_S", 0)
    before = _children()
    reports = Reports(database, clock)
    await reports.start()
    # What an earlier test stopped may still be dying: it counts among those before, not after.
    await asyncio.to_thread(wait_until, lambda: _children() - before, 120, "no process")
    ours = _children() - before
    await reports.stop()
    await asyncio.to_thread(wait_until, lambda: not ours & _children(), 30, "it lives on")


async def test_that_no_process_can_be_started_for_it_is_written_to_the_log(
    database: Database,
    clock: TestClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.reports.service.WARM_AFTER_S", 0)
    reports = Reports(database, clock)
    said = "cannot group what was not understood"
    with descriptors_left(0):
        await reports.start()
        await asyncio.to_thread(wait_until, lambda: said in caplog.text, 30, "not a word")
    await reports.stop()


def _children() -> set[int | None]:
    return {child.pid for child in multiprocessing.active_children()}


def ask(tx: Connection) -> None:
    number = 0
    for text, times in ((INSTALMENTS[0], 3), *((text, 1) for text in INSTALMENTS[1:])):
        for _ in range(times):
            number += 1
            who = visitor(tx, "app_chat", f"v{number}", START)
            ranking = [{"name": "nlu_fallback"}, {"name": "promotion"}]
            at = START + timedelta(hours=number)
            visit(tx, who, at, (turn("nlu_fallback", ranking=ranking),), words=text)
    who = visitor(tx, "wechat", "w", START)
    visit(tx, who, START, (turn("nlu_fallback"),), words="我是张伟，13812345678，加湿器冒烟")
    visit(tx, who, START, (done("query_order"),), words="订单到哪了")
    visit(tx, who, START, (turn("nlu_fallback"),), words="试试看", test=True)


async def test_the_way_from_not_understood_to_training_data(
    database: Database, clock: TestClock
) -> None:
    reports = Reports(database, clock)
    await database.write(ask)

    found = await reports.gaps(*DAYS)
    assert found.messages == 7
    first, second = found.items
    assert (first.count, first.customers, first.suggestions) == (6, 6, ("promotion",))
    assert {example.text for example in first.examples} == set(INSTALMENTS)
    assert "13812345678" not in second.title

    assert await reports.label_gap(first.keys, "faq/instalments", "ag_1") == 4
    assert await reports.label_gap(second.keys, "product_question", "ag_1") == 1
    left = await reports.gaps(*DAYS)
    assert (left.items, left.labelled) == ((), 5)
    await reports.stop()

    text = await reports.export()
    data = yaml.safe_load(text)
    assert data["version"] == "3.1"
    assert [one["intent"] for one in data["nlu"]] == ["faq/instalments"]
    lines = data["nlu"][0]["examples"].splitlines()
    assert {line.removeprefix("- ") for line in lines} == set(INSTALMENTS)
    assert "13812345678" not in text
    assert "# product_question: " in text, "what was masked is put in other words by hand"
    assert yaml.safe_load(await reports.export())["nlu"] == []
    assert yaml.safe_load(await reports.export(everything=True)) == data


async def test_a_label_must_be_one_that_can_be_trained(
    database: Database, clock: TestClock
) -> None:
    reports = Reports(database, clock)
    for label in ("nlu_fallback", "no_such_intent", "faq/", "faq/../x", "query_order\nx"):
        with pytest.raises(ValueError, match="label"):
            await reports.label_gap(["0" * 32], label, "ag_1")


def test_a_text_that_looks_like_markup_stays_a_text() -> None:
    texts = ["开[票](product)吗", "- 招人: 吗", "{x}: |", "'引号\" #不是注释"]
    data = yaml.safe_load(as_nlu(("invoice", text) for text in texts))
    lines = data["nlu"][0]["examples"].splitlines()
    assert lines == [f"- {text.replace('[', '［').replace(']', '］')}" for text in texts]

"""The figures themselves, and that every way to them gives the same."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from bot.errors import NotFound
from bot.records import Database
from bot.records.facts import bucket, middle_of
from bot.records.tables import episode_facts
from bot.reports import CellKey, Costs, Report, ReportFilter, Reports, as_csv
from bot.reports.statistics import rate, wilson
from tests.bot.reports.history import PEOPLE, done, turn, visit, visitor
from tests.support.clock import TestClock

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NOVEMBER = ReportFilter.model_validate({"from": "2026-11-01", "to": "2026-11-30"})


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(21, 30, 52.1, 83.3), (700, 1000, 67.1, 72.8), (10, 10, 72.2, 100.0), (0, 10, 0.0, 27.8)],
)
def test_the_interval_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert [round(100 * edge, 1) for edge in found] == [low, high]


def test_fewer_than_30_are_greyed_and_nothing_has_no_rate() -> None:
    assert rate(20, 29).greyed
    assert not rate(20, 30).greyed
    assert rate(0, 0).rate is None


@pytest.mark.parametrize("milliseconds", [1.5, 40, 999, 61_000, 3_600_000])
def test_a_duration_is_kept_to_one_part_in_twenty(milliseconds: float) -> None:
    assert middle_of(bucket(milliseconds)) * 1000 == pytest.approx(milliseconds, rel=0.05)


def a_week(tx: Connection) -> None:
    """Eight contacts of which five are eligible… see the numbers below."""
    talks = [
        (done("query_order", waited_ms=100, tier="gold"), turn("thanks", waited_ms=50)),
        (done("query_logistics", waited_ms=200),),
        (turn("complaint", waited_ms=300, emotion={"label": "negative", "level": "medium"}),
         *PEOPLE),
        (turn("query_refund", waited_ms=100),
         ("handoff_opened", {"reason": "asked_for_human", "sla_s": 600.0}),
         ("handoff_cancelled", {})),
        (turn("query_order", waited_ms=100),),
        (turn(None, errors=[{"where": "service"}]),),
        (turn("greet"),),
        (turn("abuse"),),
    ]  # fmt: skip
    for number, talk in enumerate(talks):
        channel = "wechat" if number == 1 else "app_chat"
        who = visitor(tx, channel, f"v{number}", START)
        visit(tx, who, START + timedelta(days=number), talk, customer=f"C{number}")


@pytest_asyncio.fixture
async def reports(database: Database, clock: TestClock) -> Reports:
    await database.write(a_week)
    clock.advance(days=30)
    return Reports(database, clock, Costs(6, 60, 0.5))


async def test_every_figure_of_a_small_history(reports: Reports) -> None:
    found = await reports.report(NOVEMBER)
    assert (found.episodes, found.eligible) == (8, 6)
    assert found.excluded.model_dump() == {
        "greeting_only": 1, "spam": 1, "test": 0, "proactive": 0,
    }  # fmt: skip
    assert {name: n for name, n in found.outcomes.items() if n} == {
        "automated_confirmed": 1, "automated_fulfilled": 1, "handed_off": 1,
        "handoff_failed": 1, "abandoned": 1, "bot_error": 1,
    }  # fmt: skip
    assert (found.automation.k, found.automation.n) == (2, 6)
    assert found.containment.k == 4
    assert found.handoff.k == 2
    assert found.abandonment.k == 1
    assert found.bot_errors.k == 1
    assert [(r.reason, r.count) for r in found.handoff_reasons] == [("asked_for_human", 2)]
    assert (found.first_contact_resolution.k, found.first_contact_resolution.n) == (3, 6)
    assert (found.sla_kept.k, found.sla_kept.n) == (1, 1), "who left in time was promised nothing"
    assert found.queue_wait.n == 1
    assert found.queue_wait.p50_s == pytest.approx(1, rel=0.05)
    assert found.response_first.n == 5
    assert found.response_first.p50_s == pytest.approx(0.1, rel=0.05)
    assert found.response_first.p95_s == pytest.approx(0.3, rel=0.05)
    assert found.response_each.n == 6
    assert found.emotion.messages["negative"] == 1
    assert found.emotion.episodes["medium"] == 1
    assert found.saving.yuan == 2 * 6 / 60 * 60 - 6 * 0.5
    assert sum(cell.n for cell in found.cells) == sum(cell.n for cell in found.days) == 6
    assert [cell.day for cell in found.days] == [
        date(2026, 11, 1) + timedelta(days=n) for n in range(30)
    ]
    assert {cell.tier: cell.n for cell in found.tiers} == {"gold": 1, "none": 5}
    only = await reports.report(NOVEMBER.model_copy(update={"channel": "wechat"}))
    assert (only.automation.k, only.automation.n) == (1, 1)


async def test_each_aim_says_whether_it_is_kept(database: Database, reports: Reports) -> None:
    found = await reports.report(NOVEMBER)
    assert (found.repetitive.k, found.repetitive.n) == (2, 4), "orders, logistics, refund"
    reached = {aim.figure: (aim.aim, aim.value, aim.kept) for aim in found.aims}
    assert reached["automation"] == (0.6, 2 / 6, False)
    assert reached["repetitive"] == (0.8, 0.5, False)
    assert reached["first_contact_resolution"] == (0.85, 0.5, False)
    assert reached["csat"] == (0.9, None, None)
    assert reached["response_online"] == (60, found.response_online.p95_s, True)
    assert reached["response_hotline"] == (30, None, None)
    assert reached["continuity"] == (0.95, None, None), "nobody changed channels"
    assert "查物流" in found.explained["repetitive"].formula
    assert all(aim.figure in found.explained for aim in found.aims)
    rows = {row["figure"]: row for row in csv.DictReader(io.StringIO(as_csv(found)))}
    assert (rows["aims.repetitive"]["aim"], rows["aims.repetitive"]["kept"]) == ("0.8", "False")

    chosen = Reports(database, reports._clock, repetitive=["complaint"])
    other = await chosen.report(NOVEMBER)
    assert (other.repetitive.k, other.repetitive.n) == (0, 1)
    assert other.repetitive_intents == ("complaint",)


async def test_the_hotline_is_measured_by_its_own_aim(database: Database, clock: TestClock) -> None:
    def calls(tx: Connection) -> None:
        for number, waited_ms in enumerate((900, 40_000)):
            channel = ("app_chat", "phone")[number]
            who = visitor(tx, channel, f"v{number}", START)
            visit(tx, who, START, (done("query_order", waited_ms=waited_ms),))

    await database.write(calls)
    found = await Reports(database, clock).report(NOVEMBER)
    kept_ = {aim.figure: aim.kept for aim in found.aims}
    assert (kept_["response_online"], kept_["response_hotline"]) == (True, False)
    assert (found.response_online.n, found.response_hotline.n) == (1, 1)


@pytest.mark.parametrize(
    ("limits", "number"),
    [
        ({"worst": "medium"}, 1),
        ({"worst": "severe"}, 0),
        ({"handed": True}, 2),
        ({"handed": False}, 4),
        ({"csat": 5}, 0),
    ],
)
async def test_a_figure_opens_just_the_episodes_that_it_counts(
    reports: Reports, limits: dict[str, Any], number: int
) -> None:
    await reports.catch_up()
    cell = CellKey.model_validate({"from": "2026-11-01", "to": "2026-11-30", **limits})
    assert len((await reports.episodes_of(cell)).items) == number


async def test_csv_and_json_carry_the_same_figures(reports: Reports) -> None:
    found = await reports.report(NOVEMBER)
    again = Report.model_validate_json(found.model_dump_json(by_alias=True))
    assert again == found
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    by_figure = {row["figure"]: row for row in rows if not row["figure"].startswith("automation.")}
    assert float(by_figure["automation"]["value"]) == found.automation.rate
    assert int(by_figure["containment"]["k"]) == found.containment.k
    assert int(by_figure["outcomes.handed_off"]["value"]) == found.outcomes["handed_off"]
    cells = [row for row in rows if row["figure"] == "automation.cells"]
    assert [int(row["n"]) for row in cells] == [cell.n for cell in found.cells]


async def test_a_figure_leads_to_its_episodes_and_their_masked_words(reports: Reports) -> None:
    await reports.catch_up()
    failed = await reports.episodes_of(
        CellKey.model_validate(
            {"from": "2026-11-01", "to": "2026-11-30", "outcome": "handoff_failed"}
        )
    )
    (line,) = failed.items
    assert (line.intent_name, line.handoff_reason) == ("查退款", "asked_for_human")
    assert "13812345678" not in line.first_words
    assert "138****5678" in line.first_words
    words = await reports.transcript(line.id)
    assert [message.author for message in words.messages] == ["customer"]
    assert "13812345678" not in words.model_dump_json()
    with pytest.raises(NotFound):
        await reports.transcript("ep_none")


async def test_a_list_of_episodes_goes_page_by_page(reports: Reports) -> None:
    await reports.catch_up()
    cell = CellKey.model_validate({"from": "2026-11-01", "to": "2026-11-30"})
    seen: list[str] = []
    after = None
    while True:
        page = await reports.episodes_of(cell, after=after, limit=3)
        seen += [line.id for line in page.items]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 8


async def test_a_week_of_fulfilled_episodes_is_drawn_and_labelled(
    database: Database, clock: TestClock
) -> None:
    def many(tx: Connection) -> None:
        for number in range(130):
            who = visitor(tx, "app_chat", f"v{number}", START)
            at = START + timedelta(hours=number)
            visit(tx, who, at, (done("query_order"),), customer=f"C{number}")

    await database.write(many)
    reports = Reports(database, clock)
    await reports.catch_up()
    drawn = await reports.audit_sample(date(2026, 11, 4))
    assert drawn.week == date(2026, 11, 2)
    assert len(drawn.items) == 100
    ids = [item.episode.id for item in drawn.items]
    assert [item.episode.id for item in (await reports.audit_sample(drawn.week)).items] == ids
    for number, episode in enumerate(ids[:40]):
        await reports.audit_label(episode, "wrong" if number < 2 else "right", "", "ag_1")
    await reports.audit_label(ids[0], "unsure", "看不出来", "ag_1")
    labelled = await reports.audit_sample(drawn.week)
    assert (labelled.precision.k, labelled.precision.n, labelled.labelled) == (38, 39, 40)
    found = await reports.report(NOVEMBER)
    assert found.audit.precision == labelled.precision
    assert (found.audit.unsure, found.audit.wanted) == (1, 100)
    others = await database.read(
        lambda tx: (
            tx.execute(
                select(episode_facts.c.episode_id).where(episode_facts.c.episode_id.not_in(ids))
            )
            .scalars()
            .all()
        )
    )
    with pytest.raises(NotFound):
        await reports.audit_label(others[0], "right", "", "ag_1")
    with pytest.raises(ValueError, match="label"):
        await reports.audit_label(ids[0], "perhaps", "", "ag_1")

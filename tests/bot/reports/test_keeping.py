from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, select, update

from bot.records import Database
from bot.records.dirty import mark_episode
from bot.records.episodes import settle_outcome
from bot.records.tables import episode_facts, metadata, not_understood, report_cells
from bot.reports import ReportFilter, Reports, filling, rebuilding
from bot.reports.keeping import recount_day, take_up
from bot.reports.verifying import Repeat
from tests.bot.reports.history import (
    PEOPLE,
    becomes,
    done,
    forget,
    kept,
    note,
    turn,
    visit,
    visitor,
)
from tests.support.clock import TestClock

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CHANNELS = ("app_chat", "wechat", "phone")
TALKS = (
    (done("query_order"),),
    (done("query_order"), turn("thanks")),
    (done("query_logistics"), done("query_order")),
    (turn("query_refund"),),
    (turn("greet"),),
    (turn("nlu_fallback"),),
    (turn("complaint"), *PEOPLE),
    (turn(None, errors=[{"where": "service"}]),),
    (("handoff_opened", {"reason": "off_hours"}), ("left_message", {})),
    (done("faq/shipping_time", tier="gold", waited_ms=120),),
    (done("query_order", emotion={"label": "negative", "level": "medium"}),),
    (turn("abuse"), *PEOPLE[:3], ("resolved", {"disposition": "spam"})),
)

visits = st.tuples(
    st.just("visit"),
    st.sampled_from(CHANNELS),
    st.integers(0, 2),
    st.sampled_from(TALKS),
    st.sampled_from((1, 20, 60, 80, 200)),
)
merges = st.tuples(
    st.just("merge"), st.sampled_from(CHANNELS), st.integers(0, 2), st.integers(0, 1)
)
later = st.tuples(st.sampled_from(("score", "answer", "count")), st.integers(0, 9))


def play(tx: Connection, steps: list[tuple[Any, ...]]) -> None:
    now, met = START, []
    for step in steps:
        if step[0] == "visit":
            _, channel, number, talk, hours = step
            now += timedelta(hours=hours)
            who = visitor(tx, channel, f"v{number}", now)
            met.append((who, visit(tx, who, now, talk)))
        elif step[0] == "merge":
            _, channel, number, customer = step
            becomes(tx, visitor(tx, channel, f"v{number}", now), f"C{customer}", now)
        elif step[0] == "count":
            take_up(tx, 1 + step[1])
        elif met:
            who, episode = met[step[1] % len(met)]
            if step[0] == "score":
                note(tx, who, episode, "csat_given", {"score": 1 + step[1] % 5}, now)
                mark_episode(tx, episode)
            else:
                note(tx, who, episode, "message_answered", {}, now)
                settle_outcome(tx, episode)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(visits, visits, merges, later), max_size=14))
def test_figures_kept_step_by_step_are_those_of_the_whole_history(
    steps: list[tuple[Any, ...]],
) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as tx:
        play(tx, steps)
        while take_up(tx, 3):
            pass
        step_by_step = kept(tx)
        forget(tx)
        while take_up(tx):
            pass
        assert kept(tx) == step_by_step
        for day in {row[3] for row in step_by_step[0]}:
            assert recount_day(tx, day) == 0
    engine.dispose()


async def test_rebuilding_gives_the_same_figures_and_mends_wrong_ones(
    database: Database, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[Any, ...]] = [
        ("visit", channel, number, talk, 7)
        for number, talk in enumerate(TALKS)
        for channel in CHANNELS
    ]
    await database.write(lambda tx: play(tx, steps))
    reports = Reports(database, clock)
    await reports.catch_up()
    right = await database.read(kept)
    again = await reports.rebuild()
    assert (again.episodes, again.differed, again.cells_differed) == (len(steps), 0, 0)
    assert await database.read(kept) == right

    def spoil(tx: Connection) -> None:
        some = select(episode_facts.c.episode_id).limit(5)
        tx.execute(delete(episode_facts).where(episode_facts.c.episode_id.in_(some)))
        tx.execute(update(report_cells).values(counts='{"all":7}'))

    await database.write(spoil)
    monkeypatch.setattr(rebuilding, "FEW", 0)  # in processes of their own, as for much history
    mended = await reports.rebuild()
    assert mended.differed == 5
    assert mended.cells_differed > 0
    assert await database.read(kept) == right

    def lose(tx: Connection) -> None:
        for table in (episode_facts, report_cells, not_understood):
            tx.execute(delete(table))

    await database.write(lose)
    anew = await reports.rebuild()
    assert (anew.episodes, anew.differed) == (len(steps), len(steps))
    assert await database.read(kept) == right


async def test_what_is_counted_while_history_is_derived_anew_stays(
    database: Database, clock: TestClock
) -> None:
    """Between deriving and writing an episode may change; the newer one is kept."""
    step = ("visit", "app_chat", 1, TALKS[0], 7)
    await database.write(lambda tx: play(tx, [step, step]))
    reports = Reports(database, clock)
    await reports.catch_up()
    right = await database.read(kept)
    rows = [tuple(row) for row in right[0]]
    stale = [(*row[:-1], '{"each:1":1}') for row in rows]
    assert await database.write(lambda tx: filling.add_missing(tx, stale, [])) == 0
    wrong = [Repeat(str(row[0]), (1, True, False), (2, True, False)) for row in rows]
    others = await database.write(lambda tx: filling.set_repeats(tx, wrong))
    assert others == [row[0] for row in rows]
    assert await database.read(kept) == right


@pytest.fixture
def reports(database: Database, clock: TestClock) -> Reports:
    return Reports(database, clock)


NOVEMBER = ReportFilter.model_validate({"from": "2026-11-01", "to": "2026-11-30"})


async def test_an_anonymous_contact_follows_its_customer_to_other_channels(
    database: Database, reports: Reports
) -> None:
    def two_strangers(tx: Connection) -> None:
        visit(tx, visitor(tx, "app_chat", "a", START), START, TALKS[0])
        at = START + timedelta(hours=5)
        visit(tx, visitor(tx, "wechat", "b", at), at, TALKS[0])

    await database.write(two_strangers)
    assert (await reports.report(NOVEMBER)).automation.k == 2

    def one_person(tx: Connection) -> None:
        for channel, name in (("app_chat", "a"), ("wechat", "b")):
            becomes(tx, visitor(tx, channel, name, START), "C1", START)

    await database.write(one_person)
    merged = await reports.report(NOVEMBER)
    assert (merged.automation.k, merged.automation.n) == (1, 2)
    assert merged.repeats_72h.k == 1
    assert merged.first_contact_resolution.k == 0
    assert merged.first_contact_resolution.n == 1
    assert (merged.continuity.k, merged.continuity.n) == (0, 1), "known too late to go on from"


async def test_who_changes_channels_and_is_known_there_at_once_goes_on(
    reports: Reports, database: Database
) -> None:
    about = done("query_refund")

    def everybody(tx: Connection) -> None:
        later = START + timedelta(days=2)
        for name, then, talk in (
            ("vouched", later, (about,)),
            ("proves it", later, (turn("query_refund"), ("verified", {"by": "code"}), about)),
            ("about something else", later, (done("query_points"),)),
            ("a week later", START + timedelta(days=9), (about,)),
        ):
            visit(tx, visitor(tx, "phone", name, START), START, (about,), customer=name)
            who = visitor(tx, "wechat", name, START)
            visit(tx, who, then, talk, customer=name if name != "proves it" else None)
            becomes(tx, who, name, then)
        same = visitor(tx, "phone", "vouched", START)
        visit(tx, same, START + timedelta(hours=1), (about,), customer="vouched")

    await database.write(everybody)
    found = await reports.report(NOVEMBER)
    assert (found.continuity.k, found.continuity.n) == (2, 2)
    (aim,) = (aim for aim in found.aims if aim.figure == "continuity")
    assert (aim.value, aim.kept) == (1.0, True)
    anew = await reports.rebuild()
    assert (anew.differed, anew.cells_differed) == (0, 0)


HOURS = (23, 25, 71, 73, 167, 169)


async def test_a_repeat_contact_takes_the_success_back_within_its_time(
    reports: Reports, database: Database
) -> None:
    def twice(tx: Connection) -> None:
        for hours in HOURS:
            who = visitor(tx, "app_chat", f"after {hours}", START)
            visit(tx, who, START, TALKS[0], customer=f"C{hours}")
            visit(tx, who, START + timedelta(hours=hours), TALKS[0], customer=f"C{hours}")

    await database.write(twice)
    found = await reports.report(NOVEMBER)
    second = len(HOURS)
    assert found.automation_24h.k - second == 5
    assert found.automation.k - second == 3
    assert found.automation_7d.k - second == 1
    assert (found.repeats_24h.k, found.repeats_72h.k, found.repeats_7d.k) == (1, 3, 5)


async def test_coming_back_about_something_else_or_only_to_greet_takes_nothing_back(
    reports: Reports, database: Database
) -> None:
    def visits_(tx: Connection) -> None:
        who = visitor(tx, "app_chat", "a", START)
        for number, talk in enumerate((TALKS[0], (done("invoice"),), (turn("greet"),))):
            visit(tx, who, START + timedelta(hours=2 * number), talk)
        visit(tx, who, START + timedelta(hours=8), TALKS[0], test=True)

    await database.write(visits_)
    found = await reports.report(NOVEMBER)
    assert (found.automation.k, found.automation.n) == (2, 2)
    assert found.excluded.greeting_only == 1
    assert found.excluded.test == 1
    assert found.episodes == 4


async def test_figures_are_provisional_until_72_hours_have_passed(
    reports: Reports, database: Database, clock: TestClock
) -> None:
    began = clock()
    await database.write(lambda tx: visit(tx, visitor(tx, "app_chat", "a", began), began, TALKS[0]))
    today = ReportFilter.model_validate(
        {"from": (began - timedelta(days=2)).date(), "to": (began + timedelta(days=2)).date()}
    )
    fresh = await reports.report(today)
    assert fresh.provisional
    assert fresh.automation.provisional
    assert fresh.cells[0].provisional
    assert fresh.provisional_until == began + timedelta(hours=72, seconds=1)
    clock.advance(hours=73)
    final = await reports.report(today)
    assert not final.provisional
    assert not final.automation.provisional
    assert not final.automation_24h.provisional
    assert final.automation_7d.provisional
    assert not final.cells[0].provisional

"""The reports find exactly what a simulated history really was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.clock import BUSINESS_ZONE
from bot.records import Database
from bot.records.facts import Facts
from bot.records.outcome import Outcome
from bot.reports import Costs, Report, ReportFilter, Reports
from bot.reports.assembling import Material, assemble
from bot.reports.repeats import mark_repeats
from bot.reports.rows import FactRow, contribution, row_of
from yingda.simulation import Contact, Simulation, Truth, World, plan

UNTIL = date(2026, 11, 20)


async def test_the_report_of_a_simulated_history_is_its_truth(database: Database) -> None:
    days = 6
    since = UNTIL - timedelta(days=days - 1)
    world = World(contacts_a_month=6, nothing_asked=0.15, returning=0.3)
    contacts = plan(world, 7, customers=45, days=days, until=UNTIL)
    start = datetime.combine(since, time(), BUSINESS_ZONE)
    simulation = Simulation(database, 7, start, contacts)
    truth = Truth.of(await simulation.run())
    assert truth.eligible > 30
    assert truth.repeated["72h"] > 3
    reports = Reports(database, simulation.clock)
    wanted = ReportFilter(since=since, until=UNTIL)
    found = await reports.report(wanted)
    assert found.episodes == truth.episodes
    assert found.eligible == truth.eligible
    assert found.in_progress == 0
    assert {name: n for name, n in found.outcomes.items() if n} == dict(truth.outcomes)
    excluded = {name: n for name, n in found.excluded.model_dump().items() if n}
    assert excluded == dict(truth.excluded)
    for name, rate, repeats in (
        ("24h", found.automation_24h, found.repeats_24h),
        ("72h", found.automation, found.repeats_72h),
        ("7d", found.automation_7d, found.repeats_7d),
    ):
        assert rate.k == truth.automated[name], name
        assert repeats.k == truth.repeated[name], name
    for cell in found.channels:
        assert cell.n == truth.by_channel[cell.channel or "", "eligible"]
        assert cell.k == truth.by_channel[cell.channel or "", "automated"]
    assert found.response_first.n > 0
    assert {int(name): n for name, n in found.csat.scores.items() if n} == dict(simulation.scores)
    assert simulation.scores
    assert found.handoff_reasons
    assert (await reports.rebuild()).differed == 0
    assert await reports.report(wanted) == found


def test_the_interval_covers_the_true_rate_for_about_95_of_100_seeds() -> None:
    world = World(by_intent=False, nothing_asked=0.0)
    seeds = 200
    covered = 0
    for seed in range(seeds):
        rows = [
            _row(number, contact.at, contact.customer.person(contact.channel), contact)
            for number, contact in enumerate(plan(world, seed, customers=80, days=30, until=UNTIL))
        ]
        found = _report(rows).automation
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= world.automation_rate <= found.high
    # Of 200 draws at 95 %, 181 or fewer have a probability of 0.6 %, 199 or more of 0.05 %.
    assert 182 <= covered <= 198


def _row(number: int, at: datetime, person: str, contact: Contact) -> FactRow:
    intent, outcome = contact.intent, contact.outcome
    facts = Facts(
        "app_chat",
        at.astimezone(UTC),
        at.astimezone(UTC),
        outcome=Outcome(outcome),
        intent=intent,
        subjects=(intent,),
    )
    return row_of(f"ep_{number}", "co", person, facts)


def _report(rows: list[FactRow]) -> Report:
    by_person: dict[str, list[FactRow]] = {}
    for row in rows:
        by_person.setdefault(row.person, []).append(row)
    for contacts in by_person.values():
        mark_repeats(contacts)
    # Those whose 72 hours have passed; the others could still come back.
    final = UNTIL - timedelta(days=3)
    got = Material(
        [(row.cell, contribution(row)) for row in rows if row.day <= final.isoformat()],
        {},
        None,
        0,
        {},
    )
    wanted = ReportFilter(since=UNTIL - timedelta(days=29), until=UNTIL)
    return assemble(wanted, got, Costs(), datetime(2026, 12, 1, tzinfo=UTC))

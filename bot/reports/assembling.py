"""From sums to a report: pure functions of what was read from the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from bot.names import REASONS, TIERS, channel_name, intent_name
from bot.records.facts import middle_of
from bot.records.outcome import Outcome
from bot.reports.aims import HOTLINE, REPETITIVE, Reached, aims, explained
from bot.reports.models import (
    Audit,
    Cell,
    Durations,
    Emotion,
    Exclusions,
    Rate,
    Reason,
    Report,
    ReportFilter,
    Satisfaction,
    Saving,
)
from bot.reports.rows import DAY_S, FINAL_S, WEEK_S, CellId
from bot.reports.statistics import TOO_FEW, rate, wilson
from bot.settings import Settings

AUDITED_A_WEEK = 100
FORMULA = "自动化会话数 × 每次人工时长(分钟) ÷ 60 × 人工时薪 − 有效会话数 × 机器人单次成本"

Sums = Mapping[str, int]


@dataclass(frozen=True)
class Costs:
    """Inputs of the cost formula; settings (docs/measuring.md).

    Args:
        agent_minutes: an agent's working time for one contact.
        agent_yuan_per_hour: what an hour of an agent costs, everything included.
        bot_yuan_per_episode: what a contact costs the assistant (servers, messages).
    """

    agent_minutes: float = 6.0
    agent_yuan_per_hour: float = 45.0
    bot_yuan_per_episode: float = 0.05


def costs_of(settings: Settings) -> Costs:
    """The inputs of the cost formula that are in force."""
    return Costs(
        agent_minutes=settings.agent_minutes_per_contact,
        agent_yuan_per_hour=settings.agent_yuan_per_hour,
        bot_yuan_per_episode=settings.bot_yuan_per_episode,
    )


@dataclass(frozen=True)
class Material:
    """What a report is made of.

    Args:
        cells: sums by cell.
        fresh: eligible episodes that ended within 72 h, by cell.
        newest: when the latest eligible episode ended; None without any of the last week.
        in_progress: episodes that have not ended.
        labels: audits by label.
    """

    cells: Sequence[tuple[CellId, Sums]]
    fresh: Mapping[CellId, int]
    newest: datetime | None
    in_progress: int
    labels: Mapping[str, int]


def assemble(
    wanted: ReportFilter,
    got: Material,
    costs: Costs,
    now: datetime,
    repetitive: Sequence[str] = REPETITIVE,
) -> Report:
    """The report over what was read.

    Args:
        wanted: what was asked for.
        got: what was read.
        costs: inputs of the cost formula.
        now: as of when.
        repetitive: main intents of repetitive questions.
    """
    whole = {cell: (sums, got.fresh.get(cell, 0)) for cell, sums in got.cells}
    # The other sums are added up from these, which are fewer.
    by_cell = _rolled(whole, lambda cell: cell[:3])
    by_day = _rolled(by_cell, lambda cell: cell[0])
    total = _sum(sums for sums, _fresh in by_day.values())
    fresh = sum(got.fresh.values())

    def share(k: int, *, of: str = "eligible", within_s: int = 0) -> Rate:
        provisional = got.newest is not None and now - got.newest < timedelta(seconds=within_s)
        return rate(k, total[of], provisional=provisional and total[of] > 0)

    by_channel = _rolled(by_cell, lambda cell: cell[1])
    by_intent = _rolled(by_cell, lambda cell: cell[2])
    online = _sum(sums for name, (sums, _) in by_channel.items() if name != HOTLINE)
    again = [by_intent[name] for name in repetitive if name in by_intent]
    repeated = _sum(sums for sums, _fresh in again)
    against = Reached(
        automation=share(total["automated:72h"], within_s=FINAL_S),
        repetitive=rate(
            repeated["automated:72h"],
            repeated["eligible"],
            provisional=any(n_fresh for _sums, n_fresh in again),
        ),
        first_contact_resolution=share(total["first_settled"], of="first", within_s=FINAL_S),
        satisfied=_satisfaction(total).satisfied,
        response_online=_durations(online, "first:"),
        response_hotline=_durations(by_channel.get(HOTLINE, ({}, 0))[0], "first:"),
        continuity=share(total["continued"], of="moved"),
    )
    failed, reached = total["outcome:handoff_failed"], total["outcome:handed_off"]
    until = got.newest + timedelta(seconds=FINAL_S) if got.newest and fresh else None
    return Report(
        filter=wanted,
        made_at=now,
        provisional=fresh > 0,
        provisional_until=until,
        provisional_episodes=fresh,
        episodes=total["all"],
        eligible=total["eligible"],
        in_progress=got.in_progress,
        excluded=Exclusions(
            **{name: total[f"excluded:{name}"] for name in Exclusions.model_fields}
        ),
        outcomes=_outcomes(total),
        automation=against.automation,
        automation_24h=share(total["automated:24h"], within_s=DAY_S),
        automation_7d=share(total["automated:7d"], within_s=WEEK_S),
        repetitive=against.repetitive,
        repetitive_intents=tuple(repetitive),
        aims=aims(against),
        audit=_audit(got.labels, by_day),
        containment=share(total["eligible"] - failed - reached),
        handoff=share(failed + reached),
        handoff_reasons=_reasons(total),
        abandonment=share(total["outcome:abandoned"]),
        bot_errors=share(total["outcome:bot_error"]),
        repeats_24h=share(total["repeat:24h"], within_s=DAY_S),
        repeats_72h=share(total["repeat:72h"], within_s=FINAL_S),
        repeats_7d=share(total["repeat:7d"], within_s=WEEK_S),
        first_contact_resolution=against.first_contact_resolution,
        continuity=against.continuity,
        response_first=_durations(total, "first:"),
        response_online=against.response_online,
        response_hotline=against.response_hotline,
        response_each=_durations(total, "each:"),
        queue_wait=_durations(total, "wait:"),
        sla_kept=rate(total["sla:kept"], total["sla:kept"] + total["sla:late"]),
        csat=_satisfaction(total),
        emotion=_emotion(total),
        saving=_saving(total, costs),
        days=tuple(_each_day(wanted, by_day)),
        channels=_largest(
            _cell(both, channel=name, name=channel_name(name)) for name, both in by_channel.items()
        ),
        intents=_largest(
            _cell(both, intent=name, name=_intent(name)) for name, both in by_intent.items()
        ),
        tiers=_largest(
            _cell(both, tier=name, name=TIERS.get(name, name))
            for name, both in _rolled(whole, lambda cell: cell[3]).items()
        ),
        cells=tuple(
            _cell(
                both,
                day=date.fromisoformat(day),
                channel=channel,
                intent=intent,
                name=f"{channel_name(channel)} · {_intent(intent)}",
            )
            for (day, channel, intent), both in sorted(by_cell.items())
        ),
        explained=explained(repetitive),
    )


def weeks_of(days: Iterable[date]) -> set[date]:
    """The Mondays of days."""
    return {day - timedelta(days=day.weekday()) for day in days}


def _rolled[C, K](
    parts: Mapping[C, tuple[Sums, int]], key: Callable[[C], K]
) -> dict[K, tuple[Sums, int]]:
    """Sums of what has the same key, and how many of it are fresh."""
    sums: dict[K, dict[str, int]] = defaultdict(dict)
    fresh: Counter[K] = Counter()
    for cell, (counts, n_fresh) in parts.items():
        name = key(cell)
        fresh[name] += n_fresh
        into = sums[name]
        for measure, n in counts.items():
            into[measure] = into.get(measure, 0) + n
    return {name: (counts, fresh[name]) for name, counts in sums.items()}


def _sum(parts: Iterable[Sums]) -> Counter[str]:
    whole: Counter[str] = Counter()
    for sums in parts:
        whole.update(sums)
    return whole


def _cell(
    both: tuple[Sums, int],
    name: str,
    *,
    day: date | None = None,
    channel: str | None = None,
    intent: str | None = None,
    tier: str | None = None,
) -> Cell:
    sums, fresh = both
    n, k = sums.get("eligible", 0), sums.get("automated:72h", 0)
    low, high = wilson(k, n) if n else (None, None)
    scores = {score: sums.get(f"csat:{score}", 0) for score in range(1, 6)}
    answered = sum(scores.values())
    said = {label: sums.get(f"emotion:{label}", 0) for label in ("positive", "neutral", "negative")}
    messages = sum(said.values())
    return Cell(
        day=day,
        channel=channel,
        intent=intent,
        tier=tier,
        name=name,
        episodes=sums.get("all", 0),
        n=n,
        k=k,
        rate=k / n if n else None,
        low=low,
        high=high,
        provisional=fresh > 0,
        greyed=n < TOO_FEW,
        outcomes=_outcomes(sums),
        csat=sum(s * n for s, n in scores.items()) / answered if answered else None,
        negative=said["negative"] / messages if messages else None,
    )


def _each_day(wanted: ReportFilter, by_day: Mapping[str, tuple[Sums, int]]) -> Iterable[Cell]:
    for number in range((wanted.until - wanted.since).days + 1):
        day = wanted.since + timedelta(days=number)
        yield _cell(by_day.get(day.isoformat(), ({}, 0)), day=day, name=f"{day:%m-%d}")


def _largest(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(sorted(cells, key=lambda cell: (-cell.episodes, cell.name)))


def _intent(name: str) -> str:
    return "未识别" if name == "none" else intent_name(name) or name


def _outcomes(sums: Sums) -> dict[str, int]:
    return {outcome.value: sums.get(f"outcome:{outcome.value}", 0) for outcome in Outcome}


def _reasons(total: Sums) -> tuple[Reason, ...]:
    found = {
        name.removeprefix("handoff:"): n
        for name, n in total.items()
        if name.startswith("handoff:") and n
    }
    number = sum(found.values())
    return tuple(
        Reason(reason=reason, name=REASONS.get(reason, reason), count=n, share=n / number)
        for reason, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    )


def _durations(total: Sums, prefix: str) -> Durations:
    buckets = sorted(
        (int(name.removeprefix(prefix)), n) for name, n in total.items() if name.startswith(prefix)
    )
    number = sum(n for _bucket, n in buckets)

    def quantile(share: float) -> float | None:
        rank = ceil(share * number)
        for bucket, n in buckets:
            rank -= n
            if rank <= 0:
                return round(middle_of(bucket), 4)
        return None

    return Durations(n=number, p50_s=quantile(0.5), p95_s=quantile(0.95))


def _satisfaction(total: Sums) -> Satisfaction:
    scores = {str(score): total.get(f"csat:{score}", 0) for score in range(1, 6)}
    answered = sum(scores.values())
    points = sum(int(score) * n for score, n in scores.items())
    return Satisfaction(
        asked=total.get("csat_asked", 0),
        answered=answered,
        scores=scores,
        mean=points / answered if answered else None,
        satisfied=rate(scores["4"] + scores["5"], answered),
    )


def _emotion(total: Sums) -> Emotion:
    said = {name: total.get(f"emotion:{name}", 0) for name in ("positive", "neutral", "negative")}
    number = sum(said.values())
    return Emotion(
        messages=said,
        negative=said["negative"] / number if number else None,
        episodes={
            level: total.get(f"worst:{level}", 0) for level in ("none", "light", "medium", "severe")
        },
    )


def _saving(total: Sums, costs: Costs) -> Saving:
    automated, eligible = total.get("automated:72h", 0), total.get("eligible", 0)
    hours = automated * costs.agent_minutes / 60
    yuan = hours * costs.agent_yuan_per_hour - eligible * costs.bot_yuan_per_episode
    return Saving(
        yuan=round(yuan, 2),
        formula=FORMULA,
        inputs={
            "自动化会话数": automated,
            "每次人工时长(分钟)": costs.agent_minutes,
            "人工时薪": costs.agent_yuan_per_hour,
            "有效会话数": eligible,
            "机器人单次成本": costs.bot_yuan_per_episode,
        },
    )


def _audit(labels: Mapping[str, int], by_day: Mapping[str, tuple[Sums, int]]) -> Audit:
    fulfilled: Counter[date] = Counter()
    for day, (sums, _fresh) in by_day.items():
        (monday,) = weeks_of([date.fromisoformat(day)])
        fulfilled[monday] += sums.get("outcome:automated_fulfilled", 0)
    right, wrong = labels.get("right", 0), labels.get("wrong", 0)
    return Audit(
        precision=rate(right, right + wrong),
        labelled=sum(labels.values()),
        unsure=labels.get("unsure", 0),
        wanted=sum(min(AUDITED_A_WEEK, n) for n in fulfilled.values()),
    )

"""What we set out to reach, beside what was reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.names import intent_name
from bot.reports.explained import EXPLAINED
from bot.reports.models import Aim, Durations, Explained, Rate

REPETITIVE = (
    "query_order", "query_logistics", "query_points", "query_refund", "return_policy",
    "member_tier", "store_info", "promotion", "faq",
)  # fmt: skip
"""Intents whose answer is a look-up or a rule, asked again and again; ``faq`` are all ``faq/…``.
A shop may name its own (``YINGDA_REPETITIVE_INTENTS``)."""

HOTLINE = "phone"
"""The channel whose answers are measured by the hotline's aim; all others are online."""


@dataclass(frozen=True)
class Reached:
    """The figures that have an aim, as a report has them."""

    automation: Rate
    repetitive: Rate
    first_contact_resolution: Rate
    satisfied: Rate
    response_online: Durations
    response_hotline: Durations
    continuity: Rate


@dataclass(frozen=True)
class _Target:
    figure: str
    aim: float
    unit: Literal["share", "seconds"]
    of: Callable[[Reached], Rate | Durations]


_TARGETS = (
    _Target("automation", 0.60, "share", lambda got: got.automation),
    _Target("repetitive", 0.80, "share", lambda got: got.repetitive),
    _Target("first_contact_resolution", 0.85, "share", lambda got: got.first_contact_resolution),
    _Target("response_online", 60.0, "seconds", lambda got: got.response_online),
    _Target("response_hotline", 30.0, "seconds", lambda got: got.response_hotline),
    _Target("csat", 0.90, "share", lambda got: got.satisfied),
    _Target("continuity", 0.95, "share", lambda got: got.continuity),
)


def aims(got: Reached) -> tuple[Aim, ...]:
    """Each aim with what was reached: shares at least, 95 % of first answers within the time."""
    return tuple(_aim(target, target.of(got)) for target in _TARGETS)


def explained(repetitive: Sequence[str]) -> dict[str, Explained]:
    """All figures' names and formulas, with the intents that count as repetitive by name."""
    names = "、".join(intent_name(name) or name for name in repetitive)
    known = EXPLAINED["repetitive"]
    formula = known.formula.format(intents=names or "（没有设置）")
    return EXPLAINED | {"repetitive": Explained(name=known.name, formula=formula)}


def _aim(target: _Target, reached: Rate | Durations) -> Aim:
    value = reached.rate if isinstance(reached, Rate) else reached.p95_s
    kept = None
    if value is not None:
        kept = value >= target.aim if target.unit == "share" else value <= target.aim
    return Aim(
        figure=target.figure,
        name=EXPLAINED[target.figure].name,
        aim=target.aim,
        unit=target.unit,
        value=value,
        low=reached.low if isinstance(reached, Rate) else None,
        high=reached.high if isinstance(reached, Rate) else None,
        n=reached.n,
        kept=kept,
    )

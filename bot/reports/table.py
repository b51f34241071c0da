"""A report as one table of figures, for spreadsheets: the same numbers as its JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from bot.reports.models import Cell, Durations, Rate, Report

HEADER = (
    "figure", "day", "channel", "intent", "tier", "episodes", "n", "k", "value", "low", "high",
    "provisional", "greyed", "aim", "kept",
)  # fmt: skip

Row = dict[str, object]


def as_csv(report: Report) -> str:
    """The report as CSV with a header; ``figure`` says what a line is, shares are 0 to 1."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in _rows(report))
    return out.getvalue()


def _rows(report: Report) -> Iterator[Row]:
    for name in ("episodes", "eligible", "in_progress"):
        yield {"figure": name, "value": getattr(report, name)}
    for reason, n in report.excluded.model_dump().items():
        yield {"figure": f"excluded.{reason}", "value": n}
    for outcome, n in report.outcomes.items():
        yield {"figure": f"outcomes.{outcome}", "value": n}
    for name in type(report).model_fields:
        value = getattr(report, name)
        if isinstance(value, Rate):
            yield _rate(name, value)
        elif isinstance(value, Durations):
            yield {"figure": f"{name}.p50_s", "n": value.n, "value": value.p50_s}
            yield {"figure": f"{name}.p95_s", "n": value.n, "value": value.p95_s}
    for aim in report.aims:
        row = aim.model_dump(include={"value", "low", "high", "n", "aim", "kept"})
        yield {"figure": f"aims.{aim.figure}", **row}
    yield _rate("audit.precision", report.audit.precision)
    for why in report.handoff_reasons:
        yield {"figure": f"handoff_reasons.{why.reason}", "value": why.count}
    yield _rate("csat.satisfied", report.csat.satisfied)
    yield {"figure": "csat.mean", "n": report.csat.answered, "value": report.csat.mean}
    for score, n in report.csat.scores.items():
        yield {"figure": f"csat.scores.{score}", "value": n}
    for label, n in report.emotion.messages.items():
        yield {"figure": f"emotion.messages.{label}", "value": n}
    for level, n in report.emotion.episodes.items():
        yield {"figure": f"emotion.episodes.{level}", "value": n}
    yield {"figure": "saving.yuan", "value": report.saving.yuan}
    for kind in ("days", "channels", "intents", "tiers", "cells"):
        for cell in getattr(report, kind):
            yield _cell(kind, cell)


def _rate(name: str, value: Rate) -> Row:
    row = value.model_dump()
    return {"figure": name, "value": row.pop("rate"), **row}


def _cell(kind: str, cell: Cell) -> Row:
    return {
        "figure": f"automation.{kind}",
        "day": cell.day,
        "channel": cell.channel,
        "intent": cell.intent,
        "tier": cell.tier,
        "episodes": cell.episodes,
        "n": cell.n,
        "k": cell.k,
        "value": cell.rate,
        "low": cell.low,
        "high": cell.high,
        "provisional": cell.provisional,
        "greyed": cell.greyed,
    }

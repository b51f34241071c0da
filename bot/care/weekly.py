"""What upset customers in a week: causes with share, trend, sentences, products and carriers.

Counted are cases of upset customers by the day they were opened (Asia/Shanghai, weeks from Monday as
in ISO 8601), each once, by its main cause. Sentences are masked and shortened.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, select, tuple_

from bot.care.cases import ENDINGS, KIND, LEVEL_NAMES
from bot.care.policy import LEVELS
from bot.care.reasons import CAUSES
from bot.clock import BUSINESS_ZONE
from bot.privacy import mask_personal, mask_shown
from bot.records.tables import care_cases, care_signals, cases, messages

TOP = 3
_EXAMPLES = 3
_LONGEST = 60
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class Week:
    """A calendar week, from its Monday."""

    monday: date

    @classmethod
    def parse(cls, text: str) -> Week:
        """``2026-W47``.

        Raises:
            ValueError: no such week.
        """
        match = _WEEK.fullmatch(text)
        if match is None:
            raise ValueError("a week is written like 2026-W47")
        return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))

    @classmethod
    def of(cls, moment: datetime) -> Week:
        """The week of an aware moment."""
        day = moment.astimezone(BUSINESS_ZONE).date()
        return cls(day - timedelta(days=day.weekday()))

    @property
    def name(self) -> str:
        """``2026-W47``."""
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02}"

    def before(self) -> Week:
        """The week before it."""
        return Week(self.monday - timedelta(days=7))

    def bounds(self) -> tuple[datetime, datetime]:
        """From its first moment to the first of the next."""
        start = datetime.combine(self.monday, time(), BUSINESS_ZONE)
        end = datetime.combine(self.monday + timedelta(days=7), time(), BUSINESS_ZONE)
        return start, end


def weekly_causes(tx: Connection, week: Week, now: datetime) -> dict[str, Any]:
    """The report of a week; ``complete`` tells whether the week is over.

    Shares are of the week's cases, 0 to 1; ``share_before`` is last week's, None without any case.
    """
    rows, before = _cases(tx, week), _cases(tx, week.before())
    sentences = _sentences(tx, [row.id for row in rows])
    counted = Counter(row.cause for row in rows)
    past = Counter(row.cause for row in before)
    order = sorted(counted, key=lambda name: (-counted[name], CAUSES.index(name)))
    return {
        "week": week.name,
        "from": week.monday.isoformat(),
        "to": (week.monday + timedelta(days=6)).isoformat(),
        "complete": now >= week.bounds()[1],
        "cases": len(rows),
        "cases_before": len(before),
        "customers": len({row.shop_customer_id or row.conversation_id for row in rows}),
        "levels": {name: sum(row.level == name for row in rows) for name in LEVELS},
        "endings": {name: sum(row.ending == name for row in rows) for name in ENDINGS},
        "reopened": sum(row.reopened > 0 for row in rows),
        "late": sum(row.escalation > 0 for row in rows),
        "causes": [
            _cause(name, rows, len(before), past[name], sentences, top=place < TOP)
            for place, name in enumerate(order)
        ],
    }


def as_csv(report: dict[str, Any]) -> str:
    """The report as a table for spreadsheets, in Chinese, with a byte order mark."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(
        ["周", "原因", "个案", "占比", "上周个案", "上周占比", "变化（百分点）"]
        + [LEVEL_NAMES[name] for name in LEVELS]
        + ["涉及商品", "涉及承运商", "例句"]
    )
    for line in report["causes"]:
        share, past = line["share"], line["share_before"]
        writer.writerow(
            [
                report["week"],
                line["cause"],
                line["cases"],
                f"{share:.1%}",
                line["cases_before"],
                "" if past is None else f"{past:.1%}",
                "" if past is None else f"{(share - past) * 100:+.1f}",
                *(line["levels"][name] for name in LEVELS),
                "；".join(f"{one['name']} {one['cases']}" for one in line["products"]),
                "；".join(f"{one['name']} {one['cases']}" for one in line["carriers"]),
                "；".join(_harmless(text) for text in line["examples"]),
            ]
        )
    return out.getvalue()


def _harmless(text: str) -> str:
    """A sentence that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _cause(
    name: str,
    rows: Sequence[Any],
    all_before: int,
    before: int,
    sentences: dict[str, list[str]],
    *,
    top: bool,
) -> dict[str, Any]:
    mine = [row for row in rows if row.cause == name]
    share = len(mine) / len(rows)
    past = before / all_before if all_before else None
    return {
        "cause": name,
        "top": top,
        "cases": len(mine),
        "share": round(share, 4),
        "cases_before": before,
        "share_before": None if past is None else round(past, 4),
        "change": None if past is None else round(share - past, 4),
        "levels": {level: sum(row.level == level for row in mine) for level in LEVELS},
        "examples": _examples(mine, sentences),
        "products": _most(mine, "products"),
        "carriers": _most(mine, "carriers"),
    }


def _cases(tx: Connection, week: Week) -> list[Any]:
    start, end = week.bounds()
    query = (
        select(
            cases.c.id,
            cases.c.shop_customer_id,
            cases.c.conversation_id,
            care_cases.c.cause,
            care_cases.c.level,
            care_cases.c.ending,
            care_cases.c.reopened,
            care_cases.c.escalation,
            care_cases.c.facts,
        )
        .join(care_cases, care_cases.c.case_id == cases.c.id)
        .where(cases.c.kind == KIND, cases.c.opened_at >= start, cases.c.opened_at < end)
        .order_by(cases.c.opened_at, cases.c.id)
    )
    return list(tx.execute(query))


def _sentences(tx: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """The negative sentences of cases, strongest first, as they were said."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(ids), 500):
        signals = tx.execute(
            select(care_signals)
            .where(care_signals.c.case_id.in_(ids[start : start + 500]))
            .where(care_signals.c.kind == "negative", care_signals.c.seq.is_not(None))
            .order_by(care_signals.c.score.desc(), care_signals.c.id)
        ).all()
        places = {(s.conversation_id, s.seq) for s in signals}
        texts = _texts(tx, sorted(places))
        for one in signals:
            text = texts.get((one.conversation_id, one.seq))
            if text:
                found.setdefault(one.case_id, []).append(text)
    return found


def _texts(tx: Connection, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(places), 400):
        key = tuple_(messages.c.conversation_id, messages.c.seq)
        rows = tx.execute(
            select(messages.c.conversation_id, messages.c.seq, messages.c.text).where(
                key.in_(places[start : start + 400])
            )
        )
        found |= {(row.conversation_id, row.seq): row.text for row in rows}
    return found


def _examples(rows: Sequence[Any], sentences: dict[str, list[str]]) -> list[str]:
    """One sentence of each of the first cases, the worst level first, none twice."""
    ordered = sorted(rows, key=lambda row: -LEVELS.index(row.level))
    shown: dict[str, None] = {}
    for row in ordered:
        for text in sentences.get(row.id, ())[:1]:
            line = mask_personal(mask_shown(" ".join(text.split())))
            shown[line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"] = None
        if len(shown) >= _EXAMPLES:
            break
    return list(shown)


def _most(rows: Sequence[Any], kind: str) -> list[dict[str, Any]]:
    counted = Counter(name for row in rows for name in (row.facts or {}).get(kind, ()))
    return [{"name": name, "cases": count} for name, count in counted.most_common(3)]

"""Dates and periods as customers say them: 昨天, 上周五, 上个月, 十一月三号, 双十一."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from actions.reading.numbers import plain_digits

_DAYS_AGO = {
    "大前天": 3,
    "前天": 2,
    "昨天": 1,
    "昨晚": 1,
    "昨日": 1,
    "今天": 0,
    "今早": 0,
    "刚才": 0,
}
_FESTIVALS = {"双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12)}
_FESTIVALS |= {"618": (6, 18), "六一八": (6, 18), "国庆": (10, 1), "十一黄金周": (10, 1)}
_TENS = re.compile(r"([一二两三]?)十([一二三四五六七八九]?)")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Period:
    """Calendar days from ``start`` to ``end``, both included (business time zone)."""

    start: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether ``day`` lies in the period."""
        return self.start <= day <= self.end


def _tens(text: str) -> str:
    def number(match: re.Match[str]) -> str:
        tens = "一二三".find(match[1].replace("两", "二")) + 1 if match[1] else 1
        ones = "一二三四五六七八九".find(match[2]) + 1 if match[2] else 0
        return str(tens * 10 + ones)

    return _TENS.sub(number, text)


def _month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _last_time(month: int, day: int, today: date) -> date | None:
    """The last such calendar day that is not in the future (orders lie in the past)."""
    found = _day(today.year, month, day)
    if found and found > today:
        found = _day(today.year - 1, month, day)
    return found


def _festival(text: str, today: date) -> Period | None:
    for word, (month, day) in _FESTIVALS.items():
        if word in text:
            found = _last_time(month, day, today)
            # Sales run over several days around the day that names them.
            return Period(found - timedelta(10), found + timedelta(2)) if found else None
    return None


def _weeks(text: str, today: date) -> Period | None:
    monday = today - timedelta(today.weekday())
    named = re.search(r"(上上|上|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天])", text)
    if named:
        weekday = _WEEKDAYS.index(named[2].replace("天", "日"))
        back = {"上上": 2, "上": 1}.get(named[1] or "", 0)
        day = monday - timedelta(7 * back) + timedelta(weekday)
        if day > today:
            day -= timedelta(7)
        return Period(day, day)
    for word, back in (("上上周", 2), ("上周", 1), ("上星期", 1), ("上个星期", 1), ("上礼拜", 1)):
        if word in text:
            start = monday - timedelta(7 * back)
            return Period(start, start + timedelta(6))
    if re.search(r"(这|本)个?(周|星期|礼拜)", text):
        return Period(monday, today)
    return None


def _months(text: str, today: date) -> Period | None:
    first = today.replace(day=1)
    if re.search(r"上上个?月", text):
        before = (first - timedelta(1)).replace(day=1) - timedelta(1)
        return _month(before.year, before.month)
    if re.search(r"上个?月", text):
        before = first - timedelta(1)
        return _month(before.year, before.month)
    if re.search(r"(这|本)个?月", text):
        return Period(first, today)
    plain = plain_digits(_tens(text))
    exact = re.search(r"(?<!\d)(1[0-2]|0?[1-9])[月/.](3[01]|[12]\d|0?[1-9])[日号]?(?!\d)", plain)
    if exact:
        day = _last_time(int(exact[1]), int(exact[2]), today)
        return Period(day, day) if day else None
    only = re.search(r"(?<!\d)(1[0-2]|0?[1-9])月(?:份|的|买|下|那)", plain)
    if only:
        month = int(only[1])
        return _month(today.year if month <= today.month else today.year - 1, month)
    return None


def period_in(text: str, today: date) -> Period | None:
    """The period that a message names, or None.

    Args:
        text: what the customer wrote.
        today: the current day in the business time zone.
    """
    for word, back in _DAYS_AGO.items():
        if word in text:
            day = today - timedelta(back)
            return Period(day, day)
    ago = re.search(r"(\d{1,3})天(?:前|之前)", plain_digits(_tens(text)))
    if ago:
        day = today - timedelta(int(ago[1]))
        return Period(day, day)
    return _festival(text, today) or _weeks(text, today) or _months(text, today)


def days_in(text: str) -> int | None:
    """How many days a message speaks of ("签收五天了", "一个礼拜", "半个月"), or None."""
    if "半个月" in text:
        return 15
    plain = plain_digits(_tens(text))
    found = re.search(r"(\d{1,3})\s*(?:来|多)?(天|日(?!期)|个?(?:周|星期|礼拜)|个月)", plain)
    if not found:
        return None
    unit = 1 if found[2] in ("天", "日") else 30 if found[2] == "个月" else 7
    return int(found[1]) * unit

"""The day by which a parcel is hoped for: 明天, 周三前, 12月3号之前. It lies ahead, unlike the day of an order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from actions.dialogue import Request
from actions.reading import plain_digits

_NEAR = (
    ("大后天", 3),
    ("后天", 2),
    ("明天", 1),
    ("明早", 1),
    ("明晚", 1),
    ("明日", 1),
    ("今天", 0),
    ("今晚", 0),
    ("今日", 0),
)
_WEEKDAY = re.compile(r"(?<!上)(下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天末])")
_WEEKDAYS = "一二三四五六日"
_DATE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])[月/.-](3[01]|[12]\d|0?[1-9])[日号]?(?!\d)")
_DAY = re.compile(r"(?<![\d月/.-])(3[01]|[12]\d|[1-9])[号日](?![楼线店的那])")
_BEFORE = re.compile(r"[天晚日号一二三四五六末]之?以?前")
_ARRIVES = re.compile(r"到|送|派|在家|没人|发|赶|之?前能|几点|收货")
_SENDS = re.compile(r"发(?!票)")
_COMES = re.compile(r"到|送|派|在家|没人|收货")
_BOUGHT = re.compile(r"买|下单|下的|拍|订(?!单)|购|付")
_WHICH = re.compile(r"那[个单笔件]|的(?:订单|单子|那)")
_HALF_A_YEAR = 183


@dataclass(frozen=True)
class Hope:
    """A day, and whether it must be earlier than that."""

    day: date
    before: bool


def speaks_of_arrival(text: str) -> bool:
    """Whether a day in the text is one of sending or delivery, and not of the purchase."""
    named_by_day = _BOUGHT.search(text) or _WHICH.search(text)
    return bool(_ARRIVES.search(text)) and not named_by_day


def asks_when_sent(text: str) -> bool:
    """Whether it is about leaving the warehouse and not about arriving."""
    return bool(_SENDS.search(text)) and not _COMES.search(text)


def hoped_day(request: Request, today: date) -> Hope | None:
    """The day hoped for, or None."""
    text = request.text
    if not _ARRIVES.search(text) or _BOUGHT.search(text) or "前天" in text:
        return None
    period = request.period
    found = period.start if period and period.start >= today else _day_in(request.text, today)
    return Hope(found, bool(_BEFORE.search(request.text))) if found else None


def _day_in(text: str, today: date) -> date | None:
    for word, ahead in _NEAR:
        if word in text:
            return today + timedelta(ahead)
    plain = plain_digits(text)
    return _weekday(text, today) or _dated(plain, today) or _numbered(plain, today)


def _weekday(text: str, today: date) -> date | None:
    named = _WEEKDAY.search(text)
    if not named:
        return None
    monday = today - timedelta(today.weekday())
    weekday = _WEEKDAYS.index(named[2].replace("天", "日").replace("末", "六"))
    found = monday + timedelta(weekday + (7 if named[1] == "下" else 0))
    return found if found >= today else found + timedelta(7)


def _dated(plain: str, today: date) -> date | None:
    named = _DATE.search(plain)
    if not named:
        return None
    try:
        found = date(today.year, int(named[1]), int(named[2]))
        long_ago = (today - found).days > _HALF_A_YEAR
        return found.replace(year=today.year + 1) if long_ago else found
    except ValueError:
        return None


def _numbered(plain: str, today: date) -> date | None:
    named = _DAY.search(plain)
    if not named:
        return None
    try:
        found = today.replace(day=int(named[1]))
        if found >= today:
            return found
        month = (today.replace(day=28) + timedelta(4)).replace(day=1)
        return month.replace(day=int(named[1]))
    except ValueError:
        return None

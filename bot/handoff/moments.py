"""When somebody wants to be called back, from what they said."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from actions.reading import plain_digits
from bot.clock import BUSINESS_ZONE

_DAYS = {"今": 0, "明": 1, "后": 2}
_TEN = {"十一": "11", "十二": "12", "十": "10"}
_CLOCK = re.compile(
    r"(?P<day>[今明后])?[天儿日]?(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上|今晚|明晚)?"
    r"(?P<hour>\d{1,2})[点时:：](?P<minute>半|\d{1,2})?"
)
_PART = re.compile(r"(?P<day>[今明后])?[天儿日]?(?P<part>早上|上午|中午|下午|傍晚|晚上)")
_HOURS = {"早上": 9, "上午": 10, "中午": 12, "下午": 15, "傍晚": 18, "晚上": 19}


def moment_in(text: str, now: datetime) -> datetime | None:
    """The moment that was named, later than ``now`` and within three days; None for none."""
    for said, digits in _TEN.items():
        text = text.replace(said, digits)
    text = plain_digits(text).replace(" ", "")
    local = now.astimezone(BUSINESS_ZONE)
    found = _CLOCK.search(text)
    if found is not None:
        hour, part = int(found["hour"]), found["part"] or ""
        if hour < 12 and (
            part in ("下午", "傍晚") or "晚" in part or (part == "中午" and hour < 3)
        ):
            hour += 12
        minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
        vague = not part and not found["day"] and hour < 12
    elif (found := _PART.search(text)) is not None:
        hour, minute, vague = _HOURS[found["part"]], 0, False
    else:
        return None
    if hour > 23 or minute > 59:
        return None
    days = _DAYS.get(found["day"] or "今", 0) + (1 if "明晚" in text and not found["day"] else 0)
    day = local.date() + timedelta(days=days)
    at = datetime.combine(day, time(hour, minute), BUSINESS_ZONE)
    if at <= now and vague:
        at += timedelta(hours=12)  # "three o'clock" said at noon is the afternoon's
    if at <= now and not found["day"]:
        at += timedelta(days=1)
    return at if at > now else None

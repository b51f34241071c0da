"""Calendar arithmetic in the shop's time zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Asia/Shanghai")
"""Days that customers speak of are days in this zone."""


def day_of(moment: datetime) -> date:
    """The shop's calendar day of an aware moment."""
    return moment.astimezone(SHOP_ZONE).date()


def moment_on(day: date, hour: float) -> datetime:
    """Aware UTC moment at ``hour`` o'clock (0 ≤ hour < 24, fractions allowed) on a shop day."""
    local = datetime.combine(day, time(), SHOP_ZONE) + timedelta(hours=hour)
    return local.astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """The 15th of the month that lies ``months`` before the month of ``day``."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 15)


def points_lapse_on(earned: date) -> date:
    """Last day of points earned on a day: the end of the month twelve months later."""
    return date(
        earned.year + 1, earned.month, calendar.monthrange(earned.year + 1, earned.month)[1]
    )


def office_hours(moment: datetime) -> datetime:
    """The same day between 9 and 20 o'clock, earlier before later: when people handle things."""
    local = moment.astimezone(SHOP_ZONE)
    share = (local.hour * 60 + local.minute) / 1440
    return moment_on(local.date(), 9 + 11 * share)

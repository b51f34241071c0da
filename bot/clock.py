"""Time is handed in, so that timers are tested without waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the current time as an aware UTC datetime."""

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
"""Days in reports and in what customers read are days in this zone."""


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)

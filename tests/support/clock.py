"""A clock that only tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class TestClock:
    """Starts at the real time of its making and stands still until told."""

    __test__ = False

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **units: float) -> None:
        """Move forward, e.g. ``advance(minutes=31)``."""
        self._now += timedelta(**units)

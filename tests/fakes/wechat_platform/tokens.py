"""Access tokens: given out, replaced, expired.

Source: developers.weixin.qq.com, "获取稳定版接口调用凭据": in normal mode the same token while it is
valid; within its last 5 minutes a new one, and the old one works for 5 minutes more; a forced
refresh ends the old one at once, at most every 30 s (else nothing happens) and 20 times a day.
WeCom's gettoken has the normal mode only.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from bot.clock import Clock

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_EVERY = timedelta(seconds=30)
FORCED_A_DAY = 20

INVALID = 40001
EXPIRED = 42001


class Tokens:
    """The tokens of one account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, datetime] = {}
        self._current: str | None = None
        self._forced: list[datetime] = []
        self.issued = 0

    def get(self, force: bool = False) -> tuple[str, int] | None:
        """Token and seconds left; None when forced too often today (45009)."""
        now = self._clock()
        if force:
            today = [at for at in self._forced if now - at < timedelta(days=1)]
            if len(today) >= FORCED_A_DAY:
                return None
            if not today or now - today[-1] >= FORCED_EVERY:
                self._forced = [*today, now]
                if self._current is not None:
                    self._ends.pop(self._current, None)
                self._current = None
        current = self._current
        if current is None or current not in self._ends or self._ends[current] - now < OVERLAP:
            if current is not None and current in self._ends:
                self._ends[current] = max(self._ends[current], now + OVERLAP)
            current = f"{secrets.randbelow(99)}_{secrets.token_urlsafe(48)}"
            self._current = current
            self._ends[current] = now + LIFE
            self.issued += 1
        return current, int((self._ends[current] - now).total_seconds())

    def fault(self, token: str) -> int:
        """0 if the token is good, else the error code."""
        end = self._ends.get(token)
        if end is None:
            return INVALID
        return 0 if self._clock() < end else EXPIRED

    def revoke(self) -> None:
        """Make every token invalid (40001), as when another system forces a refresh."""
        self._ends.clear()
        self._current = None

    def expire(self) -> None:
        """Make every token overdue (42001)."""
        past = self._clock() - timedelta(seconds=1)
        self._ends = dict.fromkeys(self._ends, past)
        self._current = None

"""How fast somebody may ask: token buckets by name."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from bot.clock import Clock


class Buckets:
    """Token buckets by name, filled by the injected clock.

    Args:
        rate: tokens regained per second.
        burst: tokens a full bucket holds.
        clock: tells the time.
        names: buckets remembered; the longest unused one is forgotten first (it is full by then
            at any sensible rate).
    """

    def __init__(self, rate: float, burst: int, clock: Clock, names: int = 50_000) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._names = names
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Take one token; False if the bucket is empty."""
        now = self._clock()
        tokens, at = self._buckets.pop(name, (float(self._burst), now))
        regained = max(0.0, (now - at).total_seconds()) * self._rate
        tokens = min(float(self._burst), tokens + regained)
        allowed = tokens >= 1
        self._buckets[name] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._names:
            self._buckets.popitem(last=False)
        return allowed

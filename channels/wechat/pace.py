"""Whether waiting for an answer is worth it: few slow ones may hold a connection, most may not.

While answers come within the budget, every request may wait for its own. When they stop coming
(a slow engine under load), waiting would only fill the platform's and our connections: requests
are acknowledged as soon as they are stored, and one now and then tries again. The number that may
wait grows with success and shrinks with failure, as TCP's window does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.clock import Clock

FIRST_LOOK_S = 0.5
"""The first, short wait: a healthy engine has answered by then."""

AT_FIRST = 4
LOOKS_AT_FIRST = 32
AT_MOST = 500
PROBE_EVERY = timedelta(seconds=10)


class Pace:
    """How many requests may wait: one for the first look, another for the time beyond it.

    Args:
        clock: current time.
        at_first: how many while nothing is known yet.
    """

    def __init__(self, clock: Clock, at_first: int = AT_FIRST) -> None:
        self._clock = clock
        self._room = at_first
        self._waiting = 0
        self._probed_at: datetime | None = None

    def worth_it(self) -> bool:
        """Whether one more request may wait."""
        if self._waiting < self._room:
            return True
        now = self._clock()
        if self._waiting or (self._probed_at and now - self._probed_at < PROBE_EVERY):
            return False
        self._probed_at = now
        return True

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Around a wait."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def came(self, in_time: bool) -> None:
        """What a wait came to."""
        self._room = min(AT_MOST, self._room + 2) if in_time else self._room // 2

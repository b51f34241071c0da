"""Whether waiting for an answer is worth it: few slow ones may hold a connection, most may not.

While answers come within the budget, every request may wait for its own. When they stop coming
(a slow engine under load), waiting would only fill the platform's and our connections: requests
are acknowledged after a short look, and one now and then tries again. The number that may wait
grows with success and shrinks with failure, as TCP's window does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.clock import Clock

FIRST_LOOK_S = 0.5
"""Every request waits so long: a healthy engine has answered by then."""

AT_FIRST = 8
AT_MOST = 500
PROBE_EVERY = timedelta(seconds=10)


class Pace:
    """How many requests may wait beyond the first look.

    Args:
        clock: current time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._room = AT_FIRST
        self._waiting = 0
        self._probed_at: datetime | None = None

    def worth_it(self) -> bool:
        """Whether one more request may wait out its budget."""
        if self._waiting < self._room:
            return True
        now = self._clock()
        if self._waiting or (self._probed_at and now - self._probed_at < PROBE_EVERY):
            return False
        self._probed_at = now
        return True

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Around a wait beyond the first look."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def came(self, in_time: bool) -> None:
        """What a wait beyond the first look came to."""
        self._room = min(AT_MOST, self._room + 2) if in_time else self._room // 2

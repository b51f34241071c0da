"""How much of our own voice comes back on a line, learnt from the line itself."""

from __future__ import annotations

from collections import deque

_LEARNT_FROM = 100
"""Frames (20 ms each) while we spoke that count."""
_NOT_YET = 20
"""The newest of them that do not: they may be the caller who is just beginning."""
_ENOUGH = 25
_MARGIN_DB = 6.0
_MOST_DB = 40.0
_AUDIBLE_DB = -40.0
"""What we play below this teaches nothing."""


class Echo:
    """The loss between what we play and what comes back of it, in dB.

    Until a line has shown better it is taken for ``least_db``, a bad one: on most lines next to
    nothing comes back, and callers who speak softly must be able to interrupt there.
    """

    def __init__(self, least_db: float) -> None:
        self._least_db = least_db
        self._losses: deque[float] = deque(maxlen=_LEARNT_FROM)

    def hear(self, level_db: float, our_db: float) -> None:
        """A frame came in while we spoke."""
        if our_db > _AUDIBLE_DB:
            self._losses.append(our_db - level_db)

    @property
    def loss_db(self) -> float:
        """What may be relied on: an echo is at least so much quieter than what we play."""
        known = list(self._losses)[:-_NOT_YET]
        if len(known) < _ENOUGH:
            return self._least_db
        return min(_MOST_DB, max(self._least_db, min(known) - _MARGIN_DB))

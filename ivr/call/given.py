"""What a caller gave us when we asked: words, keys, noise, nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """Which keys are wanted.

    Args:
        most: so many digits are enough.
        between_s: how long each next may take.
    """

    most: int = 1
    between_s: float = 4.0


@dataclass(frozen=True)
class Said:
    """The caller spoke. Times are the loop's, in seconds; ``ended_at`` is where the speech ended."""

    text: str
    confidence: float | None
    began_at: float
    ended_at: float
    noticed_at: float
    recognised_at: float
    cut: bool = False


@dataclass(frozen=True)
class Pressed:
    """Keys were pressed: ``closed`` by #, or as many as were wanted, or followed by silence."""

    keys: str
    closed: bool = False


@dataclass(frozen=True)
class Unclear:
    """There was speech (or noise like it) and nothing to be understood in it."""

    cut: bool = False


@dataclass(frozen=True)
class Nothing:
    """Nothing came in time."""


Given = Said | Pressed | Unclear | Nothing

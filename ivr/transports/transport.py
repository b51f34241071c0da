"""What a call is to the call flow, whatever wire it came over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

FRAME_MS = 20
"""Sound travels in frames of this length, in milliseconds, as on the telephone."""


MOST_HELD_MS = 500
"""A hold is for finding out whether somebody speaks; what is queued goes on by itself after it."""


@dataclass(frozen=True)
class Caller:
    """Who calls: ``call_id`` is unique per call, ``number`` is None where withheld or unknown."""

    call_id: str
    door: str
    number: str | None = None
    dialled: str | None = None


@dataclass(frozen=True)
class Audio:
    """One frame heard: s16le, mono, at the transport's rate, FRAME_MS long."""

    pcm: bytes


@dataclass(frozen=True)
class Digit:
    """A key: ``0``–``9``, ``*`` or ``#``; sent once per press."""

    key: str


@dataclass(frozen=True)
class HungUp:
    """The caller is gone, or the wire broke (``why``, for the log); nothing follows."""

    why: str = "hangup"


CallEvent = Audio | Digit | HungUp


class TransferResult(StrEnum):
    """How a transfer ended. ``ANSWERED`` means: it took place and is over."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CALLER_GONE = "caller_gone"


class CallTransport(Protocol):
    """One call that has been accepted. All methods may be called from one task only, but `events`.

    Methods called after the caller has gone do nothing and raise nothing.
    """

    @property
    def caller(self) -> Caller:
        """Who calls."""
        ...

    @property
    def rate(self) -> int:
        """Samples a second, of `Audio` as of what `play` takes: 8000 or 16000."""
        ...

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens, in order; ends after `HungUp`. To be iterated once."""
        ...

    def play(self, pcm: bytes) -> None:
        """Queue sound (s16le, mono, at `rate`, any length); returns at once.

        The transport sends it at the wire's pace, and silence whenever there is nothing to play.
        """
        ...

    @property
    def queued_ms(self) -> int:
        """How much of what was queued has not left yet."""
        ...

    async def drained(self) -> None:
        """Wait until everything queued has left, or was flushed, or the caller is gone."""
        ...

    def flush(self) -> int:
        """Drop what has not left yet; returns its length in milliseconds (the part not heard)."""
        ...

    def hold(self, on: bool) -> None:
        """Keep back what is queued, so that silence is heard, or let it go on; `flush` ends a hold.

        Nothing is held for longer than MOST_HELD_MS.
        """
        ...

    async def transfer(
        self, extension: str, timeout_s: float, answered: Callable[[], None] | None = None
    ) -> TransferResult:
        """Connect the caller to an agent's extension and wait for the end of it.

        ``answered`` is called when the agent picks up, where the wire tells. After any result but ``ANSWERED`` and ``CALLER_GONE`` the call goes on here.
        """
        ...

    async def hangup(self) -> None:
        """End the call after what is queued has left."""
        ...

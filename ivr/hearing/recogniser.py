"""What a recogniser is to the call flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class HearingError(Exception):
    """The engine could not work: nothing is known of what was said."""


@dataclass(frozen=True)
class Heard:
    """What was said: simplified characters without an end mark; ``text`` is empty for no speech.

    ``confidence`` is 0..1, or None where the engine has none to give.
    """

    text: str
    confidence: float | None = None


class Stream(Protocol):
    """One utterance being heard."""

    async def feed(self, pcm: bytes) -> str | None:
        """Hear more (s16le, mono, at the rate given to `Recogniser.stream`).

        Returns what is understood so far, where the engine works while one speaks; else None.
        """
        ...

    async def finish(self) -> Heard:
        """The utterance is over: everything that was said. To be called once.

        Raises:
            HearingError: the engine failed or took too long.
        """
        ...

    def close(self) -> None:
        """Forget it (the caller has gone, or it was no speech)."""
        ...


class Recogniser(Protocol):
    """A speech engine, shared by all calls."""

    @property
    def name(self) -> str:
        """For logs and timings, e.g. ``vosk`` or ``whisper``."""
        ...

    async def start(self) -> None:
        """Load the model, so that the first caller does not wait for it.

        Raises:
            HearingError: it cannot be loaded.
        """
        ...

    async def stop(self) -> None:
        """Let go of the model; what is under way fails."""
        ...

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> Stream:
        """Begin an utterance.

        Args:
            rate: samples a second of what will be fed, 8000 or 16000.
            grammar: words and phrases expected (menu words, digits); an engine without grammars
                takes them as a hint or leaves them.
        """
        ...

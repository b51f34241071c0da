"""What a voice is to the call flow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class VoiceError(Exception):
    """The voice could not speak, or not in time."""


class Speaker(Protocol):
    """Speaks text that is already written the way it is read out."""

    @property
    def name(self) -> str:
        """Engine and voice, part of the cache's key, e.g. ``edge:zh-CN-XiaoxiaoNeural``."""
        ...

    def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        """Sound as it comes: s16le, mono, at ``rate``; complete only if it ends without an error.

        Args:
            text: what to say.
            rate: samples a second.
            pace: how fast, as a share of the voice's own; at 0.8 all takes a quarter longer.

        Raises:
            VoiceError: as soon as it is clear that the rest will not come.
        """
        ...


class Voice(Speaker, Protocol):
    """The hotline's voice, which remembers what it spoke."""

    async def kept(self, text: str, rate: int) -> bytes | None:
        """The sound of one sentence where it need not be made (s16le, mono), else None."""
        ...


class Engine(Speaker, Protocol):
    """A voice that has something to load and to let go of."""

    async def start(self) -> None:
        """Load what it needs, so that the first caller does not wait.

        Raises:
            VoiceError: it cannot be loaded.
        """
        ...

    async def stop(self) -> None:
        """Let go of it; what is under way fails."""
        ...

"""Kokoro as a voice of the hotline, in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.processes import Worker, WorkerFailed
from ivr.voices.cut import clauses
from ivr.voices.sound import pcm_of, silence
from ivr.voices.voice import VoiceError

_START_S = 60.0
_PAUSE_MS = 140
"""Between clauses, which come without silence."""

_engine: Any = None


def _prepare(folder: Path, threads: int) -> None:
    global _engine
    from ivr.voices.kokoro.engine import Kokoro

    _engine = Kokoro(folder, threads)


def _speak(text: str, rate: int, pace: float) -> bytes:
    from ivr.voices.kokoro.engine import RATE

    return pcm_of(_engine.speak(text, pace), RATE, rate)


class KokoroVoice:
    """Speaks clause by clause, so that the first is heard while the rest is made.

    Args:
        folder: of the installed model.
        threads: processor threads.
        deadline_s: longest wait for one clause, the line before it included.
    """

    name = "kokoro:zf_xiaoxiao"

    def __init__(self, folder: Path, threads: int = 2, deadline_s: float = 15.0) -> None:
        self._deadline_s = deadline_s
        self._worker = Worker(_speak, _prepare, folder, threads)

    async def start(self) -> None:
        """Load the model, so that the first caller does not wait for it.

        Raises:
            VoiceError: it cannot be loaded.
        """
        await self._call(_START_S, "好", 8000, 1.0)

    async def stop(self) -> None:
        """End the engine's process."""
        await self._worker.stop()

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        """Sound as it comes; see `Voice.speak`."""
        for number, clause in enumerate(clauses(text)):
            pcm = await self._call(self._deadline_s / pace, clause, rate, pace)
            if not pcm:
                raise VoiceError("the local voice said nothing")
            yield silence(round(_PAUSE_MS / pace), rate) + pcm if number else pcm

    async def _call(self, deadline_s: float, text: str, rate: int, pace: float) -> bytes:
        try:
            return await self._worker.call(deadline_s, text, rate, pace)
        except WorkerFailed as error:
            raise VoiceError(f"the local voice failed: {error}") from error

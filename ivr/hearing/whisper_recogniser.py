"""Whisper as a recogniser of the hotline: sound is collected here and heard in another process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.processes import Worker, WorkerFailed
from ivr.hearing.recogniser import Heard, HearingError
from ivr.hearing.sound import samples_of

LONGEST_S = 90.0
"""What is said after this in one utterance is left out."""
_START_S = 60.0

_engine: _Engine | None = None


class _Engine:
    """What the worker's process holds."""

    def __init__(self, folder: Path, threads: int) -> None:
        from ivr.hearing.whisper import Whisper

        self.whisper = Whisper(folder, threads)


def _prepare(folder: Path, threads: int) -> None:
    global _engine
    _engine = _Engine(folder, threads)


def _hear(pcm: bytes, rate: int, grammar: tuple[str, ...]) -> Heard:
    from ivr.hearing.homophones import nearest
    from ivr.hearing.whisper import hint_of

    assert _engine is not None  # noqa: S101 - prepared before any work
    heard = _engine.whisper.hear(samples_of(pcm, rate), hint_of(grammar))
    if grammar and heard.text:
        return Heard(nearest(heard.text, grammar) or heard.text, heard.confidence)
    return heard


class WhisperRecogniser:
    """Hears whole utterances; understands nothing before their end.

    Args:
        folder: of the model.
        threads: processor threads of one utterance.
        deadline_s: an utterance not heard by then (others may be before it in line) is given up.
    """

    name = "whisper"

    def __init__(self, folder: Path, threads: int = 2, deadline_s: float = 20.0) -> None:
        self._deadline_s = deadline_s
        self._worker = Worker(_hear, _prepare, folder, threads)

    async def start(self) -> None:
        """Load the model, so that the first caller does not wait for it.

        Raises:
            HearingError: it cannot be loaded.
        """
        try:
            await self._worker.call(_START_S, b"", 16_000, ())
        except WorkerFailed as error:
            raise HearingError(str(error)) from error

    async def stop(self) -> None:
        """End the engine's process."""
        await self._worker.stop()

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> WhisperStream:
        """Begin an utterance; the grammar is a hint, and near misses by sound are put right."""
        return WhisperStream(self._worker, rate, tuple(grammar or ()), self._deadline_s)


class WhisperStream:
    """One utterance, collected."""

    def __init__(
        self,
        worker: Worker[[bytes, int, tuple[str, ...]], Heard],
        rate: int,
        grammar: tuple[str, ...],
        deadline_s: float,
    ) -> None:
        self._deadline_s = deadline_s
        self._worker = worker
        self._rate = rate
        self._grammar = grammar
        self._pcm = bytearray()
        self._closed = False

    async def feed(self, pcm: bytes) -> str | None:
        """Keep more sound."""
        if len(self._pcm) < LONGEST_S * self._rate * 2:
            self._pcm += pcm
        return None

    async def finish(self) -> Heard:
        """Have it heard.

        Raises:
            HearingError: the engine failed or took too long.
        """
        if self._closed:
            raise HearingError("the utterance is closed")
        self._closed = True
        try:
            return await self._worker.call(
                self._deadline_s, bytes(self._pcm), self._rate, self._grammar
            )
        except WorkerFailed as error:
            raise HearingError(str(error)) from error

    def close(self) -> None:
        """Forget what was collected."""
        self._closed = True
        self._pcm.clear()

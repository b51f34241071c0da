"""Whole recordings (a voice message) heard by an engine of the hotline."""

from __future__ import annotations

from ivr.hearing.recogniser import Recogniser

_STEP_S = 0.5


class ClipRecogniser:
    """Hears recordings; the engine is loaded with the first one.

    Args:
        recogniser: the engine.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    async def recognise(self, pcm: bytes, rate: int) -> str:
        """The words of a recording (s16le, mono); empty if there are none.

        Raises:
            HearingError: the engine failed or took too long.
        """
        stream = self._recogniser.stream(rate)
        try:
            step = int(_STEP_S * rate) * 2
            for start in range(0, len(pcm), step):
                await stream.feed(pcm[start : start + step])
            return (await stream.finish()).text
        finally:
            stream.close()

    async def stop(self) -> None:
        """Let go of the engine."""
        await self._recogniser.stop()

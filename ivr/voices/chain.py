"""The hotline's voice: what was spoken before, else the first engine that can speak."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ivr.voices.cache import SoundCache
from ivr.voices.cut import sentences
from ivr.voices.sound import read_wav, silence
from ivr.voices.voice import Engine, VoiceError

log = logging.getLogger(__name__)

APOLOGY = Path(__file__).with_name("apology.wav")
"""「抱歉，系统正忙，请稍等。」, for when nothing can speak."""
_PAUSE_MS = 260
"""Between sentences."""


class _Unspoken(Exception):
    """A sentence was not spoken to its end."""


class ChainVoice:
    """Sentence by sentence: rendered prompts, the cache, then the engines in their order.

    An engine that breaks off in a sentence is followed by the next one from that sentence's start.

    Args:
        engines: best first.
        rendered: prompts that were rendered beforehand.
        cache: what was spoken lately.
        apology: recording that is played where no engine can speak.
    """

    name = "chain"

    def __init__(
        self,
        engines: Sequence[Engine],
        rendered: SoundCache,
        cache: SoundCache,
        apology: Path = APOLOGY,
    ) -> None:
        self._engines = tuple(engines)
        self._rendered = rendered
        self._cache = cache
        self._apology = apology

    async def start(self) -> None:
        """Load the engines; one that cannot be is left to fail when it is asked."""
        for engine in self._engines:
            try:
                await engine.start()
            except VoiceError as error:
                log.warning("%s cannot be loaded: %s", engine.name, error)

    async def stop(self) -> None:
        """Let go of the engines."""
        for engine in self._engines:
            await engine.stop()

    async def kept(self, text: str, rate: int) -> bytes | None:
        """The sound of a sentence that was rendered or spoken before; see `Voice.kept`."""
        return await asyncio.to_thread(self._kept, text, rate)

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        """Sound as it comes; see `Voice.speak`.

        Prompts are rendered at the voice's own pace; at another one they are spoken anew, and heard
        at their own where no engine can. Where no engine can speak, or the last one breaks off, an apology is heard once instead of
        the rest.

        Raises:
            VoiceError: not even the apology can be played.
        """
        for number, sentence in enumerate(sentences(text)):
            if number:
                yield silence(round(_PAUSE_MS / pace), rate)
            try:
                async for pcm in self._sentence(sentence, rate, pace):
                    yield pcm
            except _Unspoken:
                yield await asyncio.to_thread(self._sorry, rate)
                return

    async def _sentence(self, sentence: str, rate: int, pace: float) -> AsyncIterator[bytes]:
        """One sentence.

        Raises:
            _Unspoken: no engine has spoken it to its end; its beginning may have been heard.
        """
        kept = await asyncio.to_thread(self._kept, sentence, rate, pace)
        if kept is not None:
            yield kept
            return
        for engine in self._engines:
            whole = bytearray()
            try:
                async for pcm in engine.speak(sentence, rate, pace):
                    whole += pcm
                    yield pcm
            except VoiceError as error:
                log.warning("%s did not speak: %s", engine.name, error)
                continue
            if whole:
                name = _at(engine.name, pace)
                await asyncio.to_thread(self._cache.put, name, sentence, rate, bytes(whole))
                return
        own = await self.kept(sentence, rate) if pace != 1.0 else None
        if own is None:
            raise _Unspoken
        yield own

    def _kept(self, sentence: str, rate: int, pace: float = 1.0) -> bytes | None:
        for store in (self._rendered, self._cache):
            for engine in self._engines:
                if (pcm := store.get(_at(engine.name, pace), sentence, rate)) is not None:
                    return pcm
        return None

    def _sorry(self, rate: int) -> bytes:
        try:
            return read_wav(self._apology, rate)
        except (OSError, EOFError, ValueError) as error:
            raise VoiceError("nothing can speak") from error


def _at(engine: str, pace: float) -> str:
    """Under which name sound of an engine is kept."""
    return engine if pace == 1.0 else f"{engine}@{pace:g}"

"""Callers' Mandarin: spoken with the local voice, and understood with the hotline's own recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pypinyin import lazy_pinyin

from bot.settings import load_settings
from ivr.hearing import open_recogniser
from ivr.hearing.clips import ClipRecogniser
from ivr.sound import SileroModel, silence
from ivr.sound.vad import WINDOW_MS
from ivr.spoken import speak_as
from ivr.voices import open_voice
from tests.telephony.sounds import RATE, write_wav
from tools.recognise_speech import bare, distance
from tools.telephone_line import by_telephone, pcm_of, read_wav

PAUSE_WINDOWS, LEAD_WINDOWS, SHORTEST_WINDOWS = 20, 8, 6
"""Of 32 ms each: the pause that parts two stretches, quiet kept around one, the shortest one."""


class Mandarin:
    """A mouth and ears. ``home`` has the models; what was spoken before comes from its cache."""

    def __init__(self, home: Path) -> None:
        settings = load_settings(
            _env_file=None,
            demo=True,
            home=home,
            speech_recogniser="whisper",
            voice_engines="kokoro",
        )
        recogniser = open_recogniser(settings)
        assert recogniser is not None
        self._ears = ClipRecogniser(recogniser)
        self._voice = open_voice(settings)
        self._vad = SileroModel()

    async def say(self, text: str, file: Path) -> Path:
        """A recording of a sentence, as a caller says it."""
        sound = b"".join([pcm async for pcm in self._voice.speak(speak_as(text), RATE)])
        return write_wav(file, silence(100, RATE) + sound + silence(300, RATE))

    async def clearly(self, texts: Sequence[str], words: str, file: Path) -> Path:
        """A recording of the first sentence of which these words are understood over the line.

        The local voice's 人工 is heard as 员工 now and then: what is heard wrongly before the hotline
        hears it tells nothing of the hotline.
        """
        for text in texts:
            samples, rate = read_wav(await self.say(text, file))
            if words in await self.understood(pcm_of(by_telephone(samples, rate))):
                return file
        raise AssertionError(f"the local voice does not manage {words}")

    async def understood(self, pcm: bytes) -> str:
        """What a recording says (s16le, 8 kHz), stretch by stretch as the hotline hears callers."""
        texts = [await self._ears.recognise(part, RATE) for part in self._stretches(pcm)]
        return "，".join(filter(None, texts))

    def _stretches(self, pcm: bytes) -> list[bytes]:
        """What was spoken without a pause, with a little quiet around it; tones are left out."""
        step = WINDOW_MS * RATE // 1000 * 2
        speech = [p > 0.5 for p in self._vad.open(RATE).feed(pcm)]
        found: list[list[int]] = []
        for number, spoken in enumerate(speech):
            if spoken and found and number - found[-1][1] <= PAUSE_WINDOWS:
                found[-1][1] = number
            elif spoken:
                found.append([number, number])
        return [
            pcm[max(0, (first - LEAD_WINDOWS) * step) : (last + 1 + LEAD_WINDOWS) * step]
            for first, last in found
            if last - first >= SHORTEST_WINDOWS
        ]

    async def stop(self) -> None:
        """Let go of the engines."""
        await self._ears.stop()
        await self._voice.stop()


def sounds_like(said: str, heard: str) -> float:
    """Share of the syllables of ``said`` that are in ``heard`` in their order, tones left out."""
    names: dict[str, str] = {}
    one, other = (
        "".join(names.setdefault(s, chr(0x4E00 + len(names))) for s in lazy_pinyin(bare(text)))
        for text in (speak_as(said), speak_as(heard))
    )
    extra = max(0, len(other) - len(one))
    return 1 - max(0, distance(one, other) - extra) / max(1, len(one))

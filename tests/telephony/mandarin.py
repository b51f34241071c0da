"""Callers' Mandarin: spoken with the local voice, and understood with the hotline's own recogniser."""

from __future__ import annotations

from pathlib import Path

from pypinyin import lazy_pinyin

from bot.settings import load_settings
from ivr.hearing import open_recogniser
from ivr.hearing.clips import ClipRecogniser
from ivr.sound import silence
from ivr.spoken import speak_as
from ivr.voices import open_voice
from tests.telephony.sounds import RATE, write_wav
from tools.recognise_speech import bare, distance


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

    async def say(self, text: str, file: Path) -> Path:
        """A recording of a sentence, as a caller says it."""
        sound = b"".join([pcm async for pcm in self._voice.speak(speak_as(text), RATE)])
        return write_wav(file, silence(100, RATE) + sound + silence(300, RATE))

    async def understood(self, pcm: bytes) -> str:
        """What a recording says (s16le, 8 kHz)."""
        return await self._ears.recognise(pcm, RATE)

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

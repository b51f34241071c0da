"""What all calls share: recogniser, voice, voice activity, menu. What is missing is said, not fatal."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bot.settings import Settings
from ivr.call import Menu, load_menu
from ivr.hearing import Recogniser
from ivr.sound import SileroModel
from ivr.voices import Voice, VoiceError

log = logging.getLogger(__name__)

RATES = (8000, 16000)
"""Of the telephone and of the browser."""


class NoVoice:
    """No voice at all: the call flow plays tones."""

    name = "none"

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        """Always fails."""
        raise VoiceError("no voice is installed")
        yield b""

    async def kept(self, text: str, rate: int) -> bytes | None:
        """Nothing."""
        return None


@dataclass
class Parts:
    """Engines and menu. ``recogniser`` and ``vad`` are None where nothing is installed."""

    menu: Menu
    voice: Voice
    recogniser: Recogniser | None
    vad: SileroModel | None
    spoken: Callable[[str], str]

    @property
    def hears(self) -> bool:
        """Whether callers can speak."""
        return self.recogniser is not None and self.vad is not None

    def state(self) -> dict[str, Any]:
        """For ``/health``."""
        return {
            "recogniser": self.recogniser.name if self.recogniser is not None else "off",
            "voice": self.voice.name,
            "vad": "silero" if self.vad is not None else "off",
        }

    async def start(self) -> None:
        """Load what takes time before the first call needs it."""
        await _if_there(self.recogniser, "start")
        await _if_there(self.voice, "start")
        await self._rehearse()

    async def _rehearse(self) -> None:
        """Have ready what is heard while something else is not."""
        for rate in RATES:
            with suppress(VoiceError):
                async for _ in self.voice.speak(self.menu.sentences.hesitation, rate):
                    pass

    async def stop(self) -> None:
        """Let engines go."""
        await _if_there(self.recogniser, "stop")
        await _if_there(self.voice, "stop")


def open_parts(settings: Settings) -> Parts:
    """Open everything that is installed.

    Raises:
        MenuError: the menu cannot be used.
    """
    menu = load_menu(settings.ivr_menu)
    recogniser: Recogniser | None = _open("ivr.hearing", "open_recogniser", settings)
    voice: Voice | None = _open("ivr.voices", "open_voice", settings)
    spoken: Callable[[str], str] | None = _named("ivr.spoken", "speak_as")
    vad = None
    try:
        vad = SileroModel()
    except Exception:
        log.exception("no voice activity detection: callers can only use keys")
    if recogniser is None:
        log.warning("no recogniser is installed (yingda speech install): callers can only use keys")
    return Parts(menu, voice or NoVoice(), recogniser, vad, spoken or str)


def _open(module: str, name: str, settings: Settings) -> Any:
    found = _named(module, name)
    if found is None:
        return None
    try:
        return found(settings)
    except Exception:
        log.exception("engine cannot be opened", extra={"engine": name})
        return None


def _named(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        log.exception("engine cannot be loaded", extra={"engine": module})
        return None


async def _if_there(part: object, name: str) -> None:
    work = getattr(part, name, None)
    if work is None:
        return
    try:
        await work()
    except Exception:
        log.exception("engine does not %s", name)

"""The voice in force, by the settings and by what is installed."""

from __future__ import annotations

from pathlib import Path

from bot.clock import Clock, utc_now
from bot.settings import Settings
from ivr.models import KOKORO, installed
from ivr.voices.cache import SoundCache
from ivr.voices.chain import ChainVoice
from ivr.voices.voice import Engine

_DAY_S = 86_400


def open_engines(settings: Settings, clock: Clock = utc_now) -> list[Engine]:
    """The engines of the settings that can be used here, best first."""
    engines: list[Engine] = []
    for name in filter(None, settings.voice_engines.split(",")):
        if name == "edge":
            from ivr.voices.edge import Breaker, EdgeVoice

            engines.append(
                EdgeVoice(settings.voice_edge_name, Breaker(clock), settings.voice_first_byte_s)
            )
        elif installed(KOKORO, kokoro_folder(settings)):
            from ivr.voices.local import KokoroVoice

            engines.append(KokoroVoice(kokoro_folder(settings), settings.speech_threads))
    return engines


def open_voice(settings: Settings, clock: Clock = utc_now) -> ChainVoice:
    """The hotline's voice: cache, engines, apology."""
    cache = SoundCache(
        settings.home / "voices" / "cache",
        settings.voice_cache_mib << 20,
        settings.voice_cache_days * _DAY_S,
    )
    return ChainVoice(open_engines(settings, clock), open_rendered(settings), cache)


def open_rendered(settings: Settings) -> SoundCache:
    """Prompts rendered beforehand; kept until the folder is removed."""
    return SoundCache(settings.home / "voices" / "rendered")


def kokoro_folder(settings: Settings) -> Path:
    """Where Kokoro is installed."""
    return settings.home / "voices" / KOKORO.name

"""Voices: from text to sound."""

from ivr.voices.chain import ChainVoice
from ivr.voices.choice import kokoro_folder, open_engines, open_rendered, open_voice
from ivr.voices.voice import Engine, Voice, VoiceError

__all__ = [
    "ChainVoice",
    "Engine",
    "Voice",
    "VoiceError",
    "kokoro_folder",
    "open_engines",
    "open_rendered",
    "open_voice",
]

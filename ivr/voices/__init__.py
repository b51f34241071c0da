"""Voices: from text to sound."""

from ivr.voices.voice import Voice, VoiceError

__all__ = ["Voice", "VoiceError"]

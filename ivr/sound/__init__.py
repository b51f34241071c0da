"""Sound itself: levels, tones, and where in it somebody speaks."""

from ivr.sound.levels import SILENT_DB, beeps, level_db, milliseconds, silence
from ivr.sound.vad import SileroModel, SileroVad, Vad

__all__ = [
    "SILENT_DB",
    "SileroModel",
    "SileroVad",
    "Vad",
    "beeps",
    "level_db",
    "milliseconds",
    "silence",
]

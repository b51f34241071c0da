"""Which recogniser there is, by the settings and by what is installed."""

from __future__ import annotations

import logging
from pathlib import Path

from bot.settings import Settings
from ivr.hearing.recogniser import Recogniser
from ivr.models import VOSK_CN, WHISPER_BASE, installed

log = logging.getLogger(__name__)

AUTO, VOSK, WHISPER, NONE = "auto", "vosk", "whisper", "none"


def open_recogniser(settings: Settings, *, recordings: bool = False) -> Recogniser | None:
    """The recogniser in force; None where there is no model, or none is wanted.

    Live speech goes to Vosk, which understands while one speaks, where its Mandarin model is
    installed, else to Whisper. Recordings are known to their end: the more exact Whisper first.

    Args:
        settings: ``speech_recogniser`` names an engine or leaves the choice.
        recordings: whether whole recordings are to be heard.
    """
    folder = settings.home / "speech"
    there = [name for name in (VOSK, WHISPER) if _is_there(name, folder)]
    wanted = settings.speech_recogniser
    if wanted == NONE:
        return None
    if wanted != AUTO and wanted not in there:
        log.warning("no model of the recogniser that is set; run `yingda speech install`")
        return None
    order = [WHISPER, VOSK] if recordings else [VOSK, WHISPER]
    chosen = wanted if wanted != AUTO else next((name for name in order if name in there), None)
    if chosen == VOSK:
        from ivr.hearing.vosk import VoskRecogniser

        return VoskRecogniser(folder / VOSK_CN)
    if chosen == WHISPER:
        from ivr.hearing.whisper_recogniser import WhisperRecogniser

        return WhisperRecogniser(folder / WHISPER_BASE.name, settings.speech_threads)
    return None


def _is_there(name: str, folder: Path) -> bool:
    if name == WHISPER:
        return installed(WHISPER_BASE, folder / WHISPER_BASE.name)
    return (folder / VOSK_CN / "am" / "final.mdl").is_file()

"""Hearing: from sound to text."""

from ivr.hearing.choice import open_recogniser
from ivr.hearing.clips import ClipRecogniser
from ivr.hearing.recogniser import Heard, HearingError, Recogniser, Stream

__all__ = ["ClipRecogniser", "Heard", "HearingError", "Recogniser", "Stream", "open_recogniser"]

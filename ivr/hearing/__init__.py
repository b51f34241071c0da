"""Hearing: from sound to text."""

from ivr.hearing.recogniser import Heard, Recogniser, Stream

__all__ = ["Heard", "Recogniser", "Stream"]

"""What a customer typed, made safe to store, to show and to understand; meaning is left alone."""

from __future__ import annotations

import re
import unicodedata

from bot.errors import MessageEmpty, MessageTooLong

MAX_LENGTH = 2000
"""Longest message, in code points, after cleaning."""

# Joins emoji and picks their look: kept, but by themselves not something to read.
_EMOJI_GLUE = "\u200d\ufe0e\ufe0f"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def clean_text(raw: str) -> str:
    r"""Remove what cannot be read, keep what can.

    Control and invisible formatting characters (bidirectional overrides included, since they
    disguise text at the desk) are dropped, lone surrogates become U+FFFD, line ends become ``\n``.

    Raises:
        MessageTooLong: more than MAX_LENGTH characters.
        MessageEmpty: nothing readable is left.
    """
    if len(raw) > 4 * MAX_LENGTH:
        raise MessageTooLong
    text = raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()
    if len(text) > MAX_LENGTH:
        raise MessageTooLong
    if not text.strip(_EMOJI_GLUE + "\ufffd" + " \n\t\u3000"):
        raise MessageEmpty
    return text

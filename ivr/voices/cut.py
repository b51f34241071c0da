"""Where a text can be cut without its sound suffering."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]*")
_CLAUSE = re.compile(r"[^，、]+[，、]*")
_FIRST = 6
"""Characters of the first clause at least: a shorter one sounds chopped off."""
_LONG = 14
"""A sentence no longer than this is spoken at once."""
_FLUENT = 24
"""Clauses are put together up to this length: while one piece is heard, the next must get ready."""
_MOST = 60
"""Characters that a voice gets at once."""


def sentences(text: str) -> list[str]:
    """A text by its sentences, marks included."""
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()]


def clauses(sentence: str) -> list[str]:
    """A sentence for a voice that speaks one piece at a time: a short beginning, then the rest."""
    if len(sentence) <= _LONG:
        return [sentence]
    pieces: list[str] = []
    for part in _CLAUSE.findall(sentence):
        room = _FIRST if len(pieces) <= 1 else _MOST
        if pieces and (len(pieces[-1]) < room or (len(pieces) > 1 and _fits(pieces[-1], part))):
            pieces[-1] += part
        else:
            pieces.append(part)
    return [piece[i : i + _MOST] for piece in pieces for i in range(0, len(piece), _MOST)]


def _fits(piece: str, part: str) -> bool:
    return len(piece) + len(part) <= _FLUENT

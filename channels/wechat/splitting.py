"""Cutting long answers into messages at the ends of sentences, by bytes of UTF-8."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 2047
"""Bytes of one text message; WeChat answers 45002 from about 2,048 on."""

_ENDS = (
    re.compile(r"\n+"),
    re.compile(r"[。！？!?…；;][”’」』）)]*\s*"),
    re.compile(r"[，、,：:\s]+"),
)
_JOINERS = "\u200d"
_FOLLOWERS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\u20e3\U000e0020-\U000e007f]")


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode())


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Pieces of at most ``limit`` bytes, cut at a paragraph, sentence or clause if there is one.

    A cut never falls inside a character, nor inside an emoji made of several.
    """
    pieces = []
    rest = text.strip()
    while size(rest) > limit:
        cut = _cut(rest, limit)
        piece = rest[:cut].rstrip()
        if piece:
            pieces.append(piece)
        rest = rest[cut:].lstrip()
    if rest:
        pieces.append(rest)
    return pieces


def shorten(text: str, limit: int) -> str:
    """The beginning of the text in at most ``limit`` bytes, ending in … if anything is left out."""
    if size(text) <= limit:
        return text
    return text[: _whole(text, _fitting(text, limit - size("…")))].rstrip() + "…"


def _cut(text: str, limit: int) -> int:
    most = _fitting(text, limit)
    # A piece of less than half the room is worse than a cut at a lesser mark.
    for mark in _ENDS:
        ends = [match.end() for match in mark.finditer(text, 0, most)]
        if ends and size(text[: ends[-1]]) * 2 >= limit:
            return ends[-1]
    return _whole(text, most)


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into ``limit`` bytes."""
    return len(text.encode()[: max(0, limit)].decode("utf-8", "ignore"))


def _whole(text: str, cut: int) -> int:
    """The last place at or before ``cut`` where no emoji is torn; ``cut`` itself if there is none."""
    place = cut
    while 0 < place < len(text) and _torn(text, place):
        place -= 1
    return place or cut


def _torn(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if _FOLLOWERS.match(after) or before in _JOINERS or unicodedata.combining(after):
        return True
    if _is_flag(after) and _is_flag(before):
        run = 0
        while run < place and _is_flag(text[place - 1 - run]):
            run += 1
        return run % 2 == 1
    return False


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"

"""Replies for the ear: no marks that only eyes can use, a list one thing at a time, not too long."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 110
"""Characters heard in one go: about 25 seconds."""

_LINK = re.compile(r"\s*(?:https?://|www\.)[^\s，。；！？]+\s*")
_ITEM = re.compile(r"^\s*(?:[·•●▪]|[-*](?=\s)|\d{1,2}[.、．)）]|[①②③④⑤⑥⑦⑧⑨])\s*(?P<text>\S.*)$")
_PICTURES = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")
_MARKUP = re.compile(r"(?<!\*)\*\*(?!\*)|__|`|#{1,6} ")
"""Longer rows of stars mask something, and what reads figures aloud must see that."""
_BRACKETS = re.compile(r"[（(]([^（）()]*)[）)]")
_QUOTES = str.maketrans("", "", '“”"「」『』《》【】')
_OF_IT = re.compile(r"[（(]([^（）()]*)[）)](?=的)")
_END = "。！？!?；;"
_INVITES = re.compile(
    r"[？?]\s*$|请(?:您|直接|再|先)*(?:说|讲|问|报|告诉|按|稍等|不要挂)|您?(?:慢慢)?(?:说|讲)[吧。]?\s*$|说一?声"
    r"|[跟和对]我说|告诉我|可以(?:直接)?(?:说|问|按|告诉|继续问)|都可以问|尽管(?:说|问)|随时|再打(?:来|过来)|再见"
)


@dataclass(frozen=True)
class Spoken:
    """What to say now, and what to offer afterwards, one at a time."""

    now: str
    later: tuple[str, ...] = ()
    listed: bool = False
    """Whether what comes later are further entries of a list."""

    @property
    def whole(self) -> str:
        """All of it, for where nothing can be offered afterwards."""
        return self.now + "".join(self.later)


def for_the_ear(texts: list[str]) -> Spoken:
    """Put a turn's bubbles into words that are heard.

    A list is told one entry at a time; a long answer stops at a sentence's end.
    """
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    head: list[str] = []
    items: list[str] = []
    tail: list[str] = []
    for line in lines:
        found = _ITEM.match(line)
        if found is not None:
            items.append(_plain(found["text"]))
        else:
            (tail if items else head).append(_plain(line))
    items = [item for item in items if item]
    if len(items) > 1:
        first = "".join(part for part in [*head, items[0]] if part)
        return Spoken(first, tuple(items[1:]), listed=True)
    whole = "".join(part for part in [*head, *items, *tail] if part)
    return _short(whole)


def invites(text: str) -> bool:
    """Whether the end of a text tells the caller what to do, so that nothing need be asked after it."""
    last = re.findall(rf"[^{_END}]+[{_END}]*", text)[-2:]
    return _INVITES.search("".join(last)) is not None


def _plain(line: str) -> str:
    line = _LINK.sub("", line)
    line = _MARKUP.sub("", line)
    line = _PICTURES.sub("", line)
    line = _OF_IT.sub(r"，\1", line)
    line = _BRACKETS.sub(_aside, line).translate(_QUOTES).strip()
    if line and line[-1] not in _END:
        line = line.rstrip("，,、:：") + "。"
    return "" if line in ("。", "") else line


def _aside(found: re.Match[str]) -> str:
    inside = found[1].strip()
    return f"，{inside}，" if inside and re.search(r"\w", inside) else ""


def _short(text: str) -> Spoken:
    text = re.sub(r"，+(?=[，。！？；])|(?<=^)，", "", text)
    text = re.sub(r"，+[：:]", "，", text)
    if len(text) <= MOST:
        return Spoken(text)
    parts = re.findall(rf"[^{_END}]*[{_END}]+|[^{_END}]+$", text)
    chunks: list[str] = [""]
    for part in parts:
        if chunks[-1] and len(chunks[-1]) + len(part) > MOST:
            chunks.append("")
        chunks[-1] += part
    # A question that stands at the end must be heard: better a long breath than a lost question.
    if len(chunks) > 1 and (chunks[-1].rstrip().endswith(("？", "?")) or len(chunks[-1]) < 20):
        chunks[-2:] = ["".join(chunks[-2:])]
    return Spoken(chunks[0], tuple(chunks[1:]))

"""Cuts a message into the requests that it may hold."""

from __future__ import annotations

import re
from typing import List, NamedTuple

from engine.nlu.asking import may_ask

PARTS = "parts"
"""Message property: the requests of a message that holds several, each with its own intent."""
MAX_CLAUSES = 4
_SHORTEST = 3
"""Characters of a clause that can stand alone."""
_BREAK = re.compile(
    r"[?？。！!；;\n]+"
    r"|[，,、 ]+(?=(?:然后|还有|另外|顺便|对了|再(?:帮|问|查|看)|以及|同时|并且|最后|其次|第二))"
    r"|(?=(?:还有个?(?:事|问题)|另外(?:再|帮|想|问|还)|顺便(?:再|帮|问|查|看)|对了))"
    r"|[，,]+"
)
_FIGURES = re.compile(r"\d{4}")


class Clause(NamedTuple):
    """One request of a message, ``text[start:end]``."""

    start: int
    asked: int
    """Where what it asks ends: numbers handed in behind it stand there (「积分有多少？尾号1234」)."""
    end: int


def clauses(text: str) -> List[Clause]:
    """Return the clauses that ask or want something, at most ``MAX_CLAUSES``.

    A clause that asks nothing (「我昨天买的羽绒服」) belongs to the next one that does, and what is left over
    to the last. One clause, or none, means that there is nothing to divide.
    """
    edges = [0]
    for match in _BREAK.finditer(text):
        end = match.end() if match.end() > match.start() else match.start()
        if end - edges[-1] >= _SHORTEST:
            edges.append(end)
    edges.append(len(text))
    found: List[Clause] = []
    start = 0
    for end in edges[1:]:
        clause = text[start:end].strip(" ，,、。；;！!\n")
        if len(clause) >= _SHORTEST and may_ask(clause):
            found.append(Clause(start, end, end))
            start = end
    if found and start < len(text):
        last = found[-1]
        asked = last.asked if _FIGURES.search(text[start:]) else len(text)
        found[-1] = Clause(last.start, asked, len(text))
    return found if 2 <= len(found) <= MAX_CLAUSES else []

"""Replies that fit what was asked: canned ones by intent, and answers of the knowledge base."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import yaml

from bot.handoff.known import Known

FAQ_FOLDER = Path(__file__).resolve().parents[2] / "data" / "faq"
CANNED = 3
ANSWERS = 2
_LEAST = 0.2
"""Confidence below which an answer of the knowledge base is not worth reading."""

_VARIABLE = re.compile(r"\{([^{}]{1,8})\}")


def suggest(known: Known, slots: dict[str, str]) -> list[dict[str, str]]:
    """Suggested replies, best first: ``{"text", "from"}`` each.

    Variables that are known (订单号, 商品) are filled; the agent's and the customer's names are left
    to the desk.
    """
    intents = [
        str(line.intent).partition("/")[0]
        for line in reversed(known.episode_lines)
        if line.author == "customer" and line.intent
    ]
    recent = list(dict.fromkeys(intents))
    fitting = sorted(
        (min(recent.index(i) for i in reply.intents if i in recent), n, reply)
        for n, reply in enumerate(known.canned)
        if any(i in recent for i in reply.intents)
    )
    chosen = [
        {"text": _filled(reply.body, slots), "from": f"快捷回复·{reply.title}"}
        for _rank, _n, reply in fitting[:CANNED]
    ]
    return [*_answers(known), *chosen]


def _answers(known: Known) -> list[dict[str, str]]:
    ranked: dict[str, float] = {}
    for turn in known.turns.values():
        for entry in [
            {"name": turn.get("intent"), "confidence": turn.get("confidence")},
            *(turn.get("ranking") or ()),
        ]:
            name = str(entry.get("name") or "")
            if name.startswith("faq/"):
                ranked[name] = max(ranked.get(name, 0.0), float(entry.get("confidence") or 0.0))
    best = sorted((name for name, c in ranked.items() if c >= _LEAST), key=lambda n: -ranked[n])
    entries = faq()
    return [
        {"text": entries[faq_id]["answer"]["text"].strip(), "from": f"知识库·{_title(faq_id)}"}
        for faq_id in (name.removeprefix("faq/") for name in best[:ANSWERS])
        if faq_id in entries
    ]


@functools.cache
def faq() -> dict[str, dict[str, Any]]:
    """The entries of the knowledge base by id, as the engine was trained on them."""
    entries: dict[str, dict[str, Any]] = {}
    for file in sorted(FAQ_FOLDER.glob("*.yml")):
        for entry in (yaml.safe_load(file.read_text("utf-8")) or {}).get("faq") or ():
            entries[str(entry["id"])] = entry
    return entries


def _title(faq_id: str) -> str:
    return str(faq()[faq_id]["questions"][0]) if faq_id in faq() else faq_id


def _filled(body: str, slots: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: slots.get(match[1], match[0]), body)

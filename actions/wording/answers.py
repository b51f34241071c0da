"""The operator's FAQ answers, for telling again only what is asked of one.

The engine says a whole answer; whoever then asks about one thing in it need not read all of it again.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

FAQ_FOLDER = Path(__file__).resolve().parents[2] / "data" / "faq"


@cache
def _answers() -> dict[str, dict[str, str]]:
    files = sorted(FAQ_FOLDER.glob("*.yml"))
    entries = [e for f in files for e in yaml.safe_load(f.read_text("utf-8"))["faq"]]
    return {str(entry["id"]): entry["answer"] for entry in entries}


def answer_part(entry: str, about: re.Pattern[str], *, spoken: bool) -> str | None:
    """The clauses of an entry's answer that speak of something; None if none does."""
    answer = _answers().get(entry) or {}
    text = answer.get("spoken" if spoken else "text") or ""
    sentences = []
    for sentence in re.split(r"[。；]", text):
        found = [c for c in sentence.split("，") if about.search(c)]
        sentences += ["，".join(found)] if found else []
    return "；".join(sentences) + "。" if sentences else None

"""Puts around a text what people say beside the matter: it must not change what is understood."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "nlu" / "asides.yml"
_END = "？?。"


@cache
def _asides() -> dict[str, Any]:
    asides: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return asides


def begun(text: str, draw: int = 0) -> str:
    """Say something before a text."""
    return str(random.Random(f"before {draw} {text}").choice(_asides()["before"])) + text


def ended(text: str, draw: int = 0) -> str:
    """Say something behind a text."""
    behind = str(random.Random(f"behind {draw} {text}").choice(_asides()["behind"]))
    return text.rstrip(_END) + behind

"""Why a customer is upset and where in the shop: read from the words, then from what was asked.

Rules and not a model, because a supervisor must be able to see why: the words that spoke for a cause
are its evidence. They stand in causes.yml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from actions.reading import simplified

CAUSES_FILE = Path(__file__).parent / "causes.yml"
CAUSES = ("物流慢", "商品质量", "退换受阻", "服务态度", "价格/优惠", "系统故障", "其他")
SCENES = ("售前", "售后", "服务体验")
OTHER = "其他"

_STRONG, _INTENT, _BEFORE = 2.0, 0.6, 0.5
_SINGLE = 0.4
"""A single character says little by itself: it tips a balance."""
_SPACE = re.compile(r"\s+")
_LOOKS_BACK = 4
_MOST_EVIDENCE = 4


@dataclass(frozen=True)
class Sentence:
    """What a customer said, with what the engine took it for."""

    text: str
    intent: str | None = None


@dataclass(frozen=True)
class Reason:
    """What a sentence is about.

    Args:
        cause: one of CAUSES.
        scene: one of SCENES.
        evidence: the words that spoke for the cause, as they were written.
    """

    cause: str
    scene: str
    evidence: tuple[str, ...]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Cause(_Model):
    strong: tuple[re.Pattern[str], ...] = ()
    words: tuple[re.Pattern[str], ...] = ()
    blank: tuple[re.Pattern[str], ...] = Field((), alias="not")
    intents: tuple[str, ...] = ()


class _Scene(_Model):
    causes: tuple[str, ...] = ()
    words: tuple[re.Pattern[str], ...] = ()
    intents: tuple[str, ...] = ()
    unless: tuple[re.Pattern[str], ...] = ()


class Reasons(_Model):
    """The rules of causes.yml."""

    causes: dict[str, _Cause]
    scenes: dict[str, _Scene]

    def read(self, present: Sentence, before: Sequence[Sentence] = ()) -> Reason:
        """What a sentence is about.

        Args:
            present: the sentence.
            before: what the customer said before it in the same contact, oldest first.
        """
        weighed = self._weigh(present)
        cause = max(weighed, key=lambda name: weighed[name][0])
        weight, evidence = weighed[cause]
        if weight < 1:
            # It names nothing itself ("都几天了"): what came before says what it is about.
            for back, sentence in enumerate(reversed(before[-_LOOKS_BACK:])):
                for name, (found, words) in self._weigh(sentence).items():
                    share = found * _BEFORE**back
                    if found >= _INTENT and share > weight:
                        cause, weight, evidence = name, share, words
        if weight < _INTENT:
            cause, evidence = OTHER, []
        return Reason(cause, self._scene(present, before, cause), _longest(evidence))

    def _weigh(self, sentence: Sentence) -> dict[str, tuple[float, list[str]]]:
        whole = _plain(sentence.text)
        weighed = {}
        for name, rule in self.causes.items():
            text = whole
            for pattern in rule.blank:
                text = pattern.sub("·", text)
            weight = 0.0
            words: list[str] = []
            for patterns, each in ((rule.strong, _STRONG), (rule.words, 1.0)):
                for pattern in patterns:
                    found = {match[0]: None for match in pattern.finditer(text)}
                    weight += sum(each if len(word) > 1 else _SINGLE for word in found)
                    words += found
            if sentence.intent and sentence.intent.startswith(rule.intents or ("\0",)):
                weight += _INTENT
            weighed[name] = (weight, words)
        return weighed

    def _scene(self, present: Sentence, before: Sequence[Sentence], cause: str) -> str:
        for name in ("服务体验", "售前"):
            rule = self.scenes[name]
            if cause in rule.causes:
                return name
        about = _plain(present.text)
        presale, service = self.scenes["售前"], self.scenes["服务体验"]
        contact = about + "".join(_plain(sentence.text) for sentence in before[-_LOOKS_BACK:])
        bought = any(pattern.search(contact) for pattern in presale.unless)
        chooses = any(pattern.search(about) for pattern in presale.words) or (
            present.intent in presale.intents
        )
        if chooses and not bought:
            return "售前"
        if cause == OTHER and any(pattern.search(about) for pattern in service.words):
            return "服务体验"
        return "售后"


def _longest(words: Sequence[str]) -> tuple[str, ...]:
    """The words that stand in no other of them, in order."""
    alone = [one for one in words if not any(one != other and one in other for other in words)]
    return tuple(dict.fromkeys(alone))[:_MOST_EVIDENCE]


def _plain(text: str) -> str:
    return _SPACE.sub("", simplified(text)).lower()


@cache
def load_reasons(path: Path = CAUSES_FILE) -> Reasons:
    """The rules of a file, read once.

    Raises:
        ValueError: it cannot be used; the text says where.
    """
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    reasons = Reasons.model_validate(content)
    if set(reasons.causes) != set(CAUSES) or set(reasons.scenes) != set(SCENES):
        raise ValueError(f"{path.name}: causes and scenes are {CAUSES}, {SCENES}")
    return reasons

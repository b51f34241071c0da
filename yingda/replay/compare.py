"""What a turn should have brought, against what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yingda.replay.parse import Step


@dataclass(frozen=True)
class Difference:
    """One expectation that was not met."""

    dialogue: str
    turn: int
    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.dialogue} · turn {self.turn} · {self.what}: {self.expected} ≠ {self.got}"


def compare(dialogue: str, turn: int, step: Step, answer: Mapping[str, Any]) -> list[Difference]:
    """Every expectation of a step that the answer does not meet.

    Args:
        dialogue: its name, for the report.
        turn: number of the step, from 1.
        step: what should come.
        answer: what ``POST /internal/turn`` answered.
    """
    replies = list(answer.get("replies") or ())
    said = "\n".join(str(r.get("text") or "") for r in replies)
    titles = [str(b.get("title")) for r in replies for b in r.get("quick_replies") or ()]
    differences: list[Difference] = []

    def differs(what: str, expected: object, got: object) -> None:
        differences.append(Difference(dialogue, turn, what, str(expected), str(got)))

    intent = str(answer.get("intent"))
    if step.intent and intent not in step.intent:
        differs("intent", " | ".join(step.intent), intent)
    actions = [str(a) for a in answer.get("actions") or ()]
    if step.action and not set(step.action) & set(actions):
        differs("action", " | ".join(step.action), actions)
    for fragment in step.reply:
        if fragment not in said:
            differs("reply", fragment, said)
    if step.any_of and not any(fragment in said for fragment in step.any_of):
        differs("reply (any)", " | ".join(step.any_of), said)
    for fragment in step.never:
        if fragment in said:
            differs("reply (not)", fragment, said)
    for title in step.buttons:
        if title not in titles:
            differs("button", title, titles)
    if step.card is not None and step.card != any(r.get("card") for r in replies):
        differs("card", step.card, not step.card)
    handoff = str(answer.get("handoff") or "none")
    if step.handoff and handoff not in step.handoff:
        differs("handoff", " | ".join(step.handoff), handoff)
    if step.silent and said.strip():
        differs("reply", "silence", said)
    elif not step.silent and not said.strip():
        differs("reply", "something", "silence")
    return differences

"""Should a person take over? A pure function of the policy and of what an episode has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """Which message speaks for it, and why, in Chinese for the desk."""

    seq: int
    why: str


@dataclass(frozen=True)
class Decision:
    """A person should take over.

    Args:
        reason: the first of the policy's reasons that holds.
        evidence: everything that speaks for it, in order of seq.
        priority: 1 (most urgent) to 5.
        skill: who should take it.
        language: what the customer writes: ``zh`` or ``en``.
        care: said to the customer before anything else, for sensitive matters.
    """

    reason: str
    evidence: tuple[Evidence, ...]
    priority: int
    skill: str
    language: str = "zh"
    care: str | None = None

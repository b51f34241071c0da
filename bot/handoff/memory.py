"""What the assistant remembers once people have been at work.

The assistant's memory is a handful of slots in the episode's snapshot (actions/dialogue/memory.py).
What it was doing when people took over is theirs now: taken up again, a half-made cancellation
could act on a past that has changed.
"""

from __future__ import annotations

from typing import Any

_OF_THE_HANDOFF = ("handoff", "complaints")
"""Counters in the slot ``said``: once people are gone, the next wish or complaint is a new one."""


def after_people(
    snapshot: dict[str, Any] | None, agreed: str, order_number: str | None
) -> dict[str, Any] | None:
    """The snapshot to go on with after people had the conversation (or were not to be had).

    Args:
        snapshot: as stored; None stays None unless something was agreed.
        agreed: what the agent wrote when handing back, kept in ``about.agreed``.
        order_number: the order that was dealt with, the verified customer's own.
    """
    if snapshot is None and not agreed and order_number is None:
        return None
    kept = dict(snapshot or {"version": 1, "loop": None})
    slots = dict(kept.get("slots") or {})
    said = {k: v for k, v in (slots.get("said") or {}).items() if k not in _OF_THE_HANDOFF}
    slots["said"] = said or None
    for unfinished in ("tasks", "queue", "misses"):
        slots[unfinished] = None
    if agreed:
        slots["about"] = {**(slots.get("about") or {}), "agreed": agreed[:500]}
    if order_number is not None:
        slots["order_number"] = order_number
    kept["slots"] = slots
    return kept

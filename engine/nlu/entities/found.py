"""One thing that was named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, List


@dataclass(frozen=True)
class Found:
    """An entity in a normalised text; ``end`` is exclusive, ``value`` is JSON."""

    entity: str
    value: Any
    start: int
    end: int


def settle(found: Iterable[Found]) -> List[Found]:
    """Drop what overlaps something found earlier in the list; same span and entity may repeat.

    Readers are run from the surest to the least sure, so the earlier one is right.
    """
    kept: List[Found] = []
    for one in found:
        rivals = [other for other in kept if other.start < one.end and one.start < other.end]
        alike = all(
            (other.entity, other.start, other.end) == (one.entity, one.start, one.end)
            for other in rivals
        )
        if alike and one not in kept:
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.end))

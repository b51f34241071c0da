"""What the assistant remembers between turns: a handful of Rasa slots, and nothing else.

The slots are JSON, so the snapshot that the service keeps of them is enough to go on after the
engine was restarted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import EventType, SlotSet

MAX_TASKS = 3
MAX_QUEUE = 5


@dataclass
class Task:
    """One unfinished piece of business: which skill, what it waits for, what it knows."""

    skill: str
    awaits: str
    data: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    """Answers in a row that did not fit."""
    reminders: int = 0
    """How often it was asked again after something else."""

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        data = deepcopy(self.data)  # a snapshot: the task goes on changing
        return {
            "skill": self.skill,
            "awaits": self.awaits,
            "data": data,
            "tries": self.tries,
            "reminders": self.reminders,
        }


@dataclass
class Memory:
    """The slots of one episode; change the fields, then ask for ``events``."""

    order_number: str | None = None
    """The order spoken of last; only ever one that belongs to the verified speaker."""
    product: str | None = None
    """Article number of the product spoken of last."""
    about: dict[str, str] = field(default_factory=dict)
    """Other things spoken of last: ``city``, ``category``, and under ``last`` our own words."""
    topic: str | None = None
    """The intent answered last, for fragments such as "上个月那个呢"."""
    tasks: list[Task] = field(default_factory=list)
    """Unfinished business, the innermost last."""
    queue: list[dict[str, Any]] = field(default_factory=list)
    """Further requests (``skill``, ``request``) that wait for the present one to be finished."""
    misses: int = 0
    """How many messages in a row were not understood."""
    said: dict[str, int] = field(default_factory=dict)
    """How often each varied sentence was said, and a hash of the last reply under ``#``."""

    _before: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, slots: Mapping[str, Any]) -> Memory:
        """Take over the slots of a tracker; what is broken or missing starts empty."""
        memory = cls(
            order_number=_text(slots.get("order_number")),
            product=_text(slots.get("product")),
            about=dict(slots.get("about") or {}),
            topic=_text(slots.get("topic")),
            tasks=[t for t in map(_task, _list(slots.get("tasks"))) if t],
            queue=[q for q in _list(slots.get("queue")) if isinstance(q, dict)],
            misses=int(slots.get("misses") or 0),
            said=dict(slots.get("said") or {}),
        )
        memory._before = memory.slots()
        return memory

    def copy(self) -> Memory:
        """The same memory, to go back to; it knows the same beginning of the turn."""
        copied = Memory.read(self.slots())
        copied._before = self._before
        return copied

    @property
    def task(self) -> Task | None:
        """The innermost unfinished business."""
        return self.tasks[-1] if self.tasks else None

    def push(self, task: Task) -> None:
        """Start waiting for something; the same skill never waits twice."""
        self.tasks = [t for t in self.tasks if t.skill != task.skill][-(MAX_TASKS - 1) :]
        self.tasks.append(task)

    def drop(self, task: Task) -> None:
        """Stop waiting for it."""
        self.tasks = [t for t in self.tasks if t is not task]

    def slots(self) -> dict[str, Any]:
        """The memory as slot values; empty things are None so that the snapshot stays small."""
        return {
            "order_number": self.order_number,
            "product": self.product,
            "about": dict(self.about) or None,
            "topic": self.topic,
            "tasks": [t.as_dict() for t in self.tasks] or None,
            "queue": deepcopy(self.queue[:MAX_QUEUE]) or None,
            "misses": self.misses or None,
            "said": dict(self.said) or None,
        }

    def events(self) -> list[EventType]:
        """Slot events for what changed in this turn."""
        after = self.slots()
        return [
            SlotSet(k, v) for k, v in after.items() if _written(self._before.get(k)) != _written(v)
        ]


def _written(value: object) -> str:
    """A value as JSON: two dicts in another order are equal to Python, but "第一个" is another one."""
    return json.dumps(value, ensure_ascii=False)


def _text(value: object) -> str | None:
    return str(value) if value else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _task(value: object) -> Task | None:
    if not isinstance(value, dict) or not value.get("skill"):
        return None
    data = value.get("data")
    return Task(
        skill=str(value["skill"]),
        awaits=str(value.get("awaits") or ""),
        data=deepcopy(data) if isinstance(data, dict) else {},
        tries=int(value.get("tries") or 0),
        reminders=int(value.get("reminders") or 0),
    )

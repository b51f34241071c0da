"""A tracker store that keeps live trackers in memory and forgets the old ones.

Rasa's own stores serialise the whole conversation after each turn and replay it before the
next. Ours keeps the object itself. It may forget at any time: the service holds the truth and
sends a snapshot with every turn (see ``engine.snapshot``).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine import fastpaths, snapshot

fastpaths.install()

_SPARE_TURNS = 3
"""Turns above ``keep_turns`` before a tracker is shortened; one of them is the snapshot's own."""


@dataclass
class _Entry:
    tracker: DialogueStateTracker
    turn: Optional[int]
    touched: float


class LiveTrackerStore(TrackerStore):
    """Bounded in-memory trackers, each tagged with the number of turns it has seen.

    Args:
        max_trackers: how many conversations are kept; the least recently used goes first.
        ttl_s: seconds after its last turn when a conversation may be forgotten.
        keep_turns: customer turns kept as events; a tracker is shortened to this many once it
            holds three more, so the work per turn does not grow with the conversation.
        clock: monotonic seconds, injected for tests.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        max_trackers: int = 2000,
        ttl_s: float = 3600.0,
        keep_turns: int = 2,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        self._entries: "OrderedDict[str, _Entry]" = OrderedDict()
        self._max = int(max_trackers)
        self._ttl_s = float(ttl_s)
        self._keep_turns = int(keep_turns)
        self._clock = clock
        super().__init__(domain, event_broker, **_known(kwargs))

    @property
    def domain(self) -> Domain:
        """The loaded model's domain."""
        return self._domain

    @domain.setter
    def domain(self, domain: Optional[Domain]) -> None:
        # Trackers hold slot objects of the model that made them: a new model starts afresh.
        self._domain = domain or Domain.empty()
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def checkout(
        self, sender_id: str, turn: int, state: Optional[snapshot.Snapshot]
    ) -> DialogueStateTracker:
        """Return the tracker as it was after ``turn`` turns, from memory or from ``state``.

        Raises:
            ValueError: the tracker must be rebuilt and ``state`` is not one of our snapshots.
        """
        self._forget_old()
        entry = self._entries.get(sender_id)
        if entry is None or entry.turn != turn:
            tracker = snapshot.rebuild(sender_id, state, self._domain)
        else:
            tracker = entry.tracker
            seen = sum(isinstance(event, UserUttered) for event in tracker.events)
            if seen > self._keep_turns + _SPARE_TURNS:
                tracker = snapshot.shorten(tracker, self._domain, self._keep_turns)
        self._put(tracker, turn)
        return tracker

    def commit(self, tracker: DialogueStateTracker, turn: int) -> None:
        """Remember the tracker as it is after ``turn`` turns."""
        self._put(tracker, turn)

    def drop(self, sender_id: str) -> None:
        """Forget a tracker (a turn failed half-way: its state cannot be trusted)."""
        self._entries.pop(sender_id, None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker (Rasa's interface)."""
        await self.stream_events(tracker)
        entry = self._entries.get(tracker.sender_id)
        self._put(tracker, entry.turn if entry is not None else None)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Return the live tracker, or None (Rasa's interface)."""
        entry = self._entries.get(sender_id)
        return entry.tracker if entry is not None else None

    async def keys(self) -> Iterable[str]:
        """Return the senders in memory (Rasa's interface)."""
        return list(self._entries)

    def _put(self, tracker: DialogueStateTracker, turn: Optional[int]) -> None:
        self._entries[tracker.sender_id] = _Entry(tracker, turn, self._clock())
        self._entries.move_to_end(tracker.sender_id)
        while len(self._entries) > self._max:
            self._entries.popitem(last=False)

    def _forget_old(self) -> None:
        oldest_kept = self._clock() - self._ttl_s
        while self._entries:
            sender_id, entry = next(iter(self._entries.items()))
            if entry.touched >= oldest_kept:
                return
            del self._entries[sender_id]


def _known(kwargs: Dict[str, Any]) -> Dict[str, Any]:
    """Drop the ``endpoint_config``-style extras that Rasa passes to every store."""
    return {key: value for key, value in kwargs.items() if key not in ("host", "url")}

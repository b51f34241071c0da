"""Snapshots, the live store and the lock, without a model."""

from __future__ import annotations

import asyncio
import json

import pytest
from rasa.core.lock_store import LockError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from engine import snapshot
from engine.lock_store import FairLockStore
from engine.tracker_store import LiveTrackerStore

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [greet, query_order, request_return]
slots:
  topic: {type: any, mappings: [{type: custom}]}
  city: {type: text, initial_value: 上海, mappings: [{type: custom}]}
  reason: {type: text, mappings: [{type: custom}]}
forms:
  return_form: {required_slots: [reason]}
actions: [action_order]
"""
)


def say(tracker: DialogueStateTracker, intent: str, *events: object) -> None:
    tracker.update(UserUttered("话", intent={"name": intent}, input_channel="app_chat"))
    for event in [*events, ActionExecuted("action_listen")]:
        tracker.update(event, DOMAIN)  # type: ignore[arg-type]


def fresh() -> DialogueStateTracker:
    return snapshot.rebuild("s", None, DOMAIN)


class TestSnapshot:
    def test_what_was_taken_is_rebuilt(self) -> None:
        tracker = fresh()
        say(
            tracker,
            "query_order",
            ActionExecuted("action_order"),
            SlotSet("topic", {"order": "261119004217", "list": [1, None]}),
            SlotSet("city", None),
            BotUttered("在路上"),
        )
        state = json.loads(json.dumps(snapshot.take(tracker)))
        again = snapshot.rebuild("s", state, DOMAIN)
        assert snapshot.take(again) == state
        assert again.current_slot_values() == tracker.current_slot_values()
        assert again.latest_action_name == "action_listen"
        assert again.latest_bot_utterance is not None
        assert again.latest_bot_utterance.text == "在路上"

    @pytest.mark.parametrize("rejected", [False, True])
    def test_an_open_form_is_rebuilt(self, rejected: bool) -> None:
        tracker = fresh()
        events: list[object] = [
            ActionExecuted("return_form"),
            ActiveLoop("return_form"),
            SlotSet("requested_slot", "reason"),
        ]
        say(tracker, "request_return", *events)
        if rejected:
            say(
                tracker,
                "query_order",
                ActionExecutionRejected("return_form"),
                ActionExecuted("action_order"),
            )
        again = snapshot.rebuild("s", snapshot.take(tracker), DOMAIN)
        assert again.active_loop_name == "return_form"
        assert again.get_slot("requested_slot") == "reason"
        assert again.is_active_loop_rejected is rejected
        assert snapshot.take(again) == snapshot.take(tracker)

    def test_a_fresh_session_has_nothing_to_tell(self) -> None:
        state = snapshot.take(fresh())
        assert (state["slots"], state["loop"], state["latest_intent"]) == ({}, None, None)

    @pytest.mark.parametrize(
        "state", [{}, {"version": 2}, {"version": 1, "slots": 3}, {"version": 1, "loop": "x"}]
    )
    def test_a_foreign_snapshot_is_refused(self, state: snapshot.Snapshot) -> None:
        with pytest.raises(ValueError, match="unknown snapshot format"):
            snapshot.rebuild("s", state, DOMAIN)

    def test_shortening_changes_nothing_but_the_past(self) -> None:
        tracker = fresh()
        say(tracker, "greet", SlotSet("topic", "kept"), SlotSet("city", None))
        for _ in range(9):
            say(tracker, "query_order", ActionExecuted("action_order"))
        say(
            tracker,
            "request_return",
            ActionExecuted("return_form"),
            ActiveLoop("return_form"),
            SlotSet("requested_slot", "reason"),
        )
        short = snapshot.shorten(tracker, DOMAIN, keep_turns=2)
        assert snapshot.take(short) == snapshot.take(tracker)
        assert len(short.events) < len(tracker.events)
        assert list(short.events)[-8:] == list(tracker.events)[-8:]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class TestStore:
    def test_a_tracker_is_kept_for_the_turn_that_follows(self) -> None:
        store = LiveTrackerStore(DOMAIN)
        tracker = store.checkout("a", 0, None)
        tracker.update(SlotSet("topic", "x"))
        store.commit(tracker, 1)
        assert store.checkout("a", 1, None) is tracker

    def test_another_turn_starts_from_the_snapshot(self) -> None:
        store = LiveTrackerStore(DOMAIN)
        tracker = store.checkout("a", 0, None)
        tracker.update(SlotSet("topic", "half-way"))
        store.commit(tracker, 1)
        assert store.checkout("a", 0, None).get_slot("topic") is None

    def test_a_dropped_tracker_starts_from_the_snapshot(self) -> None:
        store = LiveTrackerStore(DOMAIN)
        store.checkout("a", 0, None).update(SlotSet("topic", "half-way"))
        store.drop("a")
        assert store.checkout("a", 0, None).get_slot("topic") is None

    def test_the_least_recently_used_goes_first(self) -> None:
        store = LiveTrackerStore(DOMAIN, max_trackers=2)
        for sender in ("a", "b", "a", "c"):
            store.checkout(sender, 0, None)
        assert asyncio.run(_senders(store)) == ["a", "c"]

    def test_a_conversation_that_is_over_is_forgotten(self) -> None:
        clock = Clock()
        store = LiveTrackerStore(DOMAIN, ttl_s=60, clock=clock)
        store.checkout("a", 0, None)
        clock.now = 61
        store.checkout("b", 0, None)
        assert asyncio.run(_senders(store)) == ["b"]

    def test_another_model_starts_afresh(self) -> None:
        store = LiveTrackerStore(DOMAIN)
        store.checkout("a", 0, None)
        store.domain = Domain.empty()
        assert len(store) == 0

    def test_the_number_of_events_stays_bounded(self) -> None:
        store = LiveTrackerStore(DOMAIN, keep_turns=2)
        longest = 0
        for turn in range(200):
            tracker = store.checkout("a", turn, None)
            say(tracker, "query_order", ActionExecuted("action_order"), SlotSet("topic", turn))
            store.commit(tracker, turn + 1)
            longest = max(longest, len(tracker.events))
        assert longest < 40
        assert tracker.get_slot("topic") == 199


async def _senders(store: LiveTrackerStore) -> list[str]:
    return list(await store.keys())


class TestLock:
    def test_turns_of_one_conversation_go_in_order(self) -> None:
        async def run() -> list[int]:
            store, order = FairLockStore(), []

            async def turn(number: int) -> None:
                async with store.lock("a"):
                    await asyncio.sleep(0)
                    order.append(number)

            await asyncio.gather(*(turn(number) for number in range(5)))
            return order

        assert asyncio.run(run()) == [0, 1, 2, 3, 4]

    def test_other_conversations_do_not_wait(self) -> None:
        async def run() -> None:
            store = FairLockStore()
            async with store.lock("a"), store.lock("b"):
                pass

        asyncio.run(asyncio.wait_for(run(), 5))

    def test_nothing_is_left_behind(self) -> None:
        async def run() -> int:
            store = FairLockStore()
            async with store.lock("a"):
                pass
            return len(store._locks) + len(store._users)

        assert asyncio.run(run()) == 0

    def test_a_conversation_that_stays_busy_is_given_up(self) -> None:
        async def run() -> None:
            store = FairLockStore()
            async with store.lock("a"), store.lock("a", lock_lifetime=0.01):
                pass

        with pytest.raises(LockError):
            asyncio.run(run())

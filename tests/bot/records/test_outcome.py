from __future__ import annotations

from typing import Any

import pytest

from bot.records import Outcome, derive_outcome


def turn(intent: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return "turn", {"intent": intent, "fulfilled": False, "errors": []} | data


ANSWERED = turn("query_order", fulfilled=True)
ASKED_BACK = turn("query_order")
HANDOFF = ("handoff_requested", {"reason": "asked_for_human"})
OPENED = ("handoff_opened", {"reason": "frustration"})
OFF_HOURS = ("handoff_opened", {"reason": "off_hours"})
JOINED = ("agent_joined", {})


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], None),
        ([turn("greet"), turn("goodbye")], None),
        ([ANSWERED], Outcome.AUTOMATED_FULFILLED),
        ([turn("greet"), ANSWERED, turn("goodbye")], Outcome.AUTOMATED_FULFILLED),
        ([ANSWERED, turn("thanks")], Outcome.AUTOMATED_CONFIRMED),
        ([ASKED_BACK], Outcome.ABANDONED),
        ([ASKED_BACK, turn("affirm", fulfilled=True)], Outcome.AUTOMATED_FULFILLED),
        ([ANSWERED, turn("nlu_fallback")], Outcome.UNRESOLVED),
        ([ANSWERED, turn("nlu_fallback"), turn("thanks")], Outcome.UNRESOLVED),
        ([turn("nlu_fallback")], Outcome.ABANDONED),
        ([ASKED_BACK, HANDOFF], Outcome.HANDOFF_FAILED),
        ([HANDOFF, ("agent_joined", {})], Outcome.HANDED_OFF),
        ([turn("greet"), OPENED], Outcome.HANDOFF_FAILED),
        ([ASKED_BACK, OPENED, ("agent_assigned", {})], Outcome.HANDOFF_FAILED),
        ([ASKED_BACK, OPENED, JOINED, ("resolved", {})], Outcome.HANDED_OFF),
        ([OPENED, ("handoff_cancelled", {}), ANSWERED, turn("thanks")], Outcome.HANDOFF_FAILED),
        ([OPENED, JOINED, ("handed_back", {}), ANSWERED], Outcome.HANDED_OFF),
        ([OPENED, ("handed_back", {}), ANSWERED], Outcome.HANDOFF_FAILED),
        ([OPENED, JOINED, ("handed_back", {}), HANDOFF, OPENED], Outcome.HANDED_OFF),
        ([OFF_HOURS, ANSWERED], Outcome.HANDOFF_FAILED),
        ([OFF_HOURS, ("left_message", {})], Outcome.HANDOFF_FAILED),
        ([OFF_HOURS, ("left_message", {}), ("message_answered", {})], Outcome.HANDED_OFF),
        ([turn("query_order", errors=[{"where": "action"}])], Outcome.BOT_ERROR),
        (
            [turn("query_order", errors=[{"where": "action"}]), ANSWERED],
            Outcome.AUTOMATED_FULFILLED,
        ),
    ],
)
def test_the_outcome_follows_from_the_events(
    events: list[tuple[str, dict[str, Any]]], outcome: Outcome | None
) -> None:
    assert derive_outcome(events) is outcome

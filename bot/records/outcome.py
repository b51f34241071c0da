"""One outcome per episode, derived from its events by a pure function (DESIGN.md section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

EventRow = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], datetime]
"""An event's kind and data, as the log keeps them; its moment decides nothing."""

#: Turns with only these intents ask for nothing, so the episode does not count.
SMALL_TALK = frozenset({"greet", "goodbye", "thanks", "affirm", "deny", "abuse"})


class Outcome(StrEnum):
    """How an episode ended; exactly one per episode."""

    AUTOMATED_CONFIRMED = "automated_confirmed"
    AUTOMATED_FULFILLED = "automated_fulfilled"
    HANDED_OFF = "handed_off"
    HANDOFF_FAILED = "handoff_failed"
    ABANDONED = "abandoned"
    BOT_ERROR = "bot_error"
    UNRESOLVED = "unresolved"


def derive_outcome(events: Iterable[EventRow]) -> Outcome | None:
    """Derive the outcome of a closed episode.

    Args:
        events: the episode's events in order.

    Returns:
        The outcome, or None where nothing substantive was asked (not eligible).

    A request counts as fulfilled only when the action that answers it says so in its event
    (``fulfilled``): a reply that merely was sent proves nothing. What follows a fulfilled request
    can take it back: a later failure or an unanswered question leaves the episode unresolved.

    Once a person was asked for, only a person's answer makes it a success: a queue that the customer
    left, an offer to leave a message and a transfer that nobody took are ``handoff_failed``, never
    "contained", whatever the assistant did afterwards. A message left counts as handed off once
    somebody has answered it.
    """
    asked = fulfilled = confirmed = failed = open_question = False
    handoff: Outcome | None = None
    for event in events:
        kind, data = event[0], event[1]
        if kind == "turn":
            intent = data.get("intent")
            if intent == "thanks" and fulfilled and not open_question:
                confirmed = True
            if intent not in SMALL_TALK:
                asked = True
                confirmed = False
            failed = bool(data.get("errors"))
            if data.get("fulfilled"):
                fulfilled, open_question = True, False
            elif intent not in SMALL_TALK or data.get("asks"):
                open_question = True
        elif kind in ("handoff_requested", "handoff_opened"):
            asked = True
            handoff = handoff or Outcome.HANDOFF_FAILED
        elif kind in ("agent_joined", "message_answered"):
            asked = True
            handoff = Outcome.HANDED_OFF
    if not asked:
        return None
    if handoff is not None:
        return handoff
    if failed:
        return Outcome.BOT_ERROR
    if confirmed:
        return Outcome.AUTOMATED_CONFIRMED
    if fulfilled and not open_question:
        return Outcome.AUTOMATED_FULFILLED
    return Outcome.ABANDONED if open_question and not fulfilled else Outcome.UNRESOLVED

"""What a customer's displeasure changes in an answer."""

from __future__ import annotations

from collections.abc import Collection

from actions.dialogue.fragments import SHORT
from actions.dialogue.turn import Turn
from actions.reading import says_serious

UPSET = frozenset({"complaint", "abuse"})


def soothe(turn: Turn, requests: Collection[str]) -> None:
    """Let a customer who is upset while asking for something hear that we noticed.

    Args:
        turn: the turn, answered.
        requests: the intents that ask for something.
    """
    message = turn.whole
    heard = message.emotion == "severe" or (
        message.emotion == "medium" and len(message.text) > SHORT
    )
    upset = heard or message.intent in UPSET
    asks = message.intent in requests or len(message.parts) > 1
    if upset and asks and not message.chosen and not turn.apologises:
        turn.preface(turn.text("utter_sorry_first"))


def furious(turn: Turn) -> bool:
    """Whether it is a complaint that must not be passed over: serious, severe, or not the first."""
    message = turn.message
    if message.intent not in UPSET:
        return False
    again = bool(turn.memory.said.get("complaints"))
    return again or message.emotion == "severe" or says_serious(message.text)

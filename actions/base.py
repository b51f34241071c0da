"""The Rasa actions: one per intent, each a thin door to the router."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.context import ActionContext
from actions.dialogue import FALLBACK, UNHEARD, Memory, Router, Turn, read_message
from actions.foreign import english_intent
from actions.people import take_care
from actions.shop.client import ShopUnavailable, ShopUnsure
from actions.shop.deadline import Monotonic
from actions.wording import Phrases

logger = logging.getLogger(__name__)

DEFAULT_CHANNEL = "app_chat"


def action_name(intent: str) -> str:
    """The action that domain.yml and data/rules.yml name for an intent."""
    return "action_clarify" if intent == FALLBACK else f"action_{intent}"


class IntentAction(Action):  # type: ignore[misc]  # rasa_sdk is untyped
    """Answers one intent, or whatever the dialogue makes of the message."""

    def __init__(
        self,
        intent: str,
        router: Router,
        phrases: Phrases,
        context: ActionContext,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """Takes its intent and what all actions share."""
        self._monotonic = monotonic
        self._intent = intent
        self._router = router
        self._phrases = phrases
        self._context = context

    def name(self) -> str:
        """Name in domain.yml."""
        return action_name(self._intent)

    def _meant(self, turn: Turn) -> str:
        """What the engine understood; of English it understands little."""
        if self._intent not in UNHEARD or turn.message.chosen:
            return self._intent
        return english_intent(turn.message.original) or self._intent

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """Answer the latest message and return what is to be remembered."""
        del domain
        began = time.perf_counter()
        turn = Turn(
            self._context,
            self._phrases,
            sender=tracker.sender_id,
            channel=tracker.get_latest_input_channel() or DEFAULT_CHANNEL,
            message=read_message(tracker.latest_message),
            memory=Memory.read(tracker.current_slot_values()),
            monotonic=self._monotonic,
        )
        failed = False
        try:
            if not await take_care(turn):
                await self._router.run(turn, self._meant(turn))
                # What the engine understood stays beside what it was taken for.
                turn.whole = replace(turn.whole, intent=self._intent)
        except ShopUnavailable as error:
            failed = True
            # What was remembered before still holds: the customer can simply ask again.
            turn.memory = Memory.read(tracker.current_slot_values())
            turn.forget_replies()
            if isinstance(error, ShopUnsure):
                turn.doubt()
            else:
                turn.offer_human("utter_shop_down", "action_failed")
        turn.send(dispatcher)
        logger.info(
            "action answered",
            extra={
                "action": self.name(),
                "episode": tracker.sender_id,
                "shop_down": failed,
                "milliseconds": round((time.perf_counter() - began) * 1000, 1),
            },
        )
        return turn.memory.events()

"""The one path a message takes: accepted, ordered, understood, answered, written down, delivered.

Channels call `TurnService` and nothing else of this package:

    accepted = await turns.accept(Inbound(key, dedup_key, text))   # durable from here on
    replies = await turns.wait_for_replies(accepted, timeout_s=4)  # or subscribe(), or history()

A subscription delivers messages of every author (also the customer's own, for other tabs) at least
once and possibly out of step with history(): de-duplicate by seq, and re-fetch when a seq is missing.
"""

from bot.conversations import Author, ConversationKey, ConversationState, MessageView, Typing
from bot.turn.messages import Accepted, Choice, Inbound, Prepared, TurnResult
from bot.turn.observer import TurnObserver
from bot.turn.outbox import Channel, DeliveryFailed
from bot.turn.passive import PassiveReplies, Taken
from bot.turn.service import TurnService

__all__ = [
    "Accepted",
    "Author",
    "Channel",
    "Choice",
    "ConversationKey",
    "ConversationState",
    "DeliveryFailed",
    "Inbound",
    "MessageView",
    "PassiveReplies",
    "Prepared",
    "Taken",
    "TurnObserver",
    "TurnResult",
    "TurnService",
    "Typing",
]

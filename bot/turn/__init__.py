"""The one path a message takes: accepted, ordered, understood, answered, written down, delivered.

Channels call `TurnService` and nothing else of this package:

    accepted = await turns.accept(Inbound(key, dedup_key, text))   # durable from here on
    replies = await turns.wait_for_replies(accepted, timeout_s=4)  # or subscribe(), or history()

The constructor and lifecycle belong to the composition root (yingda/app.py). Interface:

    class TurnService:
        async def accept(self, inbound: Inbound) -> Accepted                  # raises CustomerError
        async def wait_for_replies(self, accepted: Accepted, timeout_s: float) -> list[MessageView]
        async def history(self, key: ConversationKey, after: int = 0, limit: int = 100) -> list[MessageView]
        async def state(self, key: ConversationKey) -> ConversationState
        async def read(self, key: ConversationKey, seq: int) -> None
        def subscribe(self, key: ConversationKey) -> AsyncContextManager[AsyncIterator[MessageView | Typing]]

A subscription delivers messages of every author (also the customer's own, for other tabs) at least
once and possibly out of step with history(): de-duplicate by seq, and re-fetch when a seq is missing.
"""

from bot.turn.messages import (
    Accepted,
    Author,
    Choice,
    ConversationKey,
    ConversationState,
    Inbound,
    MessageView,
    TurnResult,
    Typing,
)

__all__ = [
    "Accepted",
    "Author",
    "Choice",
    "ConversationKey",
    "ConversationState",
    "Inbound",
    "MessageView",
    "TurnResult",
    "Typing",
]

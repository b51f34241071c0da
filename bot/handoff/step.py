"""What every change of ownership has at hand within its transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.conversations import Author, Bubble, Said, choices, say
from bot.handoff.effects import Effects
from bot.handoff.policy import Policy
from bot.records import new_id
from bot.records.tables import conversations, events, handoffs, webhook_deliveries


@dataclass
class Step:
    """A transaction on handoffs: its connection, its moment, the policy, and what it leads to.

    Args:
        tx: the transaction.
        now: current time.
        policy: in force for the whole step.
        push_channels: channels whose platform must be sent each message.
        webhook: whether an outside desk wants to hear of handoffs.
    """

    tx: Connection
    now: datetime
    policy: Policy
    push_channels: frozenset[str]
    webhook: bool = False
    effects: Effects = field(default_factory=Effects)

    def tell(
        self,
        conversation_id: str,
        text: str,
        *options: str,
        episode_id: str | None = None,
    ) -> None:
        """Say something to the customer in the system's name.

        Args:
            conversation_id: to whom.
            text: what.
            options: quick replies; each says what it reads.
            episode_id: to which it belongs; None takes the open one.
        """
        self.said(
            say(
                self.tx,
                conversation_id,
                Author.SYSTEM,
                [Bubble(text, choices(*options))],
                self.now,
                push_channels=self.push_channels,
                episode_id=episode_id,
            )
        )

    def said(self, said: Said) -> None:
        """Publish this once it is committed."""
        self.effects.said.append(said)

    def changed(self, conversation_id: str) -> None:
        """Tell the desks of this conversation once it is committed."""
        self.effects.changed.add(conversation_id)

    def log(self, handoff: Any, kind: str, **data: Any) -> None:
        """Write an event of a handoff into its episode's log, and tell the desks."""
        self.tx.execute(
            insert(events).values(
                episode_id=handoff.episode_id,
                conversation_id=handoff.conversation_id,
                kind=kind,
                data={"handoff": handoff.id, **data},
                at=self.now,
            )
        )
        self.changed(handoff.conversation_id)

    def change_handoff(self, handoff_id: str, **values: Any) -> None:
        """Set columns of a handoff whose conversation this transaction has locked."""
        self.tx.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(**values))

    def change_conversation(self, conversation_id: str, **values: Any) -> None:
        """Set columns of a conversation that this transaction has locked."""
        self.tx.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(**values)
        )

    def closed(self, handoff: Any) -> None:
        """A handoff has come to its end: capacity is free, and an outside desk hears of it."""
        self.effects.queue_moves = True
        self.enqueue(handoff.id, "handoff.closed")

    def enqueue(self, handoff_id: str, kind: str) -> None:
        """Have the outside desk told; the body is made when it is sent."""
        if self.webhook:
            self.tx.execute(
                insert(webhook_deliveries).values(
                    event_id=new_id("we"),
                    kind=kind,
                    handoff_id=handoff_id,
                    body="",
                    status="waiting",
                    attempts=0,
                    next_at=self.now,
                )
            )

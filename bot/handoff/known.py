"""What our own tables know of a conversation that was handed over: the packet's raw material."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from bot.records.tables import (
    agents,
    canned_replies,
    conversations,
    episodes,
    events,
    handoffs,
    identities,
    messages,
)

_ORDER = re.compile(r"(?<!\d)\d{12}(?!\d)")

LINES = 200
"""Messages of the transcript, over all channels, the newest kept."""


@dataclass(frozen=True)
class Known:
    """Everything that the packet is made of, but for what the shop says.

    Args:
        handoff: the row.
        external_id: of the conversation.
        level: of identity in this episode: anonymous, linked or verified.
        how: by what the customer proved who they are.
        shop_customer_id: the verified customer.
        snapshot: what the assistant remembers.
        lines: the transcript over all channels of the customer, oldest first.
        channels: channel of each conversation in it.
        turns: the turn events of the episode, by the seq of the customer's message.
        earlier: what people did before in this conversation: reason, agent, note.
        canned: shared canned replies: title, body, intents.
    """

    handoff: Any
    external_id: str
    level: str
    how: str | None
    shop_customer_id: str | None
    snapshot: dict[str, Any]
    lines: tuple[Any, ...]
    channels: dict[str, str]
    turns: dict[int, dict[str, Any]]
    earlier: tuple[Any, ...] = ()
    canned: tuple[Any, ...] = field(default=())

    @property
    def episode_lines(self) -> list[Any]:
        """The lines of the episode that was handed over."""
        return [line for line in self.lines if line.episode_id == self.handoff.episode_id]


def read_known(tx: Connection, handoff_id: str) -> Known | None:
    """Read it all; None for an unknown handoff."""
    handoff = tx.execute(select(handoffs).where(handoffs.c.id == handoff_id)).one_or_none()
    if handoff is None:
        return None
    row = tx.execute(
        select(
            conversations.c.external_id,
            conversations.c.identity_id,
            episodes.c.level,
            episodes.c.shop_customer_id,
            episodes.c.snapshot,
            identities.c.customer_id,
        )
        .select_from(conversations)
        .join(episodes, episodes.c.id == handoff.episode_id)
        .join(identities, identities.c.id == conversations.c.identity_id)
        .where(conversations.c.id == handoff.conversation_id)
    ).one()
    channels = _conversations(tx, handoff, row)
    log = tx.execute(
        select(events.c.kind, events.c.data)
        .where(events.c.episode_id == handoff.episode_id)
        .where(events.c.kind.in_(("turn", "verified")))
        .order_by(events.c.id)
    ).all()
    proofs = [str(event.data.get("by")) for event in log if event.kind == "verified"]
    vouched = "channel" if row.level == "verified" else None
    return Known(
        handoff=handoff,
        external_id=row.external_id,
        level=row.level,
        how=proofs[-1] if proofs else vouched,
        shop_customer_id=row.shop_customer_id,
        snapshot=row.snapshot or {},
        lines=_lines(tx, list(channels)),
        channels=channels,
        turns={int(event.data["seq"]): event.data for event in log if event.kind == "turn"},
        earlier=_earlier(tx, handoff),
        canned=tuple(
            tx.execute(
                select(canned_replies.c.title, canned_replies.c.body, canned_replies.c.intents)
                .where(canned_replies.c.owner_id.is_(None))
                .order_by(canned_replies.c.shortcut)
            )
        ),
    )


def _conversations(tx: Connection, handoff: Any, row: Any) -> dict[str, str]:
    """This conversation and, for somebody who is verified now, those on the other channels."""
    found = {handoff.conversation_id: handoff.channel}
    if row.level == "verified" and row.customer_id is not None:
        others = tx.execute(
            select(conversations.c.id, conversations.c.channel)
            .join(identities, identities.c.id == conversations.c.identity_id)
            .where(identities.c.customer_id == row.customer_id)
        )
        found |= {other.id: other.channel for other in others}
    return found


def _lines(tx: Connection, conversation_ids: list[str]) -> tuple[Any, ...]:
    newest = tx.execute(
        select(
            messages.c.conversation_id,
            messages.c.episode_id,
            messages.c.seq,
            messages.c.author,
            messages.c.text,
            messages.c.at,
            messages.c.intent,
            messages.c.confidence,
            messages.c.emotion,
            messages.c.files,
            agents.c.name.label("agent_name"),
        )
        .select_from(messages.outerjoin(agents, agents.c.id == messages.c.agent_id))
        .where(messages.c.conversation_id.in_(conversation_ids))
        .order_by(messages.c.at.desc(), messages.c.seq.desc())
        .limit(LINES)
    ).all()
    return tuple(reversed(newest))


def _earlier(tx: Connection, handoff: Any) -> tuple[Any, ...]:
    return tuple(
        tx.execute(
            select(handoffs.c.reason, handoffs.c.note, handoffs.c.closed_at, agents.c.name)
            .select_from(handoffs.outerjoin(agents, agents.c.id == handoffs.c.agent_id))
            .where(handoffs.c.conversation_id == handoff.conversation_id)
            .where(handoffs.c.id != handoff.id, handoffs.c.status.in_(("resolved", "handed_back")))
            .order_by(handoffs.c.closed_at.desc())
            .limit(3)
        )
    )


def orders_named(tx: Connection, conversation_id: str) -> tuple[list[str], str | None]:
    """Order numbers named since people took over, the last first, and the verified customer."""
    row = tx.execute(
        select(handoffs.c.opened_at, episodes.c.shop_customer_id)
        .select_from(conversations)
        .join(handoffs, handoffs.c.id == conversations.c.handoff_id)
        .join(episodes, episodes.c.id == handoffs.c.episode_id)
        .where(conversations.c.id == conversation_id)
    ).one_or_none()
    if row is None or row.shop_customer_id is None:
        return [], None
    texts = tx.execute(
        select(messages.c.text)
        .where(messages.c.conversation_id == conversation_id, messages.c.at >= row.opened_at)
        .where(messages.c.author.in_(("customer", "agent")))
        .order_by(messages.c.seq.desc())
        .limit(40)
    ).scalars()
    named = [number for text in texts for number in reversed(_ORDER.findall(text))]
    return list(dict.fromkeys(named))[:3], row.shop_customer_id

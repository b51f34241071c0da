"""Making agents the owners of conversations: any number with the same few statements.

When a team comes back from lunch, dozens of conversations move at once; statement by statement that
would hold the queue's lock for seconds. The statements are built once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.conversations import Author, ConversationKey, MessageView, Said
from bot.handoff.step import Step
from bot.records.tables import agents, conversations, events, handoffs, messages, outbox


@dataclass(frozen=True)
class Gift:
    """A conversation (its locked row), its handoff, and the agent who gets it."""

    conversation: Any
    handoff: Any
    agent: Any


_LOCK_WAITING = (
    select(
        conversations.c.id,
        conversations.c.channel,
        conversations.c.external_id,
        conversations.c.last_seq,
    )
    .where(conversations.c.id.in_(bindparam("the_conversations", expanding=True)))
    .where(conversations.c.handoff_id.in_(bindparam("the_handoffs", expanding=True)))
    .where(conversations.c.owner == "human", conversations.c.agent_id.is_(None))
    .order_by(conversations.c.id)
    .with_for_update()
)

_OWN = (
    update(conversations)
    .where(conversations.c.id == bindparam("the_conversation"))
    .values(
        agent_id=bindparam("the_agent"),
        snoozed_until=None,
        last_seq=bindparam("the_last_seq"),
        last_at=bindparam("the_now"),
    )
)

_ASSIGN = (
    update(handoffs)
    .where(handoffs.c.id == bindparam("the_handoff"))
    .values(
        status="assigned",
        agent_id=bindparam("the_agent"),
        assigned_at=bindparam("the_now"),
        answered_at=None,
        announced_at=None,
    )
)

_LAST_NOTICE = (
    select(messages.c.conversation_id, messages.c.text)
    .where(messages.c.conversation_id.in_(bindparam("the_conversations", expanding=True)))
    .where(messages.c.author == Author.SYSTEM.value)
    .order_by(messages.c.seq)
)

_WORKED = (
    update(agents)
    .where(agents.c.id == bindparam("the_agent"))
    .values(assigned_at=bindparam("the_now"))
)


def lock_waiting(step: Step, chosen: Sequence[Any]) -> dict[str, Any]:
    """Lock the conversations of waiting handoffs; those that no longer wait are left out."""
    rows = step.tx.execute(
        _LOCK_WAITING,
        {
            "the_conversations": [handoff.conversation_id for handoff in chosen],
            "the_handoffs": [handoff.id for handoff in chosen],
        },
    )
    return {row.id: row for row in rows}


def give(step: Step, gifts: Sequence[Gift]) -> None:
    """Make each agent the owner, write it down, and tell the customer who serves them.

    On channels whose platform counts messages the customer hears nothing until the agent speaks.
    Nor does who has just been told of this agent: one who was asked again is no news to them.
    """
    if not gifts:
        return
    now = step.now
    told = _to_be_told(step, gifts)
    seqs = {
        gift.handoff.id: gift.conversation.last_seq + (1 if gift in told else 0) for gift in gifts
    }
    step.tx.execute(
        _OWN,
        [
            {
                "the_conversation": gift.conversation.id,
                "the_agent": gift.agent.id,
                "the_last_seq": seqs[gift.handoff.id],
                "the_now": now,
            }
            for gift in gifts
        ],
    )
    step.tx.execute(
        _ASSIGN,
        [
            {"the_handoff": gift.handoff.id, "the_agent": gift.agent.id, "the_now": now}
            for gift in gifts
        ],
    )
    people = sorted({gift.agent.id for gift in gifts})
    step.tx.execute(_WORKED, [{"the_agent": agent_id, "the_now": now} for agent_id in people])
    step.tx.execute(
        insert(events),
        [
            {
                "episode_id": gift.handoff.episode_id,
                "conversation_id": gift.conversation.id,
                "kind": "agent_assigned",
                "data": {"handoff": gift.handoff.id, "agent": gift.agent.id},
                "at": now,
            }
            for gift in gifts
        ],
    )
    if told:
        _tell(step, told, seqs)
    for gift in gifts:
        waited = (now - gift.handoff.queued_at).total_seconds()
        step.effects.assigned[gift.handoff.id] = waited
        step.changed(gift.conversation.id)


def _to_be_told(step: Step, gifts: Sequence[Gift]) -> list[Gift]:
    told = [gift for gift in gifts if gift.conversation.channel not in step.push_channels]
    again = [gift.conversation.id for gift in told if gift.agent.id in gift.handoff.passed]
    if not again:
        return told
    known = {row[0]: row[1] for row in step.tx.execute(_LAST_NOTICE, {"the_conversations": again})}
    return [gift for gift in told if known.get(gift.conversation.id) != _notice(step, gift)]


def _notice(step: Step, gift: Gift) -> str:
    return step.policy.wording.agent_here.format(agent=gift.agent.name)


def _tell(step: Step, told: Sequence[Gift], seqs: dict[str, int]) -> None:
    """Who serves them, as a notice; the numbers were taken with the locked row."""
    rows = []
    for gift in told:
        text = _notice(step, gift)
        seq = seqs[gift.handoff.id]
        rows.append(
            {
                "conversation_id": gift.conversation.id,
                "seq": seq,
                "episode_id": gift.handoff.episode_id,
                "author": Author.SYSTEM.value,
                "text": text,
                "at": step.now,
            }
        )
        key = ConversationKey(gift.conversation.channel, gift.conversation.external_id)
        view = MessageView(seq=seq, author=Author.SYSTEM, text=text, at=step.now)
        step.said(Said(gift.conversation.id, key, (view,)))
    step.tx.execute(insert(messages), rows)
    step.tx.execute(
        insert(outbox),
        [
            {
                "conversation_id": gift.conversation.id,
                "channel": gift.conversation.channel,
                "first_seq": seqs[gift.handoff.id],
                "last_seq": seqs[gift.handoff.id],
                "status": "available",
                "attempts": 0,
                "next_at": step.now,
            }
            for gift in told
        ],
    )

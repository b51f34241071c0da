"""Opening a handoff: the queue takes the conversation, or off hours an offer to leave a message."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.conversations import Bubble, choices
from bot.handoff.deciding import Decision
from bot.handoff.memory import after_people
from bot.handoff.policy import Policy, Wording
from bot.handoff.queue import Place, anybody_on_duty, on_duty, place_of
from bot.handoff.step import Step
from bot.records import new_id
from bot.records.episodes import read_snapshot, write_snapshot
from bot.records.tables import agents, conversations, episodes, handoffs

OFFERED = "message_offer"
"""``conversations.expecting``: the customer was told that a message can be left."""

AWAITED = "left_message"
"""``conversations.expecting``: the customer's next message is the one to be left."""


@dataclass(frozen=True)
class Opened:
    """A handoff that was opened.

    Args:
        id: of the handoff.
        reason: why, as it is written down (``off_hours`` where nobody is there).
        waiting: whether it waits in the queue; else the bot keeps the conversation.
        notice: what the customer is to be told, in the system's name.
    """

    id: str
    reason: str
    waiting: bool
    notice: tuple[Bubble, ...]


def open_handoff(
    step: Step,
    conversation_id: str,
    episode_id: str,
    seq: int,
    decision: Decision,
    tier: str | None,
) -> Opened:
    """Open a handoff for a conversation that the bot owns and this transaction has locked.

    Args:
        step: the transaction.
        conversation_id: which conversation.
        episode_id: its open episode.
        seq: the message that decided it.
        decision: why, how urgent, for whom.
        tier: the customer's tier, if it is known.
    """
    found = step.tx.execute(
        select(
            conversations.c.channel,
            conversations.c.last_agent_id,
            conversations.c.last_agent_at,
            episodes.c.shop_customer_id,
        )
        .select_from(conversations.join(episodes, episodes.c.id == episode_id))
        .where(conversations.c.id == conversation_id)
    ).one()
    rules = step.policy.assignment
    there = step.policy.hours.are_open(step.now) or anybody_on_duty(step.tx, rules, step.now)
    reason = decision.reason if there else "off_hours"
    row = {
        "id": new_id("ho"),
        "episode_id": episode_id,
        "conversation_id": conversation_id,
        "channel": found.channel,
        "reason": reason,
        "evidence": [{"seq": e.seq, "why": e.why} for e in decision.evidence],
        "priority": decision.priority,
        "skill": decision.skill,
        "language": decision.language,
        "tier": tier,
        "shop_customer_id": found.shop_customer_id,
        "packet": {},
        "packet_version": 0,  # yet to be built: bot.handoff.packing
        "status": "waiting" if there else "off_hours",
        "wanted_agent_id": _wanted(step, found),
        "passed": [],
        "supervised": False,
        "queued_at": step.now,
        "unanswered_since": step.now if there else None,
        "sla_due": step.now + timedelta(minutes=step.policy.reasons[decision.reason].sla_minutes),
        "told_at": step.now,
        "opened_at": step.now,
        "closed_at": None if there else step.now,
    }
    step.tx.execute(insert(handoffs).values(**row))
    handoff = step.tx.execute(select(handoffs).where(handoffs.c.id == row["id"])).one()
    step.log(
        handoff,
        "handoff_opened",
        reason=reason,
        wanted=decision.reason,
        priority=decision.priority,
        skill=decision.skill,
        seq=seq,
        tier=tier,
        sla_s=step.policy.reasons[decision.reason].sla_minutes * 60,
    )
    step.tx.execute(
        update(episodes).where(episodes.c.id == episode_id).values(handoff_reason=reason)
    )
    if not there:
        step.change_conversation(conversation_id, expecting=OFFERED)
        remembered = after_people(read_snapshot(step.tx, episode_id), "", None)
        write_snapshot(step.tx, episode_id, remembered)
        return Opened(handoff.id, reason, False, (off_hours_notice(step.policy, found.channel),))
    step.change_conversation(
        conversation_id, owner="human", agent_id=None, handoff_id=handoff.id, expecting=None
    )
    place = place_of(step.tx, handoff, step.policy, step.now)
    step.change_handoff(handoff.id, told_place=place.place)
    step.enqueue(handoff.id, "handoff.opened")
    step.effects.queue_moves = True
    wording = step.policy.wording
    text = f"{wording.taking_over}\n{say_place(place, wording, found.channel)}"
    notice = Bubble(text, waiting_options(place, wording, found.channel))
    return Opened(handoff.id, reason, True, (notice,))


def say_place(place: Place, wording: Wording, channel: str) -> str:
    """Place and expected wait in words."""
    if place.wait_s is None:
        return wording.nobody_there_phone if channel == "phone" else wording.nobody_there
    minutes = math.ceil(place.wait_s / 60)
    wait = wording.wait_minutes.format(minutes=minutes) if minutes else wording.wait_soon
    if place.place == 1:
        return wording.next.format(wait=wait)
    return wording.place.format(ahead=place.place - 1, wait=wait)


def waiting_options(place: Place, wording: Wording, channel: str) -> tuple[dict[str, Any], ...]:
    """What somebody in the queue may choose; callers write nothing."""
    titles = [wording.cancel_button]
    if place.wait_s is None and channel != "phone":
        titles.insert(0, wording.message_button)
    return choices(*titles)


def off_hours_notice(policy: Policy, channel: str) -> Bubble:
    """Nobody is there: what can be done instead."""
    wording = policy.wording
    hours = f"每天 {policy.hours.open:%H:%M}–{policy.hours.close:%H:%M}"
    text = wording.off_hours_phone if channel == "phone" else wording.off_hours
    return Bubble(text.format(hours=hours), instead_options(wording, channel))


def instead_options(wording: Wording, channel: str) -> tuple[dict[str, Any], ...]:
    """What somebody may choose for whom nobody is there; a caller is called back instead of writing."""
    titles = [wording.go_on_button]
    if channel != "phone":
        titles.insert(0, wording.message_button)
    return choices(*titles)


def _wanted(step: Step, found: Any) -> str | None:
    """The agent whom this customer spoke with lately, if there: nobody waits for who has gone."""
    rules = step.policy.assignment
    if found.last_agent_at is None:
        return None
    if step.now - found.last_agent_at > timedelta(hours=rules.same_agent_hours):
        return None
    there = select(agents.c.id).where(
        agents.c.id == found.last_agent_id, on_duty(rules, step.now), agents.c.role != "admin"
    )
    return step.tx.execute(there).scalar_one_or_none()

"""What time changes: agents who are gone or silent, snoozes, deadlines, the end of the day.

`due` looks without locking; each finding is then dealt with in a transaction of its own, which
looks again under the lock, so that several replicas may find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, and_, or_, select, update

from bot.conversations import Bubble
from bot.handoff.messages import say_moment
from bot.handoff.opening import OFFERED, instead_options
from bot.handoff.ownership import cancel, requeue, wake
from bot.handoff.policy import Policy
from bot.handoff.presence import give_up_work, gone
from bot.handoff.queue import anybody_on_duty, place_of
from bot.handoff.reception import tell_place
from bot.handoff.rows import lock_conversation, lock_queue
from bot.handoff.step import Step
from bot.records.tables import agents, conversations, handoffs


class Action(Protocol):
    """What to do in a transaction of its own."""

    def __call__(self, step: Step, subject: str) -> None:
        """Look again, and act."""
        ...


MOST = 200
"""Findings of one kind in one look; the next look, a second later, goes on."""


@dataclass(frozen=True)
class Finding:
    """Something whose time has come: ``do`` it for ``subject``, an agent or a conversation."""

    do: Action
    subject: str


def due(tx: Connection, policy: Policy, now: datetime) -> list[Finding]:
    """Everything whose time has come, most urgent kind first."""
    rules = policy.assignment
    found = [Finding(take_from_gone, agent.id) for agent in gone(tx, rules.offline_after_s, now)]
    for do, query in _queries(policy, now):
        found += [Finding(do, subject) for subject in tx.execute(query.limit(MOST)).scalars()]
    if not policy.hours.are_open(now) and not anybody_on_duty(tx, rules, now):
        waiting = select(handoffs.c.conversation_id).where(handoffs.c.status == "waiting")
        found += [
            Finding(close_for_today, subject)
            for subject in tx.execute(waiting.limit(MOST)).scalars()
        ]
    return found


def _queries(policy: Policy, now: datetime) -> Iterator[tuple[Action, Select[Any]]]:
    rules = policy.assignment
    in_hand = (
        select(handoffs.c.conversation_id)
        .join(conversations, conversations.c.handoff_id == handoffs.c.id)
        .where(handoffs.c.status == "assigned", conversations.c.snoozed_until.is_(None))
    )
    yield (
        wake_up,
        select(conversations.c.id)
        .where(conversations.c.owner == "human", conversations.c.snoozed_until <= now)
        .order_by(conversations.c.id),
    )
    yield pass_on, in_hand.where(_unanswered(policy, now)).order_by(handoffs.c.assigned_at)
    yield take_back, in_hand.where(_silent(policy, now)).order_by(handoffs.c.unanswered_since)
    yield alarm, _alarming(policy, now)
    yield (
        tell_where,
        select(handoffs.c.conversation_id)
        .where(handoffs.c.status == "waiting")
        .where(handoffs.c.told_at <= now - timedelta(minutes=rules.tell_place_minutes))
        .order_by(handoffs.c.told_at),
    )


def _unanswered(policy: Policy, now: datetime) -> Any:
    limit = timedelta(seconds=policy.assignment.answer_within_s)
    return and_(handoffs.c.answered_at.is_(None), handoffs.c.assigned_at <= now - limit)


def _silent(policy: Policy, now: datetime) -> Any:
    limit = timedelta(minutes=policy.assignment.silent_minutes)
    return and_(handoffs.c.answered_at.is_not(None), handoffs.c.unanswered_since <= now - limit)


def _alarming(policy: Policy, now: datetime) -> Select[Any]:
    warning = timedelta(seconds=policy.assignment.sla_warning_s)
    return (
        select(handoffs.c.conversation_id)
        .where(handoffs.c.closed_at.is_(None), handoffs.c.alarmed_at.is_(None))
        .where(handoffs.c.unanswered_since.is_not(None), handoffs.c.sla_due <= now + warning)
        .order_by(handoffs.c.sla_due)
    )


def take_from_gone(step: Step, subject: str) -> None:
    """An agent's desk is silent: what is in hand goes back to the queue with its age."""
    lock_queue(step.tx)
    limit = step.now - timedelta(seconds=step.policy.assignment.offline_after_s)
    silent = or_(agents.c.seen_at.is_(None), agents.c.seen_at < limit)
    agent = step.tx.execute(
        update(agents)
        .where(agents.c.id == subject, agents.c.presence != "offline", silent)
        .values(presence="offline")
        .returning(agents)
    ).one_or_none()
    if agent is not None:
        step.changed("")
        give_up_work(step, agent)


def wake_up(step: Step, subject: str) -> None:
    """A snooze is over."""
    conversation = lock_conversation(step.tx, subject)
    handoff = _open(step, conversation)
    if handoff is not None and conversation.snoozed_until is not None:
        if conversation.snoozed_until <= step.now:
            wake(step, handoff)


def pass_on(step: Step, subject: str) -> None:
    """The agent has not said a first word in time: the next one, and after some the supervisors."""
    lock_queue(step.tx)
    handoff = _open(step, lock_conversation(step.tx, subject))
    if handoff is None or not _holds(step, handoff, _unanswered):
        return
    passed = len({*handoff.passed, handoff.agent_id})
    called = passed >= step.policy.assignment.passes_before_supervisor
    requeue(step, handoff, "no_answer", supervised=handoff.supervised or called)
    if called and not handoff.supervised:
        step.change_handoff(handoff.id, alarmed_at=step.now)
        step.log(handoff, "alarm", alarm="unanswered")


def take_back(step: Step, subject: str) -> None:
    """The agent fell silent while the customer waits: customer and supervisors are told."""
    lock_queue(step.tx)
    handoff = _open(step, lock_conversation(step.tx, subject))
    if handoff is None or not _holds(step, handoff, _silent):
        return
    name = step.tx.execute(
        select(agents.c.name).where(agents.c.id == handoff.agent_id)
    ).scalar_one()
    requeue(step, handoff, "slow", alarmed_at=step.now)
    step.log(handoff, "alarm", alarm="silent", agent=handoff.agent_id)
    text = step.policy.wording.agent_slow.format(agent=name)
    step.tell(subject, text, episode_id=handoff.episode_id)


def alarm(step: Step, subject: str) -> None:
    """An answer is about to be overdue: the supervisors hear of it once."""
    handoff = _open(step, lock_conversation(step.tx, subject))
    if handoff is None or handoff.alarmed_at is not None:
        return
    step.change_handoff(handoff.id, alarmed_at=step.now)
    step.log(handoff, "alarm", alarm="sla")


def tell_where(step: Step, subject: str) -> None:
    """The place in the queue has changed much: say so."""
    handoff = _open(step, lock_conversation(step.tx, subject))
    if handoff is None or handoff.status != "waiting":
        return
    place = place_of(step.tx, handoff, step.policy, step.now)
    moved = abs((handoff.told_place or place.place) - place.place)
    if moved < step.policy.assignment.tell_place_moves:
        step.change_handoff(handoff.id, told_at=step.now)
        return
    bubble = tell_place(step, handoff)
    _tell(step, handoff, bubble)


def close_for_today(step: Step, subject: str) -> None:
    """Nobody will come today: the bot takes the conversation back and offers to take a message."""
    now, policy = step.now, step.policy
    conversation = lock_conversation(step.tx, subject)
    handoff = _open(step, conversation)
    if handoff is None or handoff.status != "waiting":
        return
    cancel(step, subject)
    step.change_handoff(handoff.id, status="off_hours")
    step.change_conversation(subject, expecting=OFFERED)
    wording = policy.wording
    opening = say_moment(policy.hours.next_opening(now), now)
    channel = handoff.channel
    text = wording.closing_phone if channel == "phone" else wording.closing
    _tell(step, handoff, Bubble(text.format(opening=opening), instead_options(wording, channel)))


def _open(step: Step, conversation: Row[Any]) -> Row[Any] | None:
    """The open handoff of a locked conversation."""
    if conversation.owner != "human":
        return None
    return step.tx.execute(
        select(handoffs).where(handoffs.c.id == conversation.handoff_id)
    ).one_or_none()


def _holds(step: Step, handoff: Any, condition: Callable[[Policy, datetime], Any]) -> bool:
    query = select(handoffs.c.id).where(
        handoffs.c.id == handoff.id,
        handoffs.c.status == "assigned",
        condition(step.policy, step.now),
    )
    return step.tx.execute(query).first() is not None


def _tell(step: Step, handoff: Any, bubble: Bubble) -> None:
    titles = [str(option["title"]) for option in bubble.quick_replies]
    step.tell(handoff.conversation_id, bubble.text, *titles, episode_id=handoff.episode_id)

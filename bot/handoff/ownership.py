"""Who owns a conversation, and every way in which that changes; each change is an event.

``conversations.owner`` is ``bot`` or ``human``; with people, ``agent_id`` is who has it, and none
means that it waits in the queue. ``handoffs.status`` says the same of the handoff that is open:
waiting or assigned, and once closed resolved, handed_back, cancelled or off_hours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.errors import DeskConflict, DeskForbidden
from bot.handoff.giving import Gift, give
from bot.handoff.memory import after_people
from bot.handoff.rows import agent_of, load_of, lock_conversation, lock_open, lock_queue
from bot.handoff.step import Step
from bot.records.episodes import close_episode, read_snapshot, write_snapshot

LEADS = frozenset({"supervisor", "admin"})
"""Roles that may act on everybody's conversations."""


def take(step: Step, conversation_id: str, agent_id: str) -> None:
    """An agent takes a waiting conversation.

    Raises:
        NotFound: no such conversation or agent.
        DeskConflict: it does not wait (any more), or the agent is full.
    """
    lock_queue(step.tx)
    agent = agent_of(step.tx, agent_id)
    conversation, handoff = lock_open(step.tx, conversation_id)
    if conversation.agent_id is not None or handoff.status != "waiting":
        raise DeskConflict("这个会话已经被同事接走了。", "taken")
    if load_of(step.tx, agent_id, step.now) >= agent.capacity and agent.role not in LEADS:
        raise DeskConflict("您手上的会话已经满了，先处理完一个再接。", "full")
    give(step, [Gift(conversation, handoff, agent)])


def requeue(step: Step, handoff: Any, why: str, **values: Any) -> None:
    """Put a conversation back into the queue with its priority and age; it is locked."""
    passed = [*handoff.passed, handoff.agent_id] if handoff.agent_id else list(handoff.passed)
    step.change_conversation(handoff.conversation_id, agent_id=None, snoozed_until=None)
    step.change_handoff(
        handoff.id,
        status="waiting",
        agent_id=None,
        assigned_at=None,
        answered_at=None,
        passed=list(dict.fromkeys(passed)),
        **{"wanted_agent_id": None, **values},
    )
    step.log(handoff, "requeued", agent=handoff.agent_id, why=why)
    step.effects.queue_moves = True


def transfer(
    step: Step,
    conversation_id: str,
    by: str,
    note: str,
    *,
    to_agent: str | None = None,
    to_skill: str | None = None,
    to_supervisor: bool = False,
) -> None:
    """Give a conversation on: to an agent, to whoever has a skill, or to the supervisors.

    Raises:
        NotFound: no such conversation or agent.
        DeskForbidden: it is another agent's.
        DeskConflict: the bot owns it, or the colleague is away or full.
    """
    lock_queue(step.tx)
    giver = agent_of(step.tx, by)
    conversation, handoff = _lock_mine(step, conversation_id, giver)
    wording = step.policy.wording
    if to_agent is not None:
        receiver = agent_of(step.tx, to_agent)
        if receiver.id == conversation.agent_id:
            raise DeskConflict("会话已经在这位同事手上了。", "same_agent")
        if receiver.presence != "online":
            raise DeskConflict(f"{receiver.name}现在不在线，请换一位同事。", "agent_away")
        if load_of(step.tx, receiver.id, step.now) >= receiver.capacity:
            raise DeskConflict(f"{receiver.name}手上的会话已经满了，请换一位同事。", "agent_full")
        step.log(handoff, "transferred", **{"from": by, "to": receiver.id, "note": note})
        give(step, [Gift(conversation, handoff, receiver)])
    else:
        where = {"skill": to_skill} if to_skill else {}
        step.log(handoff, "transferred", **{"from": by, **where, "note": note})
        # A colleague who passed it on because of the skill is not asked again.
        values = {"supervised": True} if to_supervisor else where
        requeue(step, handoff, "transfer", **values)
        whom = "主管" if to_supervisor else f"{to_skill}同事"
        step.tell(conversation_id, wording.transferring.format(to=whom))
    step.change_handoff(handoff.id, note=note)
    step.effects.queue_moves = True


def take_over(step: Step, conversation_id: str, supervisor_id: str) -> None:
    """A supervisor takes any conversation that people own, waiting or in an agent's hands.

    Raises:
        NotFound: no such conversation or agent.
        DeskForbidden: not a supervisor.
        DeskConflict: the bot owns it (open a handoff first), or it is the supervisor's already.
    """
    lock_queue(step.tx)
    supervisor = agent_of(step.tx, supervisor_id)
    if supervisor.role not in LEADS:
        raise DeskForbidden
    conversation, handoff = lock_open(step.tx, conversation_id)
    if conversation.agent_id == supervisor.id:
        raise DeskConflict("这个会话已经在您手上了。", "same_agent")
    step.log(
        handoff, "supervisor_took_over", agent=supervisor.id, **{"from": conversation.agent_id}
    )
    give(step, [Gift(conversation, handoff, supervisor)])
    step.effects.queue_moves = True


def snooze(step: Step, conversation_id: str, by: str, until: datetime) -> None:
    """Lay a conversation aside until a moment, or until the customer writes.

    Raises:
        NotFound: no such conversation or agent.
        DeskForbidden: it is another agent's.
        DeskConflict: the bot owns it, nobody has it, or the moment has passed.
    """
    conversation, handoff = _lock_mine(step, conversation_id, agent_of(step.tx, by))
    if conversation.agent_id is None:
        raise DeskConflict("还没有人接待这个会话，不能稍后处理。", "not_taken")
    if until <= step.now:
        raise DeskConflict("稍后处理的时间要晚于现在。", "in_the_past")
    step.change_conversation(conversation_id, snoozed_until=until)
    step.log(handoff, "snoozed", agent=by, until=until.isoformat())
    step.effects.queue_moves = True


def wake(step: Step, handoff: Any) -> None:
    """End a snooze; the conversation is locked."""
    step.change_conversation(handoff.conversation_id, snoozed_until=None)
    step.log(handoff, "woken", agent=handoff.agent_id)


def resolve(step: Step, conversation_id: str, by: str, disposition: str, note: str) -> None:
    """The matter is settled: the episode ends, and the bot will greet the next message.

    Raises:
        NotFound: no such conversation or agent.
        DeskForbidden: it is another agent's.
        DeskConflict: the bot owns it.
    """
    agent = agent_of(step.tx, by)
    conversation, handoff = _lock_mine(step, conversation_id, agent)
    step.tell(conversation_id, step.policy.wording.resolved, episode_id=handoff.episode_id)
    _release(step, conversation, handoff, "resolved", disposition=disposition, note=note)
    step.change_conversation(conversation_id, last_agent_id=by, last_agent_at=step.now)
    step.log(handoff, "resolved", agent=by, disposition=disposition)
    close_episode(step.tx, handoff.episode_id, "resolved", step.now)
    step.closed(handoff)


def hand_back(
    step: Step, conversation_id: str, by: str, note: str, order_number: str | None = None
) -> None:
    """The bot goes on, knowing what was agreed (``note``) and which order was spoken of.

    Raises:
        NotFound: no such conversation or agent.
        DeskForbidden: it is another agent's.
        DeskConflict: the bot owns it.
    """
    agent = agent_of(step.tx, by)
    conversation, handoff = _lock_mine(step, conversation_id, agent)
    step.tell(conversation_id, step.policy.wording.handed_back.format(agent=agent.name))
    _release(step, conversation, handoff, "handed_back", note=note)
    step.change_conversation(conversation_id, last_agent_id=by, last_agent_at=step.now)
    remembered = after_people(read_snapshot(step.tx, handoff.episode_id), note, order_number)
    write_snapshot(step.tx, handoff.episode_id, remembered)
    seq = conversation.last_seq + 1
    step.log(handoff, "handed_back", agent=by, note=note, seq=seq)
    step.closed(handoff)


def cancel(step: Step, conversation_id: str) -> bool:
    """The customer would rather not wait: back to the bot, if no agent has it yet.

    Returns:
        Whether it was waiting.
    """
    conversation = lock_conversation(step.tx, conversation_id)
    if conversation.owner != "human" or conversation.agent_id is not None:
        return False
    _conversation, handoff = lock_open(step.tx, conversation_id)
    _release(step, conversation, handoff, "cancelled")
    remembered = after_people(read_snapshot(step.tx, handoff.episode_id), "", None)
    write_snapshot(step.tx, handoff.episode_id, remembered)
    step.log(handoff, "handoff_cancelled", seq=conversation.last_seq)
    step.closed(handoff)
    return True


def come_back(step: Step, conversation_id: str) -> None:
    """The agent's telephone was not answered: the bot has the caller again."""
    conversation, handoff = lock_open(step.tx, conversation_id)
    _release(step, conversation, handoff, "cancelled", disposition="no_answer")
    remembered = after_people(read_snapshot(step.tx, handoff.episode_id), "", None)
    write_snapshot(step.tx, handoff.episode_id, remembered)
    step.log(handoff, "handoff_cancelled", why="no_answer", seq=conversation.last_seq)
    step.closed(handoff)


def customer_left(step: Step, conversation_id: str) -> None:
    """The customer ends a conversation that people own; it is locked, and its episode ends next."""
    conversation, handoff = lock_open(step.tx, conversation_id)
    answered = handoff.answered_at is not None
    status = "resolved" if answered else "cancelled"
    _release(step, conversation, handoff, status, disposition="customer_left")
    if conversation.agent_id is not None:
        step.change_conversation(
            conversation_id, last_agent_id=conversation.agent_id, last_agent_at=step.now
        )
    step.log(handoff, "resolved" if answered else "handoff_cancelled", disposition="customer_left")
    step.closed(handoff)


def _lock_mine(step: Step, conversation_id: str, agent: Any) -> tuple[Any, Any]:
    conversation, handoff = lock_open(step.tx, conversation_id)
    if conversation.agent_id != agent.id and agent.role not in LEADS:
        raise DeskForbidden("这个会话不在您手上。", "not_yours")
    return conversation, handoff


def _release(step: Step, conversation: Any, handoff: Any, status: str, **values: Any) -> None:
    """Close the handoff and give the conversation to the bot."""
    step.change_conversation(
        conversation.id, owner="bot", agent_id=None, handoff_id=None, snoozed_until=None
    )
    step.change_handoff(
        handoff.id, status=status, closed_at=step.now, unanswered_since=None, **values
    )

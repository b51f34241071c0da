"""Calls and people: needed without being asked for, put through, not reached, to be called back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.conversations import Author, say
from bot.handoff.deciding import Decision, Evidence
from bot.handoff.messages import due_at, say_moment
from bot.handoff.moments import moment_in
from bot.handoff.opening import open_handoff
from bot.handoff.ownership import cancel, come_back, hand_back
from bot.handoff.rows import lock_conversation, lock_open
from bot.handoff.step import Step
from bot.records import new_id
from bot.records.tables import agents, calls, cases, events

SKILL = "电话"
CASE = "call_back"
WHY = {
    "no_input": "来电者没有说话，也没有按键",
    "not_understood": "电话里多次没有听清",
}


def needed(step: Step, conversation_id: str, why: str) -> None:
    """Open a handoff that nobody asked for; does nothing where people have it already."""
    conversation = lock_conversation(step.tx, conversation_id)
    if conversation.owner == "human" or conversation.episode_id is None:
        return
    evidence = (Evidence(conversation.last_seq, WHY.get(why, why)),)
    priority = step.policy.reasons["repeated_failure"].priority
    skill = step.policy.skills.by_channel.get("phone", SKILL)
    decision = Decision("repeated_failure", evidence, priority, skill)
    opened = open_handoff(
        step,
        conversation_id,
        conversation.episode_id,
        conversation.last_seq,
        decision,
        None,
    )
    step.said(
        say(
            step.tx,
            conversation_id,
            Author.SYSTEM,
            list(opened.notice),
            step.now,
            push_channels=step.push_channels,
            episode_id=conversation.episode_id,
        )
    )
    step.changed(conversation_id)


def transferring(step: Step, call_id: str, conversation_id: str, stage: str) -> None:
    """Note where the call is; the handoff follows.

    While an agent's telephone rings nobody must be asked to answer by keyboard, so the handoff
    counts as answered; when nobody picked up, the bot has it back.
    """
    conversation = lock_conversation(step.tx, conversation_id)
    if conversation.owner != "human" or conversation.agent_id is None:
        _set(step, call_id, state="bot", extension=None, transcribed=True)
        return
    _conversation, handoff = lock_open(step.tx, conversation_id)
    agent = step.tx.execute(select(agents).where(agents.c.id == conversation.agent_id)).one()
    if stage == "ringing":
        _set(step, call_id, state="ringing", extension=agent.extension, transcribed=False)
        step.change_handoff(handoff.id, answered_at=step.now, unanswered_since=None)
        step.log(handoff, "call_ringing", agent=agent.id)
    elif stage == "talking":
        _set(step, call_id, state="talking")
        step.log(handoff, "call_picked_up", agent=agent.id)
    elif stage == "typing":
        _set(step, call_id, state="typing", extension=None, transcribed=True)
        step.log(handoff, "call_typing", agent=agent.id)
    elif stage == "answered":
        _set(step, call_id, state="bot", extension=None, transcribed=True)
        step.log(handoff, "agent_joined", agent=agent.id, by="telephone")
        hand_back(step, conversation_id, agent.id, "电话已接通，通话结束")
    else:
        _set(step, call_id, state="bot", extension=None, transcribed=True)
        step.log(handoff, "call_not_answered", agent=agent.id, why=stage)
        come_back(step, conversation_id)


def call_back(
    step: Step, call_id: str, conversation_id: str, episode_id: str, number: str, when: str
) -> str:
    """Open the case; who waits leaves the queue. Returns when, in words."""
    tx, now = step.tx, step.now
    wanted = moment_in(when, now) if when else None
    due = wanted or due_at(step.policy, now)
    conversation = lock_conversation(tx, conversation_id)
    handoff_id = conversation.handoff_id
    cancel(step, conversation_id)
    case_id = new_id("cs")
    said = f"客户原话：{when}" if when else "尽快"
    tx.execute(
        insert(cases).values(
            id=case_id,
            kind=CASE,
            status="open",
            grade="important",
            title=f"回电 尾号{number[-4:]}",
            detail=f"号码：{number}\n时间：{say_moment(due, now)}（{said}）",
            conversation_id=conversation_id,
            episode_id=episode_id,
            handoff_id=handoff_id,
            opened_at=now,
            due_at=due + timedelta(minutes=30) if wanted else due,
        )
    )
    log_event(tx, episode_id, conversation_id, CASE, {"case": case_id}, now)
    _set(step, call_id, state="bot")
    step.changed(conversation_id)
    if wanted is not None:
        return f"{say_moment(due, now)}左右"
    return f"在{say_moment(due, now)}前"


def log_event(
    tx: Connection,
    episode_id: str,
    conversation_id: str,
    kind: str,
    data: dict[str, Any],
    now: datetime,
) -> None:
    """Write into the episode's log."""
    tx.execute(
        insert(events).values(
            episode_id=episode_id, conversation_id=conversation_id, kind=kind, data=data, at=now
        )
    )


def _set(step: Step, call_id: str, **values: Any) -> None:
    step.tx.execute(update(calls).where(calls.c.id == call_id).values(**values))

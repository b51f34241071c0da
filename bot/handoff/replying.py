"""An agent speaks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from bot.conversations import (
    Author,
    Bubble,
    MessageView,
    clean_text,
    say,
    select_messages,
    view_of,
)
from bot.errors import DeskForbidden, NotFound
from bot.handoff.rows import agent_of, lock_open
from bot.handoff.step import Step
from bot.records.tables import files, messages


def reply(
    step: Step,
    conversation_id: str,
    agent_id: str,
    text: str,
    file_ids: Sequence[str],
    client_id: str | None,
) -> MessageView:
    """Say something to the customer as the agent who has the conversation.

    Returns:
        The message; for a ``client_id`` that was used before, the one it stands for.

    Raises:
        NotFound: no such conversation, agent or file.
        DeskConflict: the bot owns the conversation.
        DeskForbidden: another agent has it, or nobody yet.
        MessageEmpty, MessageTooLong: the text cannot be sent (CustomerError).
    """
    agent_of(step.tx, agent_id)
    if client_id is not None:
        sent = _sent_before(step, conversation_id, agent_id, client_id)
        if sent is not None:
            return sent
    _conversation, handoff = lock_open(step.tx, conversation_id)
    if handoff.agent_id != agent_id:
        raise DeskForbidden("这个会话不在您手上，接过来之后才能回复。", "not_yours")
    attached = _files(step, conversation_id, file_ids)
    cleaned = clean_text(text) if text.strip() or not attached else ""
    said = say(
        step.tx,
        conversation_id,
        Author.AGENT,
        [Bubble(cleaned, files=attached)],
        step.now,
        push_channels=step.push_channels,
        episode_id=handoff.episode_id,
        agent_id=agent_id,
        client_id=client_id,
    )
    step.said(said)
    since = handoff.unanswered_since
    waited = {"waited_ms": round((step.now - since).total_seconds() * 1000)} if since else {}
    if handoff.answered_at is None:
        step.log(handoff, "agent_joined", agent=agent_id, **waited)
    elif waited:
        step.log(handoff, "agent_replied", agent=agent_id, **waited)
    step.change_handoff(
        handoff.id,
        answered_at=handoff.answered_at or step.now,
        unanswered_since=None,
        alarmed_at=None,
        passed=[],
    )
    step.change_conversation(
        conversation_id, last_agent_id=agent_id, last_agent_at=step.now, snoozed_until=None
    )
    step.changed(conversation_id)
    return said.views[0]


def _sent_before(
    step: Step, conversation_id: str, agent_id: str, client_id: str
) -> MessageView | None:
    row = step.tx.execute(
        select_messages()
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.agent_id == agent_id, messages.c.client_id == client_id)
    ).first()
    return view_of(row) if row is not None else None


def _files(
    step: Step, conversation_id: str, file_ids: Sequence[str]
) -> tuple[dict[str, object], ...]:
    if not file_ids:
        return ()
    found = step.tx.execute(
        select(files.c.id, files.c.name, files.c.mime, files.c.size)
        .where(files.c.conversation_id == conversation_id, files.c.author == Author.AGENT.value)
        .where(files.c.id.in_(file_ids))
    )
    by_id = {row.id: dict(row._mapping) for row in found}
    if set(file_ids) - set(by_id):
        raise NotFound("没有找到要发送的文件，请重新上传。")
    return tuple(by_id[file_id] for file_id in file_ids)

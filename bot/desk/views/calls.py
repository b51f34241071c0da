"""The telephone call behind a conversation: where it is now, and whether we still hear it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from bot.records.tables import calls, conversations

SHOWN_FOR = timedelta(minutes=30)
"""How long a call that is over is still shown as such."""

STATES = {
    "bot": "电话接通中，由机器人接待",
    "queue": "电话在线等候",
    "ringing": "正在呼叫分机 {extension}，接起后由坐席通话",
    "talking": "分机 {extension} 通话中",
    "typing": "电话在线：您输入的文字会读给客户听",
    "over": "电话已挂断",
}
TRANSCRIBED = "实时转写中"
NOT_TRANSCRIBED = "通话不经过机器人，不转写；之前说的都在下面"


def calls_of(
    tx: Connection, conversation_ids: Sequence[str], now: datetime
) -> dict[str, dict[str, Any]]:
    """By conversation, its newest call; those that ended long ago are left out."""
    if not conversation_ids:
        return {}
    newest = (
        select(calls.c.conversation_id, func.max(calls.c.began_at).label("at"))
        .where(calls.c.conversation_id.in_(conversation_ids))
        .group_by(calls.c.conversation_id)
        .subquery()
    )
    rows = tx.execute(
        select(calls, conversations.c.owner)
        .join(conversations, conversations.c.id == calls.c.conversation_id)
        .join(
            newest,
            (newest.c.conversation_id == calls.c.conversation_id)
            & (newest.c.at == calls.c.began_at),
        )
        .where(calls.c.ended_at.is_(None) | (calls.c.ended_at > now - SHOWN_FOR))
    )
    return {row.conversation_id: _view(row) for row in rows}


def _view(row: Any) -> dict[str, Any]:
    live = row.ended_at is None
    state = "queue" if row.state == "bot" and row.owner == "human" else row.state
    return {
        "id": row.id,
        "state": state,
        "state_text": STATES.get(state, "").format(extension=row.extension or ""),
        "extension": row.extension,
        "number": f"尾号 {row.number[-4:]}" if row.number else None,
        "live": live,
        "transcribed": row.transcribed,
        "transcript_text": (TRANSCRIBED if row.transcribed else NOT_TRANSCRIBED) if live else None,
        "recorded": row.recorded,
        "began_at": row.began_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }

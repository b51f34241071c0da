"""What went before a mildly displeased sentence and makes it weigh more than its words.

The reader sees one sentence; whoever says 「怎么还没到啊」 for the third time, after two answers that missed
the question, is past mild. All of it is read from the contact so far, in the turn's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.care.policy import Circumstances
from bot.handoff.deciding import alike
from bot.records.tables import handoffs, messages

FALLBACK = "nlu_fallback"
CANCEL = "cancel_order"
_LOOKS_BACK = 20
_COURTESIES = ("greet", "goodbye", "thanks", "affirm", "deny")

_EARLIER = (
    select(messages.c.text, messages.c.intent)
    .where(messages.c.episode_id == bindparam("the_episode"))
    .where(messages.c.author == "customer", messages.c.seq < bindparam("the_seq"))
    .order_by(messages.c.seq.desc())
    .limit(_LOOKS_BACK)
)
_CALLED = (
    select(handoffs.c.queued_at)
    .where(handoffs.c.episode_id == bindparam("the_episode"))
    .where(handoffs.c.answered_at.is_(None), handoffs.c.closed_at.is_(None))
    .order_by(handoffs.c.queued_at)
    .limit(1)
)


@dataclass(frozen=True)
class Moment:
    """A sentence in its contact."""

    episode_id: str
    seq: int
    text: str
    intent: str | None
    at: datetime


def weighs_more(tx: Connection, rules: Circumstances, moment: Moment) -> str | None:
    """Why a sentence weighs more than its words, in Chinese for the case; None if it does not."""
    wanted = {"the_episode": moment.episode_id, "the_seq": moment.seq}
    earlier = tx.execute(_EARLIER, wanted).all()
    asked = 1 + sum(_asks_the_same(rules, row, moment) for row in earlier)
    if moment.intent not in _COURTESIES and asked >= rules.same_question:
        return f"同一问题问了{asked}次"
    intents = [moment.intent, *(row.intent for row in earlier)]
    missed = intents.count(FALLBACK)
    if missed >= rules.not_understood:
        return f"机器人{missed}次没听懂"
    if CANCEL in intents[1:] and rules.order_cancelled:
        return "已为此取消订单"
    called = tx.execute(_CALLED, {"the_episode": moment.episode_id}).scalar_one_or_none()
    if called is not None and moment.at - called >= timedelta(minutes=rules.waited_minutes):
        return f"等人工已{int((moment.at - called).total_seconds() // 60)}分钟"
    return None


def _asks_the_same(rules: Circumstances, row: Any, moment: Moment) -> bool:
    return row.intent not in _COURTESIES and alike(row.text, moment.text) >= rules.alike

"""What went before a mildly displeased sentence and makes it weigh more than its words.

The reader sees one sentence; whoever says 「怎么还没到啊」 for the third time, after two answers that missed
the question, is past mild. All of it is read from the contact so far, in the turn's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from bot.care.policy import Circumstances
from bot.care.reasons import Sentence
from bot.handoff.deciding import FALLBACK, alike
from bot.names import COURTESIES
from bot.records.tables import handoffs

CANCEL = "cancel_order"

_CALLED = (
    select(handoffs.c.queued_at)
    .where(handoffs.c.episode_id == bindparam("the_episode"))
    .where(handoffs.c.answered_at.is_(None), handoffs.c.closed_at.is_(None))
    .order_by(handoffs.c.queued_at)
    .limit(1)
)


def weighs_more(
    tx: Connection,
    rules: Circumstances,
    episode_id: str,
    present: Sentence,
    earlier: Sequence[Sentence],
    now: datetime,
) -> str | None:
    """Why a sentence weighs more than its words, in Chinese for the case; None if it does not.

    Args:
        tx: the turn's transaction.
        rules: what counts.
        episode_id: the contact.
        present: what the customer says now.
        earlier: what they said before in this contact.
        now: current time.
    """
    asked = 1 + sum(_asks_the_same(rules, one, present) for one in earlier)
    if present.intent not in COURTESIES and asked >= rules.same_question:
        return f"同一问题问了{asked}次"
    missed = sum(one.intent == FALLBACK for one in (present, *earlier))
    if missed >= rules.not_understood:
        return f"机器人{missed}次没听懂"
    if rules.order_cancelled and any(one.intent == CANCEL for one in earlier):
        return "已为此取消订单"
    called = tx.execute(_CALLED, {"the_episode": episode_id}).scalar_one_or_none()
    if called is not None and now - called >= timedelta(minutes=rules.waited_minutes):
        return f"等人工已{int((now - called).total_seconds() // 60)}分钟"
    return None


def _asks_the_same(rules: Circumstances, one: Sentence, present: Sentence) -> bool:
    return one.intent not in COURTESIES and alike(one.text, present.text) >= rules.alike

"""From a figure down to the episodes behind it, and to their words, masked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, tuple_

from bot.errors import NotFound
from bot.names import OUTCOMES, channel_name, intent_name
from bot.privacy import mask_shown
from bot.records.tables import episode_facts, messages
from bot.reports.models import (
    CellKey,
    EpisodeLine,
    EpisodePage,
    Transcript,
    TranscriptLine,
)
from bot.reports.reading import facts_within
from bot.reports.rows import FINAL_S

MOST = 200
"""Episodes on one page."""
_MESSAGES = 500
HANDED = ("handed_off", "handoff_failed")
_WORDS = 60

_facts = episode_facts.c


def page(
    tx: Connection, cell: CellKey, now: datetime, *, after: str | None, limit: int
) -> EpisodePage:
    """The episodes of a cell, newest first."""
    limit = max(1, min(limit, MOST))
    query = select(episode_facts).where(*facts_within(cell))
    for column, value in (
        (_facts.outcome, cell.outcome),
        (_facts.excluded, cell.excluded),
        (_facts.handoff_reason, cell.handoff_reason),
        (_facts.csat, cell.csat),
    ):
        if value is not None:
            query = query.where(column == value)
    of_eligible = (
        cell.outcome, cell.handoff_reason, cell.handed, cell.worst, cell.csat, cell.repeated,
    )  # fmt: skip
    if any(one is not None for one in of_eligible):
        # The figures count eligible episodes only.
        query = query.where(_facts.excluded.is_(None))
    if cell.handed is not None:
        asked = _facts.outcome.in_(HANDED)
        query = query.where(asked if cell.handed else ~asked)
    if cell.worst is not None:
        # As `rows.packed` writes it.
        query = query.where(_facts.counts.contains(f'"worst:{cell.worst}":', autoescape=True))
    if cell.repeated is not None:
        came_back = _facts.repeat_after_s <= FINAL_S
        query = query.where(
            came_back
            if cell.repeated
            else or_(_facts.repeat_after_s.is_(None), _facts.repeat_after_s > FINAL_S)
        )
    if after is not None:
        mark = tx.execute(
            select(_facts.started_at, _facts.episode_id).where(_facts.episode_id == after)
        ).one_or_none()
        if mark is None:
            raise NotFound("没有找到这一页，请从头翻起。")
        query = query.where(tuple_(_facts.started_at, _facts.episode_id) < tuple_(*mark))
    rows = tx.execute(
        query.order_by(_facts.started_at.desc(), _facts.episode_id.desc()).limit(limit + 1)
    ).all()
    more = len(rows) > limit
    shown = rows[:limit]
    return EpisodePage(
        items=tuple(lines(tx, shown, now)), next=shown[-1].episode_id if more else None
    )


def lines(tx: Connection, rows: Sequence[Any], now: datetime) -> list[EpisodeLine]:
    """Rows of facts as a list shows them."""
    words = _first_words(tx, [row.episode_id for row in rows])
    return [_line(row, words.get(row.episode_id, ""), now) for row in rows]


def transcript(tx: Connection, episode_id: str, now: datetime) -> Transcript:
    """What was said in an episode.

    Raises:
        NotFound: there is no such episode, or it has not ended.
    """
    row = tx.execute(select(episode_facts).where(_facts.episode_id == episode_id)).one_or_none()
    if row is None:
        raise NotFound("没有找到这个会话，或者它还没有结束。")
    said = tx.execute(
        select(messages)
        .where(messages.c.episode_id == episode_id)
        .order_by(messages.c.seq)
        .limit(_MESSAGES)
    )
    return Transcript(
        episode=lines(tx, [row], now)[0],
        messages=tuple(
            TranscriptLine(
                seq=one.seq,
                author=one.author,
                text=mask_shown(one.text),
                at=one.at,
                intent=one.intent,
                intent_name=intent_name(one.intent),
                confidence=one.confidence,
                emotion=(one.emotion or {}).get("label"),
            )
            for one in said
        ),
    )


def _line(row: Any, words: str, now: datetime) -> EpisodeLine:
    return EpisodeLine(
        id=row.episode_id,
        conversation=row.conversation_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        channel=row.channel,
        channel_name=channel_name(row.channel),
        intent=row.intent,
        intent_name=intent_name(row.intent),
        tier=row.tier,
        outcome=row.outcome if row.excluded is None else None,
        outcome_name=OUTCOMES.get(row.outcome or "") if row.excluded is None else None,
        excluded=row.excluded,
        handoff_reason=row.handoff_reason,
        repeated_after_s=row.repeat_after_s,
        provisional=row.excluded is None and now - row.ended_at < timedelta(seconds=FINAL_S),
        csat=row.csat,
        first_words=words,
    )


def _first_words(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What the customer said first in each episode, masked and shortened."""
    if not ids:
        return {}
    first = (
        select(messages.c.conversation_id, func.min(messages.c.seq).label("seq"))
        .where(messages.c.episode_id.in_(ids), messages.c.author == "customer")
        .group_by(messages.c.conversation_id, messages.c.episode_id)
        .subquery()
    )
    rows = tx.execute(
        select(messages.c.episode_id, messages.c.text).join(
            first,
            and_(
                messages.c.conversation_id == first.c.conversation_id,
                messages.c.seq == first.c.seq,
            ),
        )
    )
    # Masked before it is cut: half a number would slip through.
    return {row.episode_id: mask_shown(row.text)[:_WORDS] for row in rows}

"""Reading an episode for the decision: two statements, each by an index, built once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.handoff.deciding import EpisodeView, Heard
from bot.records.tables import events, messages

TURNS = 12
"""Messages of the customer that the decision looks back on."""

_EVENTS = 36
_ENDS = ("handoff_opened", "handoff_cancelled", "handed_back")
"""Events that carry a ``seq`` up to which everything has been considered."""

_MESSAGES = (
    select(
        messages.c.seq,
        messages.c.text,
        messages.c.intent,
        messages.c.confidence,
        messages.c.emotion,
    )
    .where(messages.c.episode_id == bindparam("the_episode"), messages.c.author == "customer")
    .where(messages.c.seq < bindparam("the_seq"))
    .order_by(messages.c.seq.desc())
    .limit(TURNS)
)

_LOG = (
    select(events.c.kind, events.c.data)
    .where(events.c.episode_id == bindparam("the_episode"))
    .where(events.c.kind.in_(("turn", "handoff_requested", *_ENDS)))
    .order_by(events.c.id.desc())
    .limit(_EVENTS)
)


def read_view(
    tx: Connection, episode_id: str, channel: str, present: Heard, turn: int, tier: str | None
) -> EpisodeView:
    """An episode up to the present message, whose turn is being written in this transaction.

    Args:
        tx: the transaction of the turn.
        episode_id: which episode.
        channel: where it takes place.
        present: the message that was just answered; what actions asked for is added to it.
        turn: the number under which actions asked for a person in the present turn.
        tier: the verified customer's tier, if it is known.
    """
    wanted = {"the_episode": episode_id, "the_seq": present.seq}
    rows = tx.execute(_MESSAGES, wanted).all()
    log = tx.execute(_LOG, wanted).all()
    since = max((int(e.data.get("seq") or 0) for e in log if e.kind in _ENDS), default=0)
    turns = {int(e.data["seq"]): e.data for e in log if e.kind == "turn"}
    requests = tuple(
        (str(e.data.get("reason")), str(e.data.get("evidence") or ""))
        for e in reversed(log)
        if e.kind == "handoff_requested" and e.data.get("turn") == turn
    )
    before = tuple(
        heard(row.seq, row.text, row.intent, row.confidence, row.emotion, turns.get(row.seq, {}))
        for row in reversed(rows)
        if row.seq > since
    )
    return EpisodeView(channel, (*before, replace(present, requests=requests)), tier)


def heard(
    seq: int,
    text: str,
    intent: str | None,
    confidence: float | None,
    emotion: dict[str, Any] | None,
    turn: dict[str, Any],
) -> Heard:
    """A message of the customer, from what is stored of it and of its turn's event."""
    where = {str(error.get("where")) for error in turn.get("errors") or ()}
    return Heard(
        seq=seq,
        text=text,
        intent=intent,
        confidence=confidence or 0.0,
        level=str((emotion or {}).get("level") or "none"),
        score=float((emotion or {}).get("score") or 0.0),
        chosen=bool(turn.get("chosen")),
        failed="action" in where,
        without_engine="service" in where,
        offered=bool(turn.get("offered")),
    )

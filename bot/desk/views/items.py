"""Conversations as a list shows them: a handful of queries for however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from actions.shop.models import Tier
from actions.wording import TIERS
from bot.conversations import Author
from bot.desk.accounts import Actor
from bot.desk.permissions import Op
from bot.desk.views.calls import calls_of
from bot.desk.views.light import STAYS_NEGATIVE, Reading, light_of, negative_in_a_row
from bot.desk.views.names import channel_name
from bot.handoff import Policy
from bot.privacy import mask_shown
from bot.records.tables import (
    agents,
    conversations,
    customers,
    episodes,
    handoffs,
    identities,
    messages,
    notes,
    tags,
)

MAX_ITEMS = 500
TEXT_LENGTH = 60
WITHOUT_WORDS = "[图片或文件]"
"""What a list shows for an agent's message of files only; a customer's has its own words."""
RECENT = timedelta(days=7)
"""How long a resolved conversation stays in the list of recent ones."""
_READ_BACK = 8
"""So many of the customer's newest sentences decide the light."""

Item = dict[str, Any]
"""The wire form that docs/desk.md describes."""

_IN_LINE = (handoffs.c.priority, handoffs.c.queued_at, handoffs.c.id)


def queue(tx: Connection, policy: Policy, now: datetime, limit: int) -> tuple[list[Item], int]:
    """Who waits, in order, and how many there are in all."""
    ids = tx.execute(
        select(handoffs.c.conversation_id)
        .where(handoffs.c.status == "waiting")
        .order_by(*_IN_LINE)
        .limit(limit)
    ).scalars()
    return items(tx, list(ids), policy, now), count_waiting(tx)


def count_waiting(tx: Connection) -> int:
    """How many wait."""
    count: int = tx.execute(
        select(func.count()).select_from(handoffs).where(handoffs.c.status == "waiting")
    ).scalar_one()
    return count


def listed(
    tx: Connection, which: str, actor: Actor, policy: Policy, now: datetime, limit: int
) -> tuple[list[Item], int]:
    """One of the lists ``mine``, ``queue``, ``snoozed``, ``all``, ``recent`` and its full length.

    Raises:
        DeskForbidden: ``all`` is for supervisors.
    """
    if which == "queue":
        return queue(tx, policy, now, limit)
    query = _ids_of(which, actor, now)
    total: int = tx.execute(
        select(func.count()).select_from(query.order_by(None).subquery())
    ).scalar_one()
    ids = list(tx.execute(query.limit(limit)).scalars())
    return items(tx, ids, policy, now), total


def _ids_of(which: str, actor: Actor, now: datetime) -> Select[Any]:
    asleep = conversations.c.snoozed_until.is_not(None) & (conversations.c.snoozed_until > now)
    own = select(conversations.c.id).where(
        conversations.c.agent_id == actor.id, conversations.c.owner == "human"
    )
    if which == "mine":
        return own.where(~asleep).order_by(conversations.c.last_at.desc())
    if which == "snoozed":
        return own.where(asleep).order_by(conversations.c.snoozed_until)
    if which == "all":
        actor.require(Op.SEE_ALL)
        live = (conversations.c.owner == "human") | conversations.c.episode_id.is_not(None)
        return select(conversations.c.id).where(live).order_by(conversations.c.last_at.desc())
    done = (
        select(handoffs.c.conversation_id, func.max(handoffs.c.closed_at).label("at"))
        .where(handoffs.c.closed_at > now - RECENT)
        .group_by(handoffs.c.conversation_id)
    )
    if not actor.may(Op.SEE_ALL):
        done = done.where(handoffs.c.agent_id == actor.id)
    ended = done.subquery()
    return (
        select(conversations.c.id)
        .join(ended, ended.c.conversation_id == conversations.c.id)
        .where(conversations.c.owner != "human")
        .order_by(ended.c.at.desc())
    )


def items(tx: Connection, ids: Sequence[str], policy: Policy, now: datetime) -> list[Item]:
    """These conversations, in this order; unknown ones are left out."""
    if not ids:
        return []
    rows = {row.id: row for row in tx.execute(_ROWS, {"conversations": list(ids)})}
    episodes_of = [row.the_episode for row in rows.values() if row.the_episode]
    felt = readings(tx, episodes_of)
    unread = _unread(tx, [row.handoff for row in rows.values() if row.unanswered_since])
    phoned = calls_of(tx, [row.id for row in rows.values() if row.channel == "phone"], now)
    marks = _tags(tx, [tag_subject(row.customer, row.id) for row in rows.values()])
    whispers = _whispers(tx, [row.handoff for row in rows.values() if row.agent_id])
    places = _places(tx, [row.handoff for row in rows.values() if row.handoff_status == "waiting"])
    return [
        _item(rows[one], felt.get(one, []), unread.get(one, 0), marks, policy, now)
        | {
            "place": places.get(rows[one].handoff),
            "call": phoned.get(one),
            "whispered_at": _iso(whispers.get(one)),
        }
        for one in ids
        if one in rows
    ]


def readings(tx: Connection, episode_ids: Sequence[str]) -> dict[str, list[Reading]]:
    """The customer's newest readings in these episodes by conversation, oldest first."""
    if not episode_ids:
        return {}
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for row in tx.execute(_READINGS, {"episodes": list(episode_ids)}):
        found[row.conversation_id].append(row.emotion)
    return found


def tag_subject(customer: str | None, conversation_id: str) -> str:
    """What tags hang on: the shop's customer, over all channels, or a stranger's conversation."""
    return f"customer:{customer}" if customer else f"conversation:{conversation_id}"


def _rows() -> Select[Any]:
    last = aliased(messages, name="last_message")
    said = aliased(messages, name="said_message")
    # While people have it, what the customer or the agent said is news; notices never are.
    newest = (
        select(said.c.seq)
        .where(said.c.conversation_id == conversations.c.id)
        .where(said.c.author != Author.SYSTEM.value)
        .where((said.c.author != Author.BOT.value) | (conversations.c.owner != "human"))
        .order_by(said.c.seq.desc())
        .limit(1)
        .correlate(conversations)
        .scalar_subquery()
    )
    latest = (
        select(handoffs.c.id)
        .where(handoffs.c.conversation_id == conversations.c.id)
        .order_by(handoffs.c.opened_at.desc())
        .limit(1)
        .correlate(conversations)
        .scalar_subquery()
    )
    return (
        select(
            conversations.c.id,
            conversations.c.channel,
            conversations.c.external_id,
            conversations.c.owner,
            conversations.c.agent_id,
            conversations.c.episode_id,
            conversations.c.snoozed_until,
            last.c.seq.label("last_seq"),
            func.coalesce(episodes.c.id, handoffs.c.episode_id).label("the_episode"),
            func.coalesce(episodes.c.shop_customer_id, customers.c.shop_customer_id).label(
                "customer"
            ),
            episodes.c.level,
            episodes.c.handoff_reason,
            handoffs.c.id.label("handoff"),
            handoffs.c.closed_at,
            handoffs.c.reason,
            handoffs.c.priority,
            handoffs.c.skill,
            handoffs.c.tier,
            handoffs.c.queued_at,
            handoffs.c.sla_due,
            handoffs.c.answered_at,
            handoffs.c.unanswered_since,
            handoffs.c.supervised,
            handoffs.c.packet["profile"]["name"].as_string().label("known_name"),
            handoffs.c.packet["identity"]["level"].as_string().label("known_level"),
            agents.c.name.label("agent_name"),
            handoffs.c.status.label("handoff_status"),
            last.c.author.label("last_author"),
            last.c.text.label("last_text"),
            last.c.at.label("last_said_at"),
        )
        .join(identities, identities.c.id == conversations.c.identity_id)
        .outerjoin(customers, customers.c.id == identities.c.customer_id)
        .outerjoin(episodes, episodes.c.id == conversations.c.episode_id)
        .outerjoin(handoffs, handoffs.c.id == func.coalesce(conversations.c.handoff_id, latest))
        .outerjoin(agents, agents.c.id == conversations.c.agent_id)
        .outerjoin(
            last,
            (last.c.conversation_id == conversations.c.id) & (last.c.seq == newest),
        )
        .where(conversations.c.id.in_(bindparam("conversations", expanding=True)))
    )


def _readings() -> Select[Any]:
    newest = (
        func.row_number()
        .over(partition_by=messages.c.conversation_id, order_by=messages.c.seq.desc())
        .label("newest")
    )
    said = (
        select(messages.c.conversation_id, messages.c.seq, messages.c.emotion, newest)
        .where(messages.c.episode_id.in_(bindparam("episodes", expanding=True)))
        .where(messages.c.author == "customer")
        .subquery()
    )
    return select(said).where(said.c.newest <= _READ_BACK).order_by(said.c.seq)


def _standing() -> Select[Any]:
    line = (
        select(handoffs.c.id, func.row_number().over(order_by=_IN_LINE).label("place"))
        .where(handoffs.c.status == "waiting")
        .subquery()
    )
    return select(line).where(line.c.id.in_(bindparam("handoffs", expanding=True)))


# Built once: building them costs more than running them.
_ROWS = _rows()
_READINGS = _readings()
_PLACES = _standing()
_UNREAD = (
    select(messages.c.conversation_id, func.count())
    .join(handoffs, handoffs.c.conversation_id == messages.c.conversation_id)
    .where(handoffs.c.id.in_(bindparam("handoffs", expanding=True)))
    .where(messages.c.author == "customer", messages.c.at >= handoffs.c.unanswered_since)
    .group_by(messages.c.conversation_id)
)
_WHISPERS = (
    select(notes.c.conversation_id, func.max(notes.c.at))
    .join(handoffs, handoffs.c.conversation_id == notes.c.conversation_id)
    .where(handoffs.c.id.in_(bindparam("handoffs", expanding=True)))
    .where(notes.c.kind == "whisper", notes.c.at >= handoffs.c.assigned_at)
    .group_by(notes.c.conversation_id)
)
_TAGS = (
    select(tags.c.subject, tags.c.tag)
    .where(tags.c.subject.in_(bindparam("subjects", expanding=True)))
    .order_by(tags.c.at, tags.c.tag)
)


def _unread(tx: Connection, handoff_ids: Sequence[str]) -> dict[str, int]:
    if not handoff_ids:
        return {}
    rows = tx.execute(_UNREAD, {"handoffs": list(handoff_ids)})
    return {row[0]: row[1] for row in rows}


def _whispers(tx: Connection, handoff_ids: Sequence[str]) -> dict[str, datetime]:
    """When a supervisor last said something to the agent in charge."""
    if not handoff_ids:
        return {}
    rows = tx.execute(_WHISPERS, {"handoffs": list(handoff_ids)})
    return {row[0]: row[1] for row in rows}


def _places(tx: Connection, handoff_ids: Sequence[str]) -> dict[str, int]:
    """Where those stand who wait: asked only for them, since it puts the whole queue in order."""
    if not handoff_ids:
        return {}
    return {row.id: row.place for row in tx.execute(_PLACES, {"handoffs": list(handoff_ids)})}


def _tags(tx: Connection, subjects: Sequence[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in tx.execute(_TAGS, {"subjects": list(subjects)}):
        found[row.subject].append(row.tag)
    return found


def _item(
    row: Any,
    felt: list[Reading],
    unread: int,
    marks: dict[str, list[str]],
    policy: Policy,
    now: datetime,
) -> Item:
    open_handoff = row.handoff is not None and row.closed_at is None
    status = _status(row, now)
    reason = row.reason or row.handoff_reason
    rule = policy.reasons.get(reason) if reason else None
    return {
        "conversation": row.id,
        "channel": row.channel,
        "channel_name": channel_name(row.channel),
        "customer_name": _name(row),
        "tier": row.tier,
        "tier_name": TIERS[Tier(row.tier)] if row.tier in list(Tier) else None,
        "identity_level": row.level or row.known_level or "anonymous",
        "status": status,
        "agent": {"id": row.agent_id, "name": row.agent_name} if row.agent_id else None,
        "reason": reason,
        "reason_text": rule.text if rule else None,
        "priority": row.priority,
        "skill": row.skill,
        "emotion": light_of(felt),
        "waiting_since": _iso(row.queued_at) if status == "waiting" else None,
        "sla_due": _iso(row.sla_due) if open_handoff and _owes_first_answer(row) else None,
        "unanswered_since": _iso(row.unanswered_since) if open_handoff else None,
        "snoozed_until": _iso(row.snoozed_until) if status == "snoozed" else None,
        "last": _last(row),
        "unread": unread,
        "handoff": row.handoff,
        "tags": marks.get(tag_subject(row.customer, row.id), []),
        "alarm": _alarm(row, felt, policy, now) if open_handoff or status == "bot" else None,
    }


def _status(row: Any, now: datetime) -> str:
    if row.owner != "human":
        return "bot" if row.episode_id else "closed"
    if row.agent_id is None:
        return "waiting"
    return "snoozed" if row.snoozed_until and row.snoozed_until > now else "assigned"


def _name(row: Any) -> str:
    if row.known_name:
        return str(row.known_name)
    tail = (row.customer or row.external_id)[-4:]
    return f"会员{tail}" if row.customer else f"访客{tail}"


def _last(row: Any) -> dict[str, Any] | None:
    if row.last_author is None:
        return None
    text = mask_shown(" ".join(row.last_text.split())) or WITHOUT_WORDS
    if len(text) > TEXT_LENGTH:
        text = text[: TEXT_LENGTH - 1] + "…"
    return {
        "seq": row.last_seq,
        "author": row.last_author,
        "text": text,
        "at": _iso(row.last_said_at),
    }


def _owes_first_answer(row: Any) -> bool:
    """Whoever has it has said nothing yet, and the customer waits for it.

    A colleague may have answered before it was passed on; then nobody waits.
    """
    return row.answered_at is None and row.unanswered_since is not None


def _alarm(row: Any, felt: list[Reading], policy: Policy, now: datetime) -> str | None:
    rules = policy.assignment
    if row.owner == "human":
        silent = timedelta(minutes=rules.silent_minutes)
        if row.supervised or (row.unanswered_since and now - row.unanswered_since >= silent):
            return "silent"
        warning = timedelta(seconds=rules.sla_warning_s)
        if _owes_first_answer(row) and now >= row.sla_due - warning:
            return "sla"
    return "negative" if negative_in_a_row(felt) >= STAYS_NEGATIVE else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None

"""The statements that every turn runs, built once.

SQLAlchemy caches compiled SQL but not the building of statements, which would cost a turn more than
running them. Parameters that are not columns being set are named ``the_…``.
"""

from __future__ import annotations

from sqlalchemy import String, and_, bindparam, case, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.tables import UtcDateTime, conversations, episodes, events, inbox, messages, outbox

_now = bindparam("the_now", type_=UtcDateTime)
_until = bindparam("the_until", type_=UtcDateTime)
_lease = bindparam("the_lease", type_=String)
_conversation = bindparam("the_conversation", type_=String)

CLAIM_IS_FREE = or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < _now)

# Accepting

FIND_CONVERSATION = (
    select(
        conversations.c.id,
        conversations.c.last_at,
        conversations.c.owner,
        conversations.c.episode_id,
        episodes.c.closed_at,
        episodes.c.shop_customer_id,
    )
    .select_from(conversations.outerjoin(episodes, episodes.c.id == conversations.c.episode_id))
    .where(conversations.c.channel == bindparam("the_channel"))
    .where(conversations.c.external_id == bindparam("the_external_id"))
    .with_for_update(of=conversations)
)

INSERT_CONVERSATION = insert(conversations)

NUMBER_AND_CLAIM = (
    update(conversations)
    .where(conversations.c.id == _conversation)
    .values(
        last_seq=conversations.c.last_seq + 1,
        last_at=_now,
        episode_id=bindparam("the_episode"),
        lease_owner=case((CLAIM_IS_FREE, _lease), else_=conversations.c.lease_owner),
        lease_until=case((CLAIM_IS_FREE, _until), else_=conversations.c.lease_until),
    )
    .returning(conversations.c.last_seq, conversations.c.lease_owner)
)

INSERT_INBOX_ONCE = {
    name: dialect.insert(inbox).on_conflict_do_nothing(index_elements=["channel", "dedup_key"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}

INSERT_MESSAGE = insert(messages)

# Answering

OLDEST_WAITING = (
    select(
        inbox.c.id.label("inbox_id"),
        inbox.c.conversation_id,
        inbox.c.episode_id,
        inbox.c.seq,
        inbox.c.payload,
        inbox.c.prepared,
        inbox.c.received_at,
        messages.c.text,
        episodes.c.channel,
        episodes.c.turns,
        episodes.c.snapshot,
        episodes.c.shop_customer_id,
        episodes.c.closed_at,
        conversations.c.external_id,
        conversations.c.owner,
        conversations.c.expecting,
    )
    .select_from(inbox)
    .join(
        messages,
        and_(
            messages.c.conversation_id == inbox.c.conversation_id,
            messages.c.seq == inbox.c.seq,
        ),
    )
    .join(episodes, episodes.c.id == inbox.c.episode_id)
    .join(conversations, conversations.c.id == inbox.c.conversation_id)
    .where(inbox.c.conversation_id == _conversation, inbox.c.status == "waiting")
    .order_by(inbox.c.seq)
    .limit(1)
)

_UNDER_CLAIM = update(conversations).where(
    conversations.c.id == _conversation, conversations.c.lease_owner == _lease
)
_NUMBERED = _UNDER_CLAIM.values(
    last_seq=conversations.c.last_seq + bindparam("the_count"), last_at=_now
).returning(conversations.c.last_seq, conversations.c.owner)

NUMBER_REPLIES = _NUMBERED.values(lease_until=_until)

NUMBER_AND_RELEASE = _NUMBERED.values(lease_owner=None, lease_until=None)

AGENT_OF = select(conversations.c.agent_id).where(conversations.c.id == _conversation)

OTHERS_WAITING = (
    select(inbox.c.id)
    .where(inbox.c.conversation_id == _conversation)
    .where(inbox.c.status == "waiting", inbox.c.id != bindparam("the_inbox"))
    .limit(1)
)

RELEASE_CLAIM = _UNDER_CLAIM.values(lease_owner=None, lease_until=None)

NOTE_UNDERSTANDING = (
    update(messages)
    .where(messages.c.conversation_id == _conversation, messages.c.seq == bindparam("the_seq"))
    .values(
        intent=bindparam("the_intent"),
        confidence=bindparam("the_confidence"),
        emotion=bindparam("the_emotion"),
    )
)

INSERT_EVENT = insert(events)

INSERT_OUTBOX = insert(outbox)

ADVANCE_EPISODE = (
    update(episodes)
    .where(episodes.c.id == bindparam("the_episode"))
    .values(
        last_at=_now,
        fallbacks=episodes.c.fallbacks + bindparam("the_fallbacks"),
        turns=bindparam("the_turns"),
        snapshot=bindparam("the_snapshot"),
    )
)

INBOX_DONE = (
    update(inbox)
    .where(inbox.c.id == bindparam("the_inbox"))
    .values(status="done", done_at=_now)
    .returning(inbox.c.passive_until)
)

"""Conversations, their episodes and messages, and the way of a message in and out."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.records.tables.base import Id, UtcDateTime, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity_id", Id, ForeignKey("identities.id"), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("owner", String(16), nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("read_seq", Integer, nullable=False),
    Column("episode_id", Id),
    Column("last_at", UtcDateTime, nullable=False),
    Column("agent_id", Id),
    Column("handoff_id", Id),
    Column("expecting", String(16)),
    Column("snoozed_until", UtcDateTime),
    Column("last_agent_id", Id),
    Column("last_agent_at", UtcDateTime),
    Column("lease_owner", String(64)),
    Column("lease_until", UtcDateTime, index=True),
    UniqueConstraint("channel", "external_id"),
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("shop_customer_id", String(64), index=True),
    Column("proof_tries", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("fallbacks", Integer, nullable=False),
    Column("snapshot", JSON),
    Column("previous_id", Id),
    Column("handoff_reason", String(32)),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("close_reason", String(16)),
    Column("outcome", String(32)),
    Index("ix_episodes_open", "closed_at", "last_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False, index=True),
    Column("inbox_id", Id, index=True),
    Column("author", String(16), nullable=False),
    Column("agent_id", Id),
    Column("text", Text, nullable=False),
    Column("client_id", String(64)),
    Column("quick_replies", JSON),
    Column("card", JSON),
    Column("files", JSON),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("emotion", JSON),
    Column("latency_ms", Float),
    Column("at", UtcDateTime, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("author", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("dedup_key", String(256), nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("episode_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("payload", Text),
    Column("prepared", JSON(none_as_null=True)),
    Column("passive_until", UtcDateTime),
    Column("status", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    UniqueConstraint("channel", "dedup_key"),
    Index("ix_inbox_waiting", "conversation_id", "status", "seq"),
)
"""``prepared``: what to answer without asking the engine. Until ``passive_until`` the channel may
hand the answer back by itself, in reply to the platform's own request."""

events = Table(
    "events",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("episode_id", Id, nullable=False, index=True),
    Column("conversation_id", Id, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("conversation_id", Id, nullable=False),
    Column("inbox_id", Id, index=True),
    Column("channel", String(32), nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", String(64)),
    Column("via", String(16)),
    Column("sent_at", UtcDateTime),
    Index("ix_outbox_due", "status", "next_at"),
    Index("ix_outbox_conversation", "conversation_id", "last_seq"),
)

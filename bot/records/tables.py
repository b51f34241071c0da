"""The tables. Same definition on SQLite and PostgreSQL; migrations/ brings a database to them.

Times are stored as UTC and come back aware on both databases (`UtcDateTime`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(40)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, also on SQLite, which has no time zones; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark as UTC on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_customer_id", String(64), unique=True, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id"), index=True),
    Column("level", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("channel", "external_id"),
)

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
    Column("inbox_id", Id, nullable=False, index=True),
    Column("author", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("client_id", String(64)),
    Column("quick_replies", JSON),
    Column("card", JSON),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("emotion", JSON),
    Column("latency_ms", Float),
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
    Column("status", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    UniqueConstraint("channel", "dedup_key"),
    Index("ix_inbox_waiting", "conversation_id", "status", "seq"),
)

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
    Column("channel", String(32), nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", String(64)),
    Column("sent_at", UtcDateTime),
    Index("ix_outbox_due", "status", "next_at"),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("episode_id", "reason"),
)

proof_failures = Table(
    "proof_failures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_key", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_proof_failures_recent", "order_key", "at"),
)

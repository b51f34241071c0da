"""Conversations given to people, and who asked for it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.records.tables.base import Id, UtcDateTime, metadata

handoff_requests = Table(
    "handoff_requests",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("episode_id", "turn", "reason"),
)
"""What actions asked for during a turn; the turn's commit decides."""

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("skill", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("tier", String(16)),
    Column("shop_customer_id", String(64)),
    Column("packet", JSON, nullable=False),
    Column("packet_version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id"), index=True),
    Column("wanted_agent_id", Id),
    Column("passed", JSON, nullable=False),
    Column("supervised", Boolean, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("assigned_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("unanswered_since", UtcDateTime),
    Column("sla_due", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    Column("told_place", Integer),
    Column("announced_at", UtcDateTime),
    Column("alarmed_at", UtcDateTime),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("disposition", String(32)),
    Column("note", Text),
    Index("ix_handoffs_queue", "status", "priority", "queued_at"),
    Index("ix_handoffs_closed", "closed_at"),
    Index(
        "uq_handoffs_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)
"""A conversation given to people. ``priority`` 1 is the most urgent, 5 the least; ``queued_at`` is
its age in the queue; ``unanswered_since`` the oldest customer message no agent has answered;
``told_place`` the place in the queue that the customer heard last; ``announced_at`` when the desks
were told of the present state (None: they have yet to be, whichever replica changed it)."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("event_id", Id, nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("handoff_id", Id, ForeignKey("handoffs.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("error", String(64)),
    Index("ix_webhook_deliveries_due", "status", "next_at"),
)

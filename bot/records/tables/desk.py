"""Agents and what they work with: notes, cases, coupons, and the log of what they did."""

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
)

from bot.records.tables.base import Id, UtcDateTime, metadata

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("totp_secret", String(255)),
    Column("skills", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("presence", String(16), nullable=False, index=True),
    Column("seen_at", UtcDateTime),
    Column("assigned_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("extension", String(16)),
)
"""``extension`` is where the agent's telephone rings. ``seen_at`` is the last sign of life of the agent's desk; ``assigned_at`` makes the round robin."""

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("subject", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_login_failures_recent", "subject", "at"),
)
"""``subject`` is a login or an address, each hashed."""

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner_id", Id, ForeignKey("agents.id")),
    Column("shortcut", String(32), nullable=False),
    Column("title", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("intents", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""``owner_id`` None: for everybody. ``intents``: for which requests it is suggested."""

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("after_seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""``kind``: note (for colleagues) or whisper (from a supervisor to the agent)."""

tags = Table(
    "tags",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("tag", String(32), primary_key=True),
    Column("agent_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""``subject``: ``customer:<shop customer id>`` or, for a stranger, ``conversation:<id>``."""

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("grade", String(16), nullable=False),
    Column("title", String(120), nullable=False),
    Column("detail", Text, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), index=True),
    Column("episode_id", Id),
    Column("handoff_id", Id),
    Column("shop_customer_id", String(64), index=True),
    Column("owner_id", Id, ForeignKey("agents.id")),
    Column("opened_by", Id),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("result", Text),
    Index("ix_cases_due", "status", "due_at"),
    Index("ix_cases_opened", "kind", "opened_at"),
)
"""``grade``: urgent, important, ordinary. ``status``: open, doing, done."""

case_steps = Table(
    "case_steps",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("agent_id", Id),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

coupon_grants = Table(
    "coupon_grants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), index=True),
    Column("case_id", Id, ForeignKey("cases.id"), index=True),
    Column("shop_customer_id", String(64), nullable=False, index=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("cents", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("coupon_id", String(64)),
    Column("at", UtcDateTime, nullable=False),
    Column("tried_at", UtcDateTime),
    Index("ix_coupon_grants_open", "status", "tried_at"),
)
"""``id`` is the idempotency key towards the shop. ``status``: asked, granted, refused, unsure, failed
(given up). ``agent_id`` None: given by the policy (bot/care). A grant is ``granted`` in the
transaction that tells the customer; ``tried_at`` is when the shop was last asked."""

audit = Table(
    "audit",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("agent_id", Id, nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)
"""Append-only: triggers of the database refuse every update and delete."""

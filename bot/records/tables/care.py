"""Upset customers: what a case knows beside the desk's own case, its timers, and what was noticed."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.records.tables.base import Id, UtcDateTime, metadata

care_cases = Table(
    "care_cases",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("source", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("scene", String(16), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("facts", JSON),
    Column("facts_known", Boolean, nullable=False, index=True),
    Column("stage", String(16), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("escalation", Integer, nullable=False),
    Column("met_at", UtcDateTime),
    Column("voucher", String(16)),
    Column("feedback", Text),
    Column("ending", String(16)),
    Column("ended_at", UtcDateTime),
    Column("watch_until", UtcDateTime),
    Column("reopened", Integer, nullable=False),
)
"""One row for each case that an upset customer made. ``stage``: waiting (nobody has acted), acting,
watching (ended, looked after for some days), over. ``round`` counts what set the timers anew (a
higher level, a reopening), ``escalation`` how often it was late. ``voucher``: offered, accepted.
``facts``: order, products and carriers that it is about, once ``facts_known`` (looked up in the shop)."""

care_timers = Table(
    "care_timers",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("case_id", "kind", "number"),
    Index("ix_care_timers_due", "state", "due_at"),
)
"""``state``: set, fired (its time came), met (done before), void (no longer wanted). A timer leaves
``set`` once, by a conditional update, whichever replica is first."""

care_signals = Table(
    "care_signals",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("conversation_id", Id),
    Column("episode_id", Id),
    Column("seq", Integer),
    Column("cause", String(16)),
    Column("score", Float),
    Column("name", String(80)),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("case_id", "kind", "name"),
)
"""What was noticed about a case: negative and positive sentences, repeated contacts, returns and
purchases. ``name`` (an order, a return, a message) keeps the same thing from counting twice."""

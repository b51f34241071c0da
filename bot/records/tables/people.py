"""Customers, who they are on each channel, and failed proofs."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
)

from bot.records.tables.base import Id, UtcDateTime, metadata

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

proof_failures = Table(
    "proof_failures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_key", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_proof_failures_recent", "order_key", "at"),
)

"""Telephone calls, and codes that were sent to prove a mobile number."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from bot.records.tables.base import Id, UtcDateTime, metadata

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("episode_id", Id, nullable=False),
    Column("door", String(16), nullable=False),
    Column("number", String(32)),
    Column("dialled", String(32)),
    Column("state", String(16), nullable=False),
    Column("extension", String(16)),
    Column("transcribed", Boolean, nullable=False),
    Column("recorded", Boolean, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("end_reason", String(32)),
    Column("figures", JSON),
    Index("ix_calls_live", "ended_at", "seen_at"),
)
"""``state``: bot, queue, ringing, talking, typing, over. ``extension`` is the agent's who has it;
``transcribed`` whether what is said still passes through us; ``seen_at`` the hotline's last sign."""

phone_codes = Table(
    "phone_codes",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.id"), primary_key=True),
    Column("mobile_hash", String(64), nullable=False, index=True),
    Column("shop_customer_id", String(64)),
    Column("code_hash", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""The code that a call waits for; ``shop_customer_id`` None: no member has this number (which the
caller is not told)."""

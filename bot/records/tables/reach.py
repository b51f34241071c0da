"""How customers are reached on platforms that must be sent to: WeChat and 微信客服."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from bot.records.tables.base import Id, UtcDateTime, metadata

contacts = Table(
    "contacts",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("external_id", String(128), primary_key=True),
    Column("union_id", String(64), index=True),
    Column("reachable", Boolean, nullable=False),
    Column("opted_out_at", UtcDateTime),
    Column("looked_up_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Somebody on a platform: ``reachable`` until they unfollow, ``opted_out_at`` when they wanted no
more notices. ``union_id`` is the platform's own word for one person over a brand's accounts."""

reply_windows = Table(
    "reply_windows",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("external_id", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("left", Integer, nullable=False),
)
"""What the platform still lets us send: ``kind`` is message (48 h, 5) or event (1 min, 3)."""

sent_parts = Table(
    "sent_parts",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("external_id", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)
"""Parts of a reply that the platform has taken, so that a later try begins with the next one."""

media_jobs = Table(
    "media_jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("dedup_key", String(256), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("media_id", String(256), nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Index("ix_media_jobs_due", "status", "next_at"),
)
"""A picture or a voice that must be fetched before its message can be accepted."""

sync_cursors = Table(
    "sync_cursors",
    metadata,
    Column("account", String(128), primary_key=True),
    Column("cursor", String(256), nullable=False),
    Column("token", String(256), nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("synced", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("at", UtcDateTime, nullable=False),
)
"""How far messages of a 微信客服 account were fetched. ``wanted`` counts callbacks, ``synced`` those
whose messages are all in the inbox: a callback survives the process that took it."""

notices = Table(
    "notices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("shop_customer_id", String(64), nullable=False),
    Column("data", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(64)),
    Column("channel", String(32)),
    Column("external_id", String(128)),
    Column("day", String(10)),
    Column("way", String(16)),
    Column("platform_id", String(64), index=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("text", Text),
    Index("ix_notices_due", "status", "next_at"),
    Index("ix_notices_of_customer", "shop_customer_id", "day"),
)
"""News for a customer that nobody asked for. ``status``: waiting, sending, sent, skipped, dead;
``day`` (Asia/Shanghai) is set once it counts towards the customer's daily limit."""

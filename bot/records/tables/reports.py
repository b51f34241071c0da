"""What reports are made of: facts of closed episodes, their sums, and what people said of them.

Facts and cells can be derived anew from the event log at any time (``yingda report rebuild``).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from bot.records.tables.base import Id, UtcDateTime, metadata

episode_facts = Table(
    "episode_facts",
    metadata,
    Column("episode_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    Column("person", String(80), nullable=False),
    Column("day", String(10), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("intent", String(64), nullable=False),
    Column("subjects", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False, index=True),
    Column("outcome", String(32)),
    Column("excluded", String(16)),
    Column("handoff_reason", String(32)),
    Column("repeat_after_s", Integer),
    Column("repeats", Boolean, nullable=False),
    Column("moved", Boolean, nullable=False, server_default=false()),
    Column("csat", Integer),
    Column("lot", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
    Index("ix_episode_facts_person", "person", "started_at"),
    Index("ix_episode_facts_started", "started_at", "episode_id"),
)
"""One row for each closed episode. ``person`` is the customer, or the identity of somebody who is
none yet; ``day`` is in Asia/Shanghai; ``subjects`` are parted by blanks; ``repeat_after_s`` is the
time from its end to the next contact of the same person about one of them (at most 7 d);
``repeats`` says that it is itself such a contact, within 72 h; ``moved`` that it goes on, within
7 d, with what was begun on another channel; ``lot`` draws samples; ``counts`` is
JSON."""

report_cells = Table(
    "report_cells",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("intent", String(64), primary_key=True),
    Column("tier", String(16), primary_key=True),
    Column("counts", Text, nullable=False),
)
"""Sums over the facts of a cell; ``counts`` is JSON, measure to number."""

report_dirty = Table(
    "report_dirty",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("episode_id", Id, nullable=False),
)
"""Closed episodes whose facts must be derived (again)."""

not_understood = Table(
    "not_understood",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("episode_id", Id, nullable=False),
    Column("person", String(80), nullable=False),
    Column("guess", String(64)),
    Column("at", UtcDateTime, nullable=False, index=True),
)
"""Customers' messages that the assistant did not understand; ``at`` is the episode's start."""

gap_labels = Table(
    "gap_labels",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("label", String(64), nullable=False),
    Column("agent_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("exported_at", UtcDateTime),
)
"""What people say that texts mean which were not understood; ``text`` is masked."""

audit_labels = Table(
    "audit_labels",
    metadata,
    Column("episode_id", Id, primary_key=True),
    Column("label", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("agent_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""What supervisors found when reading a sampled episode: right, wrong or unsure."""

satisfaction = Table(
    "satisfaction",
    metadata,
    Column("episode_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("person", String(80), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("seq", Integer),
    Column("score", Integer),
    Column("reason", Text),
    Column("answered_at", UtcDateTime),
    Column("case_id", Id),
    Index("ix_satisfaction_person", "person", "asked_at"),
    Index("ix_satisfaction_asked", "asked_at"),
)
"""How satisfied customers said to be with an episode; ``seq`` is the message that asked them."""

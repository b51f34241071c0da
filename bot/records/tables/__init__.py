"""The tables. Same definition on SQLite and PostgreSQL; migrations/ brings a database to them.

Times are stored as UTC and come back aware on both databases (`UtcDateTime`).
"""

from bot.records.tables.base import Id, UtcDateTime, metadata
from bot.records.tables.calls import calls, phone_codes
from bot.records.tables.care import care_cases, care_signals, care_timers
from bot.records.tables.desk import (
    agent_sessions,
    agents,
    audit,
    canned_replies,
    case_steps,
    cases,
    coupon_grants,
    login_failures,
    notes,
    tags,
)
from bot.records.tables.handoffs import handoff_requests, handoffs, webhook_deliveries
from bot.records.tables.people import customers, identities, proof_failures
from bot.records.tables.reach import (
    contacts,
    media_jobs,
    notices,
    reply_windows,
    sent_parts,
    sync_cursors,
)
from bot.records.tables.reports import (
    audit_labels,
    episode_facts,
    gap_labels,
    not_understood,
    report_cells,
    report_dirty,
    satisfaction,
)
from bot.records.tables.talk import conversations, episodes, events, files, inbox, messages, outbox

__all__ = [
    "Id",
    "UtcDateTime",
    "agent_sessions",
    "agents",
    "audit",
    "audit_labels",
    "calls",
    "canned_replies",
    "care_cases",
    "care_signals",
    "care_timers",
    "case_steps",
    "cases",
    "contacts",
    "conversations",
    "coupon_grants",
    "customers",
    "episode_facts",
    "episodes",
    "events",
    "files",
    "gap_labels",
    "handoff_requests",
    "handoffs",
    "identities",
    "inbox",
    "login_failures",
    "media_jobs",
    "messages",
    "metadata",
    "not_understood",
    "notes",
    "notices",
    "outbox",
    "phone_codes",
    "proof_failures",
    "reply_windows",
    "report_cells",
    "report_dirty",
    "satisfaction",
    "sent_parts",
    "sync_cursors",
    "tags",
    "webhook_deliveries",
]

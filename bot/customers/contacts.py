"""Somebody on a platform: whether they can be reached, and whether they want notices."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversations import ConversationKey
from bot.records.tables import contacts


def note_contact(tx: Connection, key: ConversationKey, now: datetime) -> None:
    """They have written: they are there, and can be reached."""
    _set(tx, key, now, reachable=True)


def set_reachable(tx: Connection, key: ConversationKey, now: datetime, *, reachable: bool) -> None:
    """They have followed or left the account; what they said about notices stays said."""
    _set(tx, key, now, reachable=reachable)


def set_opted_out(tx: Connection, key: ConversationKey, now: datetime, *, out: bool) -> None:
    """They want no more notices, or want them again."""
    _set(tx, key, now, opted_out_at=now if out else None)


def note_union(
    tx: Connection, key: ConversationKey, union_id: str | None, now: datetime, *, reachable: bool
) -> None:
    """What the platform says of them: who they are over a brand's accounts, and if they follow."""
    known = {"union_id": union_id} if union_id else {}
    _set(tx, key, now, looked_up_at=now, reachable=reachable, **known)


def _set(tx: Connection, key: ConversationKey, now: datetime, **values: Any) -> None:
    row = {
        "channel": key.channel,
        "external_id": key.external_id,
        "reachable": True,
        "created_at": now,
        **values,
    }
    tx.execute(_upsert(tx.dialect.name, frozenset(values)), row)


@cache
def _upsert(dialect: str, names: frozenset[str]) -> Insert:
    """Built once for each set of columns: building it costs more than running it."""
    if dialect == "sqlite":
        new = sqlite.insert(contacts)
        return new.on_conflict_do_update(
            index_elements=["channel", "external_id"],
            set_={name: new.excluded[name] for name in sorted(names)},
        )
    other = postgresql.insert(contacts)
    return other.on_conflict_do_update(
        index_elements=["channel", "external_id"],
        set_={name: other.excluded[name] for name in sorted(names)},
    )

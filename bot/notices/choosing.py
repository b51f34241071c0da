"""Where a notice goes, and whether it may go at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from bot.clock import BUSINESS_ZONE
from bot.conversations import ConversationKey
from bot.records.tables import contacts, conversations, customers, identities, notices


@dataclass(frozen=True)
class Refusal:
    """Why a notice does not go: unbound, unreachable, opted_out or daily_limit."""

    reason: str


def day_of(now: datetime) -> str:
    """The business day that a notice counts for."""
    return now.astimezone(BUSINESS_ZONE).date().isoformat()


def choose(
    tx: Connection, shop_customer_id: str, channels: Sequence[str], per_day: int, now: datetime
) -> ConversationKey | Refusal:
    """The contact to use: bound to the customer, reachable, willing; whoever wrote last.

    Only identities that their channel vouches for get news of an account.
    """
    rows = tx.execute(_CONTACTS.where(customers.c.shop_customer_id == shop_customer_id)).all()
    bound = [row for row in rows if row.channel in channels]
    if not bound:
        return Refusal("unbound")
    reachable = [row for row in bound if row.reachable is not False]
    if not reachable:
        return Refusal("unreachable")
    # "No more notices" is said by a person, not by one of their chats.
    if any(row.opted_out_at is not None for row in reachable):
        return Refusal("opted_out")
    today = tx.execute(
        select(func.count())
        .select_from(notices)
        .where(notices.c.shop_customer_id == shop_customer_id, notices.c.day == day_of(now))
    ).scalar_one()
    if today >= per_day:
        return Refusal("daily_limit")
    return ConversationKey(reachable[0].channel, reachable[0].external_id)


def conversation_of(tx: Connection, key: ConversationKey) -> Any:
    """Id and open episode of a contact's conversation, None if they never wrote."""
    return tx.execute(
        select(conversations.c.id, conversations.c.episode_id).where(
            conversations.c.channel == key.channel, conversations.c.external_id == key.external_id
        )
    ).one_or_none()


_CONTACTS = (
    select(
        identities.c.channel,
        identities.c.external_id,
        contacts.c.reachable,
        contacts.c.opted_out_at,
    )
    .select_from(identities)
    .join(customers, customers.c.id == identities.c.customer_id)
    .outerjoin(
        contacts,
        and_(
            contacts.c.channel == identities.c.channel,
            contacts.c.external_id == identities.c.external_id,
        ),
    )
    .outerjoin(conversations, conversations.c.identity_id == identities.c.id)
    .where(identities.c.level == "verified")
    .order_by(conversations.c.last_at.desc())
)

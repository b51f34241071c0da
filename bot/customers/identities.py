"""Identities (a visitor, an app user, an openid) and the one customer they may belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, case, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from actions.context import IdentityLevel
from bot.records import new_id
from bot.records.dirty import mark_identity
from bot.records.tables import customers, identities

_INSERT_IDENTITY = insert(identities)


def open_identity(
    tx: Connection, channel: str, external_id: str, level: IdentityLevel, now: datetime
) -> str:
    """Write down a new identity and return its id."""
    identity_id = new_id("id")
    tx.execute(
        _INSERT_IDENTITY,
        {
            "id": identity_id,
            "channel": channel,
            "external_id": external_id,
            "level": level.value,
            "created_at": now,
        },
    )
    return identity_id


def link_customer(
    tx: Connection,
    identity_id: str,
    shop_customer_id: str,
    level: IdentityLevel,
    now: datetime,
) -> str:
    """Say that an identity belongs to a customer of the shop; returns our customer id.

    A weaker proof of the same customer does not undo a stronger one.
    """
    insert_new = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(
        insert_new(customers)
        .values(id=new_id("cu"), shop_customer_id=shop_customer_id, created_at=now)
        .on_conflict_do_nothing(index_elements=["shop_customer_id"])
    )
    customer_id: str = (
        tx.execute(select(customers.c.id).where(customers.c.shop_customer_id == shop_customer_id))
    ).scalar_one()
    tx.execute(
        update(identities)
        .where(identities.c.id == identity_id)
        .values(
            customer_id=customer_id,
            level=case(
                (
                    and_(
                        identities.c.customer_id == customer_id,
                        identities.c.level == IdentityLevel.VERIFIED.value,
                    ),
                    IdentityLevel.VERIFIED.value,
                ),
                else_=level.value,
            ),
        )
    )
    mark_identity(tx, identity_id)
    return customer_id

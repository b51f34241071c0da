"""Binding an identity on a platform (an openid) to a customer of the shop, and undoing it.

A bound identity is verified from then on: its channel vouches that the same person speaks. The
platform may know that two of its identities are one person (unionid): a binding of one then holds
for the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from actions.context import IdentityLevel, Proof, ProofResult
from bot.clock import Clock
from bot.conversations import ConversationKey
from bot.customers.context import ServiceContext
from bot.customers.identities import link_customer
from bot.records import Database
from bot.records.episodes import close_episode, open_episode
from bot.records.tables import (
    contacts,
    conversations,
    customers,
    episodes,
    events,
    identities,
)

_VERIFIED = IdentityLevel.VERIFIED.value


class Bindings:
    """Binds identities to customers.

    Args:
        database: where identities are.
        context: checks proofs, and counts the wrong ones.
        clock: current time.
    """

    def __init__(self, database: Database, context: ServiceContext, clock: Clock) -> None:
        self._database = database
        self._context = context
        self._clock = clock

    async def customer_of(self, key: ConversationKey) -> str | None:
        """The shop's id of the customer that an identity is bound to.

        Raises:
            DatabaseUnavailable: it cannot be looked up.
        """
        found = await self._database.read(lambda tx: _bound(tx, key))
        if found is None:
            return None
        customer_id, by = found
        if by != key:
            now = self._clock()
            await self._database.write(lambda tx: _link_also(tx, key, customer_id, now))
        return customer_id

    async def bind(self, key: ConversationKey, order_number: str, last4: str) -> ProofResult | None:
        """Bind to the customer of an order whose phone number ends in ``last4``.

        Wrong proofs count as those made in the conversation do.

        Returns:
            What the proof came to; None for somebody who has never written to us.

        Raises:
            ShopUnavailable: the shop could not be asked; no try is used up.
            DatabaseUnavailable: it cannot be written down.
        """
        now = self._clock()

        def begin(tx: Connection) -> str | None:
            row = _conversation(tx, key)
            if row is None:
                return None
            if row.episode_id is not None:
                found: str = row.episode_id
                return found
            opened = open_episode(tx, row.id, key.channel, None, now)
            tx.execute(
                update(conversations).where(conversations.c.id == row.id).values(episode_id=opened)
            )
            return opened

        episode_id = await self._database.write(begin)
        if episode_id is None:
            return None
        result = await self._context.prove_order(episode_id, order_number, last4)
        customer_id = result.who.customer_id
        if result.proof is Proof.OK and customer_id is not None:
            await self._database.write(lambda tx: _link(tx, key, customer_id, episode_id, now))
        return result

    async def unbind(self, key: ConversationKey) -> bool:
        """Undo a binding, on every identity of the same person; what was begun as them is over.

        Returns:
            Whether there was one.

        Raises:
            DatabaseUnavailable: it cannot be written down.
        """
        now = self._clock()

        def undo(tx: Connection) -> bool:
            bound = False
            for one in [key, *_same_person(tx, key)]:
                row = _conversation(tx, one)
                if row is None:
                    continue
                undone = tx.execute(
                    update(identities)
                    .where(identities.c.id == row.identity_id, identities.c.customer_id.isnot(None))
                    .values(customer_id=None, level=IdentityLevel.ANONYMOUS.value)
                )
                bound = bound or bool(undone.rowcount)
                if row.episode_id is not None:
                    _log(tx, row.id, row.episode_id, "unbound", now)
                    close_episode(tx, row.episode_id, "unbound", now)
            return bound

        return await self._database.write(undo)


_CUSTOMER_OF = (
    select(customers.c.shop_customer_id)
    .join(identities, identities.c.customer_id == customers.c.id)
    .where(identities.c.channel == bindparam("the_channel"))
    .where(identities.c.external_id == bindparam("the_external_id"))
    .where(identities.c.level == _VERIFIED)
)
_SAME_PERSON = (
    select(contacts.c.channel, contacts.c.external_id)
    .where(
        contacts.c.union_id
        == select(contacts.c.union_id)
        .where(contacts.c.channel == bindparam("the_channel"))
        .where(contacts.c.external_id == bindparam("the_external_id"))
        .scalar_subquery()
    )
    .where(contacts.c.external_id != bindparam("the_external_id"))
)
"""Asked with every message, so built once: building them costs more than running them."""


def _names(key: ConversationKey) -> dict[str, Any]:
    return {"the_channel": key.channel, "the_external_id": key.external_id}


def _bound(tx: Connection, key: ConversationKey) -> tuple[str, ConversationKey] | None:
    """The customer, and the identity that is bound to them."""
    for one in [key, *_same_person(tx, key)]:
        found: str | None = tx.execute(_CUSTOMER_OF, _names(one)).scalar_one_or_none()
        if found is not None:
            return found, one
    return None


def _link_also(tx: Connection, key: ConversationKey, customer_id: str, now: datetime) -> None:
    """Another identity of the person is bound: this one is, too (once it is known)."""
    row = _conversation(tx, key)
    if row is not None:
        link_customer(tx, row.identity_id, customer_id, IdentityLevel.VERIFIED, now)


def _same_person(tx: Connection, key: ConversationKey) -> list[ConversationKey]:
    """The other identities that the platform says belong to the same person."""
    rows = tx.execute(_SAME_PERSON, _names(key))
    return [ConversationKey(row.channel, row.external_id) for row in rows]


def _conversation(tx: Connection, key: ConversationKey) -> Any:
    return tx.execute(
        select(conversations.c.id, conversations.c.identity_id, conversations.c.episode_id)
        .where(conversations.c.channel == key.channel)
        .where(conversations.c.external_id == key.external_id)
        .with_for_update()
    ).one_or_none()


def _link(
    tx: Connection, key: ConversationKey, customer_id: str, episode_id: str, now: datetime
) -> None:
    row = _conversation(tx, key)
    link_customer(tx, row.identity_id, customer_id, IdentityLevel.VERIFIED, now)
    tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id)
        .values(level=_VERIFIED, shop_customer_id=customer_id)
    )
    _log(tx, row.id, episode_id, "bound", now)


def _log(tx: Connection, conversation_id: str, episode_id: str, kind: str, now: datetime) -> None:
    tx.execute(
        insert(events).values(
            episode_id=episode_id,
            conversation_id=conversation_id,
            kind=kind,
            data={"by": "order_and_phone_tail"} if kind == "bound" else {},
            at=now,
        )
    )

"""Accepting a message: stored once, in order, before anything else happens.

One transaction writes the message and its inbox row, numbers it within its conversation, opens the
episode it belongs to and, where nobody is working on the conversation, claims it. A repeat finds
its own first copy and changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from actions.context import IdentityLevel
from bot.clock import Clock
from bot.conversations import Author, ConversationKey, MessageView, attach, placeholder
from bot.conversations.text import clean_text
from bot.customers import link_customer, open_identity
from bot.errors import ServiceBusy, UnknownChoice
from bot.records import Database, DatabaseUnavailable, new_id
from bot.records.episodes import close_episode, open_episode
from bot.records.tables import episodes, inbox, messages
from bot.satisfaction import rated_episode, written_reason
from bot.turn import statements
from bot.turn.messages import Accepted, Choice, Inbound

LEASE = timedelta(seconds=30)
"""How long a claim on a conversation holds without being renewed; longer than any turn."""


@dataclass(frozen=True)
class Receipt:
    """What accepting came to: the acceptance, the claim if we got it, the message to show."""

    accepted: Accepted
    lease: str | None
    view: MessageView | None


class _Duplicate(Exception):
    """Undoes the transaction when the message turns out to be a repeat."""


class Inbox:
    """Accepts messages into the database.

    Args:
        database: where they are kept.
        clock: current time.
        idle: an episode without a word for this long is over.
    """

    def __init__(self, database: Database, clock: Clock, idle: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._idle = idle

    async def accept(self, inbound: Inbound) -> Receipt:
        """Store a message; from its return on it will be answered exactly once.

        Raises:
            MessageTooLong, MessageEmpty: the text cannot be taken.
            UnknownChoice: the quick reply was never offered in this conversation.
            UnknownFile: a file is not of this conversation.
            ServiceBusy: it could not be stored; nothing was accepted.
        """
        only_files = bool(inbound.files) and not inbound.text.strip()
        if inbound.choice is None and not only_files:
            text = clean_text(inbound.text)
        else:
            text = inbound.text.strip()

        def store(tx: Connection) -> Receipt:
            return self._store(tx, inbound, text)

        try:
            try:
                return await self._database.write(store)
            except IntegrityError:
                # Somebody opened the same conversation at the same moment; now it exists.
                return await self._database.write(store)
        except _Duplicate:
            return await self._database.read(lambda tx: _stored_before(tx, inbound))
        except DatabaseUnavailable as error:
            raise ServiceBusy from error

    def _store(self, tx: Connection, inbound: Inbound, text: str) -> Receipt:
        now = self._clock()
        lease = new_id("lease")
        found = _find(tx, inbound.key)
        if found is None:
            conversation_id = self._open_conversation(tx, inbound, now)
            found = _find(tx, inbound.key)
            assert found is not None  # noqa: S101 - it was inserted above
        conversation_id = found.id
        payload = None
        if inbound.choice is not None:
            _raise_if_duplicate(tx, inbound)
            text, payload = _offered(tx, conversation_id, inbound.choice)
        elif found.episode_id is None:
            payload = written_reason(tx, conversation_id, text, now)
        rated = rated_episode(payload)
        # An answer to our own question belongs to the episode that was asked about, opens none
        # and does not end one.
        episode_id = rated or self._episode(tx, found, inbound, now)
        row = tx.execute(
            statements.NUMBER_AND_CLAIM,
            {
                "the_conversation": conversation_id,
                "the_episode": found.episode_id if rated else episode_id,
                "the_lease": lease,
                "the_now": now,
                "the_until": now + LEASE,
            },
        ).one()
        inbox_id = new_id("in")
        inserted = tx.execute(
            statements.INSERT_INBOX_ONCE[tx.dialect.name],
            {
                "id": inbox_id,
                "channel": inbound.key.channel,
                "dedup_key": inbound.dedup_key,
                "conversation_id": conversation_id,
                "episode_id": episode_id,
                "seq": row.last_seq,
                "payload": payload,
                "prepared": asdict(inbound.prepared) if inbound.prepared else None,
                "passive_until": now + inbound.passive_for if inbound.passive_for else None,
                "status": "waiting",
                "received_at": now,
            },
        )
        if not inserted.rowcount:
            raise _Duplicate
        if inbound.along is not None:
            inbound.along(tx)
        attached = attach(tx, conversation_id, Author.CUSTOMER, inbound.files)
        text = text or placeholder(attached)
        tx.execute(
            statements.INSERT_MESSAGE,
            {
                "conversation_id": conversation_id,
                "seq": row.last_seq,
                "episode_id": episode_id,
                "inbox_id": inbox_id,
                "author": Author.CUSTOMER.value,
                "text": text,
                "client_id": inbound.client_id,
                "files": list(attached) or None,
                "at": now,
            },
        )
        accepted = Accepted(inbox_id, inbound.key, conversation_id, row.last_seq, duplicate=False)
        view = MessageView(
            row.last_seq,
            Author.CUSTOMER,
            text,
            now,
            client_id=inbound.client_id,
            files=attached,
        )
        return Receipt(accepted, lease if row.lease_owner == lease else None, view)

    def _open_conversation(self, tx: Connection, inbound: Inbound, now: datetime) -> str:
        level = IdentityLevel.ANONYMOUS
        identity_id = open_identity(tx, inbound.key.channel, inbound.key.external_id, level, now)
        if inbound.verified_customer_id is not None:
            link_customer(
                tx, identity_id, inbound.verified_customer_id, IdentityLevel.VERIFIED, now
            )
        conversation_id = new_id("co")
        tx.execute(
            statements.INSERT_CONVERSATION,
            {
                "id": conversation_id,
                "identity_id": identity_id,
                "channel": inbound.key.channel,
                "external_id": inbound.key.external_id,
                "owner": "bot",
                "last_seq": 0,
                "read_seq": 0,
                "last_at": now,
            },
        )
        return conversation_id

    def _episode(self, tx: Connection, found: Any, inbound: Inbound, now: datetime) -> str:
        """The id of the open episode; closes one that went idle and opens a new one."""
        claim = inbound.verified_customer_id
        if found.episode_id is not None and found.closed_at is None:
            same_person = claim is None or found.shop_customer_id in (None, claim)
            # While people have the conversation, silence does not end the contact.
            going_on = found.owner == "human" or now - found.last_at <= self._idle
            if going_on and same_person:
                if claim is not None and found.shop_customer_id is None:
                    tx.execute(
                        update(episodes)
                        .where(episodes.c.id == found.episode_id)
                        .values(level=IdentityLevel.VERIFIED.value, shop_customer_id=claim)
                    )
                episode_id: str = found.episode_id
                return episode_id
            close_episode(tx, found.episode_id, "idle", now)
        return open_episode(tx, found.id, inbound.key.channel, claim, now, test=inbound.test)


def _raise_if_duplicate(tx: Connection, inbound: Inbound) -> None:
    known = tx.execute(
        select(inbox.c.id)
        .where(inbox.c.channel == inbound.key.channel)
        .where(inbox.c.dedup_key == inbound.dedup_key)
    )
    if known.first() is not None:
        raise _Duplicate


def _stored_before(connection: Connection, inbound: Inbound) -> Receipt:
    row = connection.execute(
        select(inbox.c.id, inbox.c.seq, inbox.c.conversation_id)
        .where(inbox.c.channel == inbound.key.channel)
        .where(inbox.c.dedup_key == inbound.dedup_key)
    ).one()
    accepted = Accepted(row.id, inbound.key, row.conversation_id, row.seq, duplicate=True)
    return Receipt(accepted, None, None)


def _find(tx: Connection, key: ConversationKey) -> Any:
    wanted = {"the_channel": key.channel, "the_external_id": key.external_id}
    return tx.execute(statements.FIND_CONVERSATION, wanted).one_or_none()


def _offered(tx: Connection, conversation_id: str, choice: Choice) -> tuple[str, str | None]:
    """Title and payload of a pressed quick reply, from our own record of the offer.

    A command (``/affirm``) answers the question it was offered with. Once anything has been said
    since, it could confirm something else, and is refused; options that are plain sentences can be
    said at any time.
    """
    found = tx.execute(
        select(messages.c.quick_replies, messages.c.inbox_id)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.seq == choice.seq)
    ).one_or_none()
    options = (found.quick_replies if found is not None else None) or []
    if found is None or not 0 <= choice.index < len(options):
        raise UnknownChoice
    option = options[choice.index]
    payload: str | None = option.get("payload")
    if payload is not None and payload.startswith("/"):
        newest = tx.execute(
            select(messages.c.inbox_id, messages.c.author)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.seq.desc())
            .limit(1)
        ).one()
        if newest.author == Author.CUSTOMER.value or newest.inbox_id != found.inbox_id:
            raise UnknownChoice
    return option["title"], payload

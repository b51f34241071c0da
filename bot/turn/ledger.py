"""What a conversation's channel may look up and note down: history, state, what was read, its end."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from bot.clock import Clock
from bot.conversations import (
    Author,
    ConversationKey,
    ConversationState,
    MessageView,
    select_messages,
    view_of,
)
from bot.errors import ServiceBusy
from bot.handoff import Effects, HandoffDesk, customer_left
from bot.records import Database, DatabaseUnavailable
from bot.records.episodes import close_episode
from bot.records.tables import agents, conversations, inbox, messages, outbox
from bot.turn import statements
from bot.turn.messages import Accepted

HISTORY_LIMIT = 200


class Ledger:
    """Reads and notes of one conversation at a time.

    Args:
        database: the truth.
        desk: hears when a customer ends what people have in hand.
        clock: current time.
    """

    def __init__(self, database: Database, desk: HandoffDesk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock

    async def history(
        self, key: ConversationKey, after: int = 0, limit: int = 100
    ) -> list[MessageView]:
        """Messages after ``after``, oldest first, at most ``limit`` (1-200).

        Raises:
            ServiceBusy: they cannot be read just now.
        """
        query = (
            select(messages, agents.c.name.label("agent_name"))
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .outerjoin(agents, agents.c.id == messages.c.agent_id)
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
            .where(messages.c.seq > after)
            .order_by(messages.c.seq)
            .limit(max(1, min(limit, HISTORY_LIMIT)))
        )
        try:
            return await self._database.read(lambda tx: [view_of(row) for row in tx.execute(query)])
        except DatabaseUnavailable as error:
            raise ServiceBusy from error

    async def state(self, key: ConversationKey) -> ConversationState:
        """Where the conversation stands; all zero for somebody who has not spoken yet.

        Raises:
            ServiceBusy: it cannot be read just now.
        """
        query = (
            select(
                conversations.c.last_seq,
                conversations.c.read_seq,
                conversations.c.owner,
                agents.c.name,
            )
            .select_from(conversations.outerjoin(agents, agents.c.id == conversations.c.agent_id))
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
        )
        try:
            row = await self._database.read(lambda tx: tx.execute(query).one_or_none())
        except DatabaseUnavailable as error:
            raise ServiceBusy from error
        if row is None:
            return ConversationState()
        return ConversationState(row.last_seq, row.read_seq, row.owner, row.name)

    async def read(self, key: ConversationKey, seq: int) -> None:
        """The customer has seen everything up to ``seq``: the proof of delivery.

        Raises:
            ServiceBusy: it could not be written down just now.
        """
        now = self._clock()

        def move(tx: Connection) -> str | None:
            moved = tx.execute(
                update(conversations)
                .where(conversations.c.channel == key.channel)
                .where(conversations.c.external_id == key.external_id)
                .where(conversations.c.read_seq < seq, conversations.c.last_seq >= seq)
                .values(read_seq=seq)
                .returning(conversations.c.id, conversations.c.owner)
            ).one_or_none()
            if moved is None:
                return None
            tx.execute(
                update(outbox)
                .where(outbox.c.conversation_id == moved.id)
                .where(outbox.c.status == "available", outbox.c.last_seq <= seq)
                .values(status="delivered", sent_at=now)
            )
            return str(moved.id) if moved.owner == "human" else None

        try:
            of_people = await self._database.write(move)
        except DatabaseUnavailable as error:
            raise ServiceBusy from error
        if of_people is not None:
            await self._desk.bus.changed(of_people)  # an agent sees that it was read

    async def end(self, key: ConversationKey) -> None:
        """The customer ends the conversation: its episode is over, and with it every proof.

        Raises:
            ServiceBusy: it cannot be written down just now.
        """

        def close(tx: Connection) -> Effects | None:
            wanted = {"the_channel": key.channel, "the_external_id": key.external_id}
            found = tx.execute(statements.FIND_CONVERSATION, wanted).one_or_none()
            if found is None or found.episode_id is None:
                return None
            step = self._desk.step(tx)
            if found.owner == "human":
                customer_left(step, found.id)
            close_episode(tx, found.episode_id, "ended", step.now)
            return step.effects

        try:
            effects = await self._database.write(close)
            if effects is not None:
                await self._desk.publish(effects)
        except DatabaseUnavailable as error:
            raise ServiceBusy from error

    async def replies_to(self, accepted: Accepted) -> list[MessageView] | None:
        """What was said in a message's turn (nothing, where people listen); None until it is over.

        Also None when it cannot be read just now.
        """
        said = (
            select_messages()
            .where(messages.c.inbox_id == accepted.inbox_id)
            .where(messages.c.author != Author.CUSTOMER.value)
            .order_by(messages.c.seq)
        )
        waits = select(inbox.c.id).where(
            inbox.c.id == accepted.inbox_id, inbox.c.status == "waiting"
        )

        def look(tx: Connection) -> list[MessageView] | None:
            if tx.execute(waits).first() is not None:
                return None
            return [view_of(row) for row in tx.execute(said)]

        try:
            return await self._database.read(look)
        except DatabaseUnavailable:
            return None

"""One worker per conversation: takes waiting messages in order and commits each answer whole.

A claim (lease) on the conversation's row makes the worker the only one over all replicas. Every
commit checks the claim, so that a worker which was away too long cannot answer what another has
answered since; a crashed worker's messages wait for the sweep and are answered then.

While people own the conversation the engine is asked only to understand, not to answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, select, update

from bot.care import Care
from bot.conversations import Bubble
from bot.engine import EngineClient, EngineDown
from bot.errors import DeskBusy
from bot.handoff import HandoffDesk
from bot.records import Database, DatabaseUnavailable
from bot.records.episodes import open_episode
from bot.records.tables import conversations, customers, identities, inbox, messages
from bot.satisfaction import rated_episode
from bot.turn import statements
from bot.turn.answering import Answer, Job, answer, apology
from bot.turn.numbering import LostClaim, OwnerChanged, release
from bot.turn.writing import Turn, Writer

log = logging.getLogger(__name__)

COMMIT_RETRIES = (0.2, 1.0, 3.0)
"""Pauses, in seconds, before trying again to write down an answer that the engine has given."""

UNDERSTAND_WITHIN_S = 1.0
"""How long a message to people waits for the engine's understanding of it."""


class Worker:
    """Answers waiting messages.

    Args:
        database: where they wait and where answers go.
        engine: understands and phrases.
        desk: decides when people take over, and has the conversations that they own.
        push_channels: channels whose platform must be sent each reply; all others fetch.
        care: has the cases of upset customers; None has none.
    """

    def __init__(
        self,
        database: Database,
        engine: EngineClient,
        desk: HandoffDesk,
        push_channels: frozenset[str],
        care: Care | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._desk = desk
        self._care = care
        self._writer = Writer(desk, push_channels, care)
        self.stopping = False

    async def give_back(self, conversation_id: str, lease: str) -> None:
        """Give a claim back with messages still waiting."""
        await self._database.write(lambda tx: release(tx, conversation_id, lease))

    async def answer_next(self, conversation_id: str, lease: str) -> Turn | None:
        """Answer the oldest waiting message; None (and the claim given back) if there is none.

        Raises:
            LostClaim: another worker has the conversation.
            DatabaseUnavailable: nothing was written; the message still waits.
        """
        while True:
            job = await self._next_job(conversation_id, lease)
            if job is None:
                return None
            try:
                return await self._answer(job, lease, perf_counter())
            except OwnerChanged:
                log.info("the conversation changed hands during a turn")

    async def _answer(self, job: Job, lease: str, began: float) -> Turn | None:
        if rated_episode(job.payload) is not None:
            return await self._patiently(job, lambda tx: self._writer.rated(tx, job, lease, began))
        left = ""
        if job.owner == "human" and (question := await self._left_for(job)):
            back = await self._next_job(job.conversation_id, lease)
            if back is None:
                return None
            job = replace(back, text=question, payload=None)
            left = self._desk.policy.current().wording.left_queue
        if job.owner == "human" or self._desk.awaits_message(job.expecting, job.text):
            understood = await self._understand(job)
            return await self._patiently(
                job, lambda tx: self._writer.listened(tx, job, understood, lease, began)
            )
        if self._care is not None and job.prepared is None:
            prepared = await self._care.prepared(job.conversation_id, job.text)
            job = replace(job, prepared=prepared) if prepared is not None else job
        said, tier = await asyncio.gather(
            answer(job, self._engine), self._desk.tier_of(job.shop_customer_id)
        )
        if left:
            said = replace(said, bubbles=(Bubble(left), *said.bubbles))
        if self.stopping and said.errors:
            # What fails because we are going down is answered by the next process.
            await self.give_back(job.conversation_id, lease)
            return None
        try:
            return await self._commit(job, said, tier, lease, began)
        except (LostClaim, OwnerChanged, DatabaseUnavailable):
            raise
        except Exception:
            # An answer that cannot be written (a value the database refuses) must not come back
            # for ever: the customer gets an apology instead, and the log the reason.
            log.exception("answer could not be written", extra={"episode": job.episode_id})
            return await self._commit(job, apology("not_written"), tier, lease, began)

    async def _commit(
        self, job: Job, said: Answer, tier: str | None, lease: str, began: float
    ) -> Turn:
        return await self._patiently(
            job, lambda tx: self._writer.answered(tx, job, said, tier, lease, began)
        )

    async def _patiently(self, job: Job, write: Callable[[Connection], Turn]) -> Turn:
        for pause in COMMIT_RETRIES:
            try:
                return await self._database.write(write)
            except DatabaseUnavailable:
                log.warning("answer not written yet", extra={"episode": job.episode_id})
                await asyncio.sleep(pause)
        return await self._database.write(write)

    async def _left_for(self, job: Job) -> str | None:
        """The question for which somebody has just left the queue."""
        try:
            return await self._desk.leave_for(job.conversation_id, job.text)
        except DeskBusy as error:
            raise DatabaseUnavailable from error

    async def _understand(self, job: Job) -> dict[str, Any] | None:
        """Intent and emotion for the desk; None if they are not to be had quickly."""
        try:
            async with asyncio.timeout(UNDERSTAND_WITHIN_S):
                (understood,) = await self._engine.parse([job.text])
        except (EngineDown, TimeoutError, ValueError):
            return None
        return understood

    async def _next_job(self, conversation_id: str, lease: str) -> Job | None:
        job = await self._database.read(lambda tx: _oldest_waiting(tx, conversation_id))
        if job is None:
            await self.give_back(conversation_id, lease)
        elif job.closed_at is not None and rated_episode(job.payload) is None:
            moved = job.inbox_id
            await self._database.write(lambda tx: _move_to_open_episode(tx, moved))
            job = await self._database.read(lambda tx: _oldest_waiting(tx, conversation_id))
        return job


def _oldest_waiting(connection: Connection, conversation_id: str) -> Job | None:
    found = connection.execute(statements.OLDEST_WAITING, {"the_conversation": conversation_id})
    row = found.mappings().one_or_none()
    return Job(**row) if row is not None else None


def _move_to_open_episode(tx: Connection, inbox_id: str) -> None:
    """A message whose episode ended before it was answered (an agent resolved) begins a new one."""
    row = tx.execute(
        select(
            conversations.c.id,
            conversations.c.channel,
            conversations.c.episode_id,
            inbox.c.seq,
            inbox.c.received_at,
            conversations.c.identity_id,
        )
        .select_from(inbox)
        .join(conversations, conversations.c.id == inbox.c.conversation_id)
        .where(inbox.c.id == inbox_id)
        .with_for_update(of=conversations)
    ).one()
    episode_id = row.episode_id
    if episode_id is None:
        # A proof given by talking ends with its episode; what the channel vouches for does not.
        vouched = tx.execute(
            select(customers.c.shop_customer_id)
            .join(identities, identities.c.customer_id == customers.c.id)
            .where(identities.c.id == row.identity_id, identities.c.level == "verified")
        ).scalar_one_or_none()
        episode_id = open_episode(tx, row.id, row.channel, vouched, row.received_at)
        tx.execute(
            update(conversations).where(conversations.c.id == row.id).values(episode_id=episode_id)
        )
    tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(episode_id=episode_id))
    tx.execute(
        update(messages)
        .where(messages.c.conversation_id == row.id, messages.c.seq == row.seq)
        .values(episode_id=episode_id)
    )

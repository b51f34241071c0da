"""The turn service: what channels call, and the tasks that keep every promise it makes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select, update

from bot.care import Care
from bot.clock import Clock
from bot.conversations import (
    Author,
    ConversationKey,
    ConversationState,
    MessageView,
    Nudge,
    Said,
    Typing,
)
from bot.engine import EngineClient
from bot.handoff import HandoffDesk
from bot.records import Database, DatabaseUnavailable, new_id
from bot.records.episodes import close_if_idle
from bot.records.tables import conversations, episodes, inbox
from bot.turn import statements
from bot.turn.inbox import LEASE, Inbox, Receipt
from bot.turn.ledger import Ledger
from bot.turn.messages import Accepted, Inbound, TurnResult
from bot.turn.numbering import LostClaim
from bot.turn.observer import TurnObserver
from bot.turn.outbox import Channel, Relay
from bot.turn.passive import PassiveReplies
from bot.turn.worker import Worker
from bot.turn.writing import Turn

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 5.0
"""Pause between looks for messages whose worker is gone, and for idle episodes."""

STOP_WITHIN_S = 5.0
"""How long stopping waits for turns under way."""

RELAY_EVERY_S = 1.0
"""How often the outbox is looked into for tries that have come due."""

POLL_S = 0.5
"""How often a waiting caller looks into the database, for answers given by another replica."""


class TurnService:
    """Accepts messages, has them answered in order, and lets channels watch.

    Args:
        database: the truth.
        engine: the assistant's mind.
        desk: decides when people take over, and has the conversations that they own.
        clock: current time.
        idle: a chat episode ends after this long without a word.
        observer: counts and times turns.
        push_channels: by name, the channels whose platform must be sent each reply.
        care: has the cases of upset customers; None has none.
    """

    def __init__(
        self,
        database: Database,
        engine: EngineClient,
        desk: HandoffDesk,
        clock: Clock,
        idle: timedelta,
        observer: TurnObserver | None = None,
        push_channels: dict[str, Channel] | None = None,
        care: Care | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._idle = idle
        self._observer = observer or TurnObserver()
        self._desk = desk
        self.bus = desk.bus
        self._inbox = Inbox(database, clock, idle)
        self._ledger = Ledger(database, desk, clock)
        self._to_deliver = asyncio.Event()
        self._relay = Relay(database, push_channels or {}, clock, self._publish_said)
        self.passive = PassiveReplies(database, clock, self._to_deliver.set)
        self._worker = Worker(database, engine, desk, self._relay.names, care)
        self._working: dict[asyncio.Task[None], tuple[str, str]] = {}
        self._accepting: set[asyncio.Task[Receipt]] = set()
        self._waiting: dict[str, set[asyncio.Future[TurnResult]]] = {}
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what an earlier process left unanswered, and begin to serve."""
        await self.bus.start()
        self._background.append(asyncio.create_task(self._sweep_for_ever()))
        if self._relay.names:
            self._background.append(asyncio.create_task(self._relay_for_ever()))

    async def stop(self) -> None:
        """Finish the turns under way (for a few seconds), then let go; the rest waits stored."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._worker.stopping = True
        if self._working:
            await asyncio.wait(self._working, timeout=STOP_WITHIN_S)
        for task, (conversation_id, lease) in list(self._working.items()):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with contextlib.suppress(DatabaseUnavailable):
                await self._worker.give_back(conversation_id, lease)
        await self.bus.stop()

    async def accept(self, inbound: Inbound) -> Accepted:
        """Store a message durably; it will be answered exactly once.

        Raises:
            CustomerError: it cannot be taken; nothing was stored. The subclass says why.
        """
        return (await self._take(inbound)).accepted

    async def answer(self, inbound: Inbound, timeout_s: float) -> TurnResult | None:
        """Accept a message and return the whole result of its turn, for tools and evaluations.

        None for a repeat, and when the turn takes longer than ``timeout_s`` seconds or another
        replica does it.

        Raises:
            CustomerError: it cannot be taken; nothing was stored.
        """
        receipt = await self._inbox.accept(inbound)
        if receipt.accepted.duplicate:
            return None
        with self._awaited(receipt.accepted) as result:
            await self._set_going(receipt)
            done, _late = await asyncio.wait((result,), timeout=timeout_s)
        return result.result() if done else None

    async def wait_for_replies(self, accepted: Accepted, timeout_s: float) -> list[MessageView]:
        """The replies to a message; empty if they take longer than ``timeout_s`` seconds.

        For a repeat of a message that was answered before, the stored replies.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + timeout_s
        with self._awaited(accepted) as result:
            while True:
                # Woken by our own worker; the look into the database is for an answer that was
                # stored before, or is given by another replica.
                replies = await self._ledger.replies_to(accepted) if accepted.duplicate else None
                left = give_up - loop.time()
                if replies is not None or left <= 0:
                    return replies or await self._ledger.replies_to(accepted) or []
                await asyncio.wait((result,), timeout=min(POLL_S, left))
                if result.done():
                    return list(result.result().replies)
                accepted = dataclasses.replace(accepted, duplicate=True)

    async def history(
        self, key: ConversationKey, after: int = 0, limit: int = 100
    ) -> list[MessageView]:
        """Messages after ``after``, oldest first, at most ``limit`` (1-200).

        Raises:
            ServiceBusy: they cannot be read just now.
        """
        return await self._ledger.history(key, after, limit)

    async def state(self, key: ConversationKey) -> ConversationState:
        """Where the conversation stands; all zero for somebody who has not spoken yet.

        Raises:
            ServiceBusy: it cannot be read just now.
        """
        return await self._ledger.state(key)

    async def read(self, key: ConversationKey, seq: int) -> None:
        """The customer has seen everything up to ``seq``: the proof of delivery.

        Raises:
            ServiceBusy: it could not be written down just now.
        """
        await self._ledger.read(key, seq)

    async def end(self, key: ConversationKey) -> None:
        """The customer ends the conversation: its episode is over, and with it every proof.

        Raises:
            ServiceBusy: it cannot be written down just now.
        """
        await self._ledger.end(key)

    @asynccontextmanager
    async def subscribe(
        self, key: ConversationKey
    ) -> AsyncIterator[AsyncIterator[MessageView | Typing]]:
        """Watch a conversation from now on; see the package's docstring for the guarantees."""
        async with self.bus.watch(key) as queue:
            seen = (await self.state(key)).latest

            async def items() -> AsyncIterator[MessageView | Typing]:
                nonlocal seen
                while True:
                    item = await queue.get()
                    if isinstance(item, Nudge):
                        for view in await self.history(key, after=seen):
                            seen = max(seen, view.seq)
                            yield view
                    elif isinstance(item, MessageView):
                        seen = max(seen, item.seq)
                        yield item
                    elif isinstance(item, Typing) and item.author is not Author.CUSTOMER:
                        yield item

            yield items()

    async def sweep(self) -> None:
        """Answer messages whose worker is gone; close episodes that went idle."""
        now = self._clock()
        stranded, idle = await self._database.read(lambda tx: _left_behind(tx, now, self._idle))
        for conversation_id, key in stranded:
            lease = await self._claim(conversation_id)
            if lease is not None:
                self._begin(conversation_id, lease, key)
        for episode_id in idle:
            await self._database.write(
                partial(close_if_idle, episode_id=episode_id, idle=self._idle, now=now)
            )

    @contextmanager
    def _awaited(self, accepted: Accepted) -> Iterator[asyncio.Future[TurnResult]]:
        """A future that this process's worker fulfils when it commits the message's turn."""
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(accepted.inbox_id, set())
        waiting.add(future)
        try:
            yield future
        finally:
            waiting.discard(future)
            if not waiting:
                self._waiting.pop(accepted.inbox_id, None)

    async def _take(self, inbound: Inbound) -> Receipt:
        """Accept and set going as one: a caller that goes away must not leave it half done."""

        async def take() -> Receipt:
            receipt = await self._inbox.accept(inbound)
            await self._set_going(receipt)
            return receipt

        task = asyncio.create_task(take())
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)
        return await asyncio.shield(task)

    async def _set_going(self, receipt: Receipt) -> None:
        accepted = receipt.accepted
        if receipt.view is not None:
            await self.bus.publish(accepted.key, receipt.view)
        if receipt.lease is not None:
            self._begin(accepted.conversation_id, receipt.lease, accepted.key)

    async def _claim(self, conversation_id: str) -> str | None:
        now = self._clock()
        lease = new_id("lease")
        claim = (
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .where(statements.CLAIM_IS_FREE)
            .values(lease_owner=lease, lease_until=now + LEASE)
        )
        claimed = await self._database.write(
            lambda tx: tx.execute(claim, {"the_now": now}).rowcount
        )
        return lease if claimed else None

    def _begin(self, conversation_id: str, lease: str, key: ConversationKey) -> None:
        task = asyncio.create_task(self._work(conversation_id, lease, key))
        self._working[task] = (conversation_id, lease)
        task.add_done_callback(lambda done: self._working.pop(done, None))

    async def _work(self, conversation_id: str, lease: str, key: ConversationKey) -> None:
        await self.bus.publish(key, Typing(on=True))
        try:
            while (turn := await self._worker.answer_next(conversation_id, lease)) is not None:
                await self._announce(turn)
                if not turn.more_waiting:
                    break
        except LostClaim:
            log.warning("claim lost to another worker")
        except DatabaseUnavailable:
            log.warning("turn not written: the message waits for the sweep")
        except Exception:
            log.exception("turn failed: the message waits for the sweep")
        finally:
            await self.bus.publish(key, Typing(on=False))

    async def _announce(self, turn: Turn) -> None:
        for future in self._waiting.get(turn.job.inbox_id, ()):
            if not future.done():
                future.set_result(turn.result)
        self._observer.turn(turn.job.channel, turn.result, turn.latency_s)
        await self.bus.publish(turn.key, *turn.views)
        await self._desk.publish(turn.effects)
        self._to_deliver.set()

    async def _publish_said(self, said: Said) -> None:
        await self.bus.publish(said.key, *said.views)

    async def _relay_for_ever(self) -> None:
        while True:
            self._to_deliver.clear()
            try:
                while await self._relay.run_once():
                    pass
            except DatabaseUnavailable:
                log.warning("relay paused: the database is away")
            except Exception:
                log.exception("relay failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._to_deliver.wait(), RELAY_EVERY_S)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseUnavailable:
                log.warning("sweep skipped: the database is away")
            except Exception:
                log.exception("sweep failed")
            await asyncio.sleep(SWEEP_EVERY_S)


def _left_behind(
    tx: Connection, now: datetime, idle: timedelta
) -> tuple[list[tuple[str, ConversationKey]], list[str]]:
    """Conversations with waiting messages and no worker; open episodes that went idle."""
    waiting = select(inbox.c.conversation_id).where(inbox.c.status == "waiting")
    stranded = tx.execute(
        select(conversations.c.id, conversations.c.channel, conversations.c.external_id)
        .where(conversations.c.id.in_(waiting))
        .where(statements.CLAIM_IS_FREE)
        .limit(100),
        {"the_now": now},
    )
    idle_episodes = tx.execute(
        select(episodes.c.id)
        .join(conversations, conversations.c.id == episodes.c.conversation_id)
        .where(episodes.c.closed_at.is_(None), episodes.c.last_at < now - idle)
        .where(conversations.c.owner == "bot")
        .limit(500)
    )
    return (
        [(row.id, ConversationKey(row.channel, row.external_id)) for row in stranded],
        list(idle_episodes.scalars()),
    )

"""What the desk calls: each method is one transaction, and telling whom it concerns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select, update

from actions.shop import ShopClient, ShopError
from bot.clock import Clock
from bot.conversations import Bus, MessageView
from bot.errors import DeskBusy
from bot.handoff import meanwhile, ownership, presence, timers
from bot.handoff.effects import Effects
from bot.handoff.known import orders_named
from bot.handoff.loop import Loop
from bot.handoff.observer import HandoffObserver
from bot.handoff.packet import SHOP_S, ReplyWindows
from bot.handoff.packing import Packer
from bot.handoff.policy import PolicyFile
from bot.handoff.queue import BATCH, Figures, Place, assign, figures, place_of
from bot.handoff.reception import awaits_message, consider, listen
from bot.handoff.replying import reply
from bot.handoff.rows import lock_open
from bot.handoff.step import Step
from bot.handoff.tiers import Tiers
from bot.handoff.webhook import Webhook
from bot.handoff.wishes import asks_instead, leaves_queue
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import handoffs

log = logging.getLogger(__name__)

TICK_S = 1.0
"""How often the queue and the timers are looked at when nothing calls for it sooner."""


class HandoffDesk:
    """Conversations in the hands of people: the queue, the agents, and every change of owner.

    All state is in the database, so any replica may do any of it, and goes on after a restart.
    Methods raise DeskConflict (409), DeskForbidden (403), NotFound (404) or DeskBusy (503).

    Args:
        database: the truth.
        bus: tells watchers and desks.
        clock: current time.
        policy: when, to whom, in which words.
        shop: the brand's back office, for tiers and packets.
        push_channels: channels whose platform must be sent each message.
        windows: what platforms still let us send, by channel.
        webhook: tells an outside desk; None without one.
        observer: hears how long customers waited.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        policy: PolicyFile,
        shop: ShopClient,
        push_channels: frozenset[str] = frozenset(),
        windows: Mapping[str, ReplyWindows] | None = None,
        webhook: Webhook | None = None,
        observer: HandoffObserver | None = None,
    ) -> None:
        self._database = database
        self.bus = bus
        self.policy = policy
        self._clock = clock
        self._push_channels = push_channels
        self._tiers = Tiers(shop, clock)
        self._shop = shop
        self.packer = Packer(database, shop, bus, clock, policy, windows)
        self._webhook = webhook
        self._observer = observer or HandoffObserver()
        self._rung: list[str] = []
        self._noting = Loop(self._note_rung, TICK_S)
        self._timers = Loop(self.keep_timers, TICK_S)
        self._loops = [
            self._noting,
            Loop(self.assign_waiting, TICK_S),
            self._timers,
            Loop(self.packer.run_once, TICK_S),
        ]
        if webhook is not None:
            self._loops.append(Loop(webhook.run_once, TICK_S))

    async def start(self) -> None:
        """Begin to assign and to keep the timers."""
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Stop; whatever is under way is in the database."""
        for loop in self._loops:
            await loop.stop()
        if self._webhook is not None:
            await self._webhook.close()

    # Ownership

    async def take(self, conversation_id: str, agent_id: str) -> None:
        """An agent takes a waiting conversation: of several at once exactly one gets it."""
        await self._do(lambda step: ownership.take(step, conversation_id, agent_id))

    async def transfer(
        self,
        conversation_id: str,
        by: str,
        note: str,
        *,
        to_agent: str | None = None,
        to_skill: str | None = None,
        to_supervisor: bool = False,
    ) -> None:
        """Give a conversation on; exactly one of the three targets."""
        if (to_agent is not None) + (to_skill is not None) + to_supervisor != 1:
            raise ValueError("exactly one target")
        await self._do(
            lambda step: ownership.transfer(
                step,
                conversation_id,
                by,
                note,
                to_agent=to_agent,
                to_skill=to_skill,
                to_supervisor=to_supervisor,
            )
        )

    async def take_over(self, conversation_id: str, supervisor_id: str) -> None:
        """A supervisor takes a conversation, whoever has it."""
        await self._do(lambda step: ownership.take_over(step, conversation_id, supervisor_id))

    async def snooze(self, conversation_id: str, by: str, until: datetime) -> None:
        """Lay a conversation aside until a moment, or until the customer writes."""
        await self._do(lambda step: ownership.snooze(step, conversation_id, by, until))

    async def resolve(self, conversation_id: str, by: str, disposition: str, note: str) -> None:
        """The matter is settled: the episode ends.

        Args:
            conversation_id: which conversation.
            by: the agent.
            disposition: how it ended, a short word of the brand's list (at most 32 characters).
            note: for colleagues.
        """
        await self._do(lambda step: ownership.resolve(step, conversation_id, by, disposition, note))

    async def hand_back(self, conversation_id: str, by: str, note: str) -> None:
        """The bot goes on and knows ``note``, what was agreed."""
        order = await self._order_spoken_of(conversation_id)
        await self._do(lambda step: ownership.hand_back(step, conversation_id, by, note, order))

    async def _order_spoken_of(self, conversation_id: str) -> str | None:
        """The order named last while people had the conversation, if it is the customer's own."""
        try:
            named, customer = await self._database.read(
                lambda tx: orders_named(tx, conversation_id)
            )
            for number in named if customer is not None else ():
                async with asyncio.timeout(SHOP_S):
                    order = await self._shop.order(number)
                if order is not None and order.customer_id == customer:
                    return number
        except (ShopError, TimeoutError):
            log.info("order not looked up: the shop did not answer in time")
        except DatabaseUnavailable as error:
            raise DeskBusy from error
        return None

    async def reply(
        self,
        conversation_id: str,
        by: str,
        text: str,
        files: Sequence[str] = (),
        client_id: str | None = None,
    ) -> MessageView:
        """Say something to the customer; a repeat with the same ``client_id`` says it once.

        Raises:
            MessageEmpty, MessageTooLong: the text cannot be sent (CustomerError).
        """
        return await self._do(lambda step: reply(step, conversation_id, by, text, files, client_id))

    # Agents

    async def set_presence(self, agent_id: str, to: str) -> None:
        """``online`` gets work, ``away`` keeps what is in hand, ``offline`` gives it back."""
        await self._do(lambda step: presence.set_presence(step, agent_id, to))

    async def beat(self, agent_id: str) -> str | None:
        """A sign of life (each 20 s or so); returns the presence as it is known, None: no agent."""
        return await self._do(lambda step: presence.beat(step, agent_id))

    async def leave(self, agent_id: str) -> None:
        """The agent goes: the conversations in hand return to the queue with their age."""
        await self.set_presence(agent_id, "offline")

    # The queue

    async def queue_place(self, conversation_id: str) -> Place | None:
        """Place and expected wait of a waiting conversation; None if it does not wait."""

        def look(step: Step) -> Place | None:
            _conversation, handoff = lock_open(step.tx, conversation_id)
            if handoff.status != "waiting":
                return None
            return place_of(step.tx, handoff, step.policy, step.now)

        return await self._do(look)

    async def figures(self) -> Figures:
        """How the queue stands now.

        Raises:
            DeskBusy: the database is away.
        """
        policy, now = self.policy.current(), self._clock()
        try:
            return await self._database.read(lambda tx: figures(tx, policy.assignment, now))
        except DatabaseUnavailable as error:
            raise DeskBusy from error

    def call(self) -> None:
        """Something changed that may move the queue: look at it now and not at the next tick."""
        for loop in self._loops:
            if loop not in (self._timers, self._noting):
                loop.call()

    async def assign_waiting(self) -> int:
        """Give waiting conversations to free agents; returns how many were given.

        Raises:
            DeskBusy: the database is away.
        """
        total = 0
        while True:
            given = await self._do(assign)
            total += given
            if given < BATCH:
                return total

    async def run_once(self) -> None:
        """What the loops do in one look: the timers, then the queue.

        Raises:
            DeskBusy: the database is away; the next look makes up for it.
        """
        await self.keep_timers()
        await self.assign_waiting()

    async def keep_timers(self) -> None:
        """One look at everything that time changes.

        Raises:
            DeskBusy: the database is away; the next look makes up for it.
        """
        await self._note_rung()
        policy, now = self.policy.current(), self._clock()
        try:
            found = await self._database.read(lambda tx: timers.due(tx, policy, now))
            unheard = await self._database.read(lambda tx: _unannounced(tx, now))
        except DatabaseUnavailable as error:
            raise DeskBusy from error
        for finding in found:
            await self._do(partial(finding.do, subject=finding.subject))
        await self._announce(unheard)

    # What a turn asks (bot.turn), within its own transaction

    def step(self, tx: Connection) -> Step:
        """The tools of a change within a transaction of the caller's."""
        return Step(
            tx,
            self._clock(),
            self.policy.current(),
            self._push_channels,
            webhook=self._webhook is not None,
        )

    async def leave_for(self, conversation_id: str, text: str) -> str | None:
        """Let who waits leave the queue for a question; see bot.handoff.meanwhile.

        Raises:
            DeskBusy: the database is away.
        """
        question = asks_instead(text)
        if question is None and not leaves_queue(text):
            return None
        return await self._do(lambda step: meanwhile.leave_for(step, conversation_id, question))

    consider = staticmethod(consider)
    listen = staticmethod(listen)
    awaits_message = staticmethod(awaits_message)

    async def tier_of(self, shop_customer_id: str | None) -> str | None:
        """The verified customer's tier; None where it is not known within half a second."""
        return await self._tiers.of(shop_customer_id)

    async def publish(self, effects: Effects) -> None:
        """Tell whom it concerns, once a step is committed."""
        if effects.queue_moves:
            self.call()
        await effects.publish(self.bus)
        for wait_s in effects.assigned.values():
            self._observer.assigned(wait_s)
        if effects.assigned:
            self._rung += effects.assigned
            if self._noting.running:
                self._noting.call()
            else:
                await self._note_rung()

    async def _announce(self, unheard: dict[str, str]) -> None:
        """Ring for what a replica assigned and did not live to announce."""
        for conversation_id in unheard.values():
            await self.bus.changed(conversation_id)
        self._rung += unheard
        await self._note_rung()

    async def _note_rung(self) -> None:
        """Write down whom desks rang for: apart, so that the next in the queue need not wait."""
        rung, self._rung = self._rung, []
        if not rung:
            return
        told = update(handoffs).where(handoffs.c.id.in_(rung)).values(announced_at=self._clock())
        with contextlib.suppress(DatabaseUnavailable):
            # Then it is announced once more, which does no harm.
            await self._database.write(lambda tx: tx.execute(told))

    async def _do[T](self, work: Callable[[Step], T]) -> T:
        def whole(tx: Connection) -> tuple[T, Effects]:
            step = self.step(tx)
            return work(step), step.effects

        try:
            result, effects = await self._database.write(whole)
        except DatabaseUnavailable as error:
            raise DeskBusy from error
        await self.publish(effects)
        return result


def _unannounced(tx: Connection, now: datetime) -> dict[str, str]:
    """Handoffs assigned more than a second ago that nobody was told of, and their conversations."""
    query = (
        select(handoffs.c.id, handoffs.c.conversation_id)
        .where(handoffs.c.status == "assigned", handoffs.c.announced_at.is_(None))
        .where(handoffs.c.assigned_at <= now - timedelta(seconds=TICK_S))
    )
    return {row.id: row.conversation_id for row in tx.execute(query)}

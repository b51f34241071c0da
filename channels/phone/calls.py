"""Calls in the service: begun, answered, given to people, ended; also those whose hotline died."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from actions.context import IdentityLevel
from actions.shop import ShopClient, ShopUnavailable
from bot.clock import Clock
from bot.conversations import Author, Bubble, Bus, ConversationKey, Said, say
from bot.customers import link_customer
from bot.errors import NotFound
from bot.handoff import Effects, HandoffDesk, Step, telephone
from bot.records import Database
from bot.records.tables import calls, conversations, episodes
from bot.satisfaction import Satisfaction
from bot.turn import Choice, Inbound, TurnResult, TurnService
from channels.phone import codes
from channels.phone.opening import open_call
from channels.phone.standing import Standing, expects, read_standing

log = logging.getLogger(__name__)

CHANNEL = "phone"
LOST_AFTER = timedelta(seconds=90)
"""A call whose hotline has not been heard of for so long is over: its process died."""

SWEEP_S = 10.0
LOOK_S = 2.0
TURN_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class CallOf:
    """What is needed of a call at every step."""

    id: str
    key: ConversationKey
    conversation_id: str
    episode_id: str
    number: str | None


class Phone:
    """The service's side of calls.

    Args:
        database: where they are.
        turns: answers what is said.
        desk: gives calls to telephone.
        bus: tells watchers and desks.
        shop: knows whose mobile it is.
        sender: sends codes.
        key: keys the hashes of numbers and codes.
        clock: current time.
        satisfaction: takes note of scores; None asks nobody.
    """

    def __init__(
        self,
        database: Database,
        turns: TurnService,
        desk: HandoffDesk,
        bus: Bus,
        shop: ShopClient,
        sender: codes.CodeSender,
        key: str,
        clock: Clock,
        satisfaction: Satisfaction | None = None,
    ) -> None:
        self._database = database
        self._turns = turns
        self._desk = desk
        self._bus = bus
        self._shop = shop
        self._sender = sender
        self._key = key
        self._clock = clock
        self._satisfaction = satisfaction
        self._sweeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for calls whose hotline died."""
        self._sweeping = asyncio.create_task(self._sweep_for_ever(), name="calls: sweep")

    async def stop(self) -> None:
        """Stop looking."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)

    async def begin(
        self,
        call_id: str,
        door: str,
        number: str | None,
        dialled: str | None,
        greeting: str,
        *,
        recorded: bool,
    ) -> Standing:
        """A call was answered with ``greeting``; a repeat changes nothing."""

        def work(tx: Connection) -> tuple[Said | None, Effects]:
            step = self._desk.step(tx)
            external_id = _external_id(self._key, call_id, number)
            said = open_call(
                step, call_id, external_id, door, number, dialled, greeting, recorded, LOST_AFTER
            )
            return said, step.effects

        said, effects = await self._database.write(work)
        await self._desk.publish(effects)
        if said is not None:
            await self._bus.publish(said.key, *said.views)
        call = await self._call(call_id)
        await self._bus.changed(call.conversation_id)
        return await self._standing(call, 0)

    async def knows(self, call_id: str) -> bool:
        """Whether there is such a call."""
        query = select(calls.c.id).where(calls.c.id == call_id)
        return await self._database.read(lambda tx: tx.execute(query).first()) is not None

    async def turn(
        self, call_id: str, text: str, number: int, choice: tuple[int, int] | None
    ) -> tuple[TurnResult | None, Standing, str | None]:
        """What a sentence came to, how the call stands then, and what the dialogue waits for."""
        call = await self._call(call_id)
        result = await self._turns.answer(
            Inbound(
                key=call.key,
                dedup_key=f"{call_id}:{number}",
                text=text,
                choice=Choice(*choice) if choice is not None else None,
            ),
            TURN_TIMEOUT_S,
        )
        standing = await self._standing(call, 0)
        wanted = await self._database.read(lambda tx: expects(tx, call.conversation_id))
        return result, standing, wanted

    async def prompted(self, call_id: str, text: str) -> None:
        """The call flow said something by itself."""
        call = await self._call(call_id)

        def work(tx: Connection) -> Said | None:
            open_now = select(conversations.c.episode_id).where(
                conversations.c.id == call.conversation_id
            )
            if tx.execute(open_now).scalar_one() is None:
                return None
            return say(
                tx,
                call.conversation_id,
                Author.BOT,
                [Bubble(text)],
                self._clock(),
                push_channels=frozenset(),
            )

        said = await self._database.write(work)
        if said is not None:
            await self._bus.publish(said.key, *said.views)

    async def cut_off(self, call_id: str, heard: str) -> None:
        """We were interrupted; ``heard`` is what the caller got."""
        call = await self._call(call_id)
        await self._log(call, "interrupted", {"heard": heard[-200:]})

    async def person(self, call_id: str, why: str) -> Standing:
        """People are needed although nobody asked; the notice is among the replies."""
        call = await self._call(call_id)
        before = await self._standing(call, 0)
        await self._step(lambda step: telephone.needed(step, call.conversation_id, why))
        return await self._standing(call, before.latest)

    async def watch(self, call_id: str, after: int, wait_s: float) -> Standing:
        """How a call stands, as soon as something was said after ``after``; keeps the call alive."""
        call = await self._call(call_id)
        loop = asyncio.get_running_loop()
        give_up = loop.time() + wait_s
        async with self._bus.watch(call.key) as queue:
            while True:
                standing = await self._standing(call, after)
                left = give_up - loop.time()
                if standing.latest > after or standing.owner == "bot" or left <= 0:
                    return standing
                try:
                    async with asyncio.timeout(min(LOOK_S, left)):
                        await queue.get()
                except TimeoutError:
                    pass

    async def transferring(self, call_id: str, stage: str) -> None:
        """A call rings at an agent's, was talked out, or came back."""
        call = await self._call(call_id)
        await self._step(
            lambda step: telephone.transferring(step, call_id, call.conversation_id, stage)
        )

    async def call_back(self, call_id: str, number: str, when: str) -> str:
        """A case: call this number; returns when, in words."""
        call = await self._call(call_id)
        return await self._step(
            lambda step: telephone.call_back(
                step, call_id, call.conversation_id, call.episode_id, number, when
            )
        )

    async def send_code(self, call_id: str, mobile: str) -> bool:
        """Send a code to a member's mobile.

        A number that is no member's gets none, and the caller does not learn that.
        """
        call = await self._call(call_id)
        try:
            customer = await self._shop.customer_with_mobile(mobile)
        except ShopUnavailable:
            return False
        code = codes.new_code()
        now = self._clock()
        stored = await self._database.write(
            lambda tx: codes.store(tx, self._key, call_id, mobile, code, customer, now)
        )
        if not stored:
            return False
        if customer is not None:
            try:
                await self._sender.send(mobile, code)
            except codes.CodeNotSent:
                log.warning("code not sent", extra={"call": call.id})
                return False
        await self._log(call, "code_sent", {})
        return True

    async def check_code(self, call_id: str, code: str) -> str:
        """``ok`` (the episode is verified then), ``wrong`` or ``locked``."""
        call = await self._call(call_id)
        now = self._clock()

        def work(tx: Connection) -> str:
            result, customer = codes.check(tx, self._key, call_id, code, now)
            if customer is not None:
                _verify(tx, call, customer, now)
            return result

        result = await self._database.write(work)
        await self._log(call, "verified" if result == "ok" else "code_refused", {"by": "code"})
        return result

    async def may_rate(self, call_id: str) -> bool:
        """Whether the caller may be asked how satisfied they were."""
        if self._satisfaction is None:
            return False
        return await self._satisfaction.may_ask((await self._call(call_id)).episode_id)

    async def rate(self, call_id: str, key: str) -> str:
        """The caller's score, ``1`` to ``5``; returns what to say to it."""
        if self._satisfaction is None:
            return ""
        return await self._satisfaction.by_key((await self._call(call_id)).episode_id, key)

    async def end(self, call_id: str, why: str, figures: dict[str, Any]) -> None:
        """The call is over: its episode closes, whoever had it; a repeat changes nothing."""
        call = await self._call(call_id)

        def close(tx: Connection) -> bool:
            closed = tx.execute(
                update(calls)
                .where(calls.c.id == call_id, calls.c.ended_at.is_(None))
                .values(
                    state="over",
                    ended_at=self._clock(),
                    end_reason=why[:32],
                    figures=figures,
                    transcribed=False,
                )
            )
            return bool(closed.rowcount)

        if not await self._database.write(close):
            return
        await self._log(call, "call_ended", {"why": why, **figures})
        await self._turns.end(call.key)
        await self._bus.changed(call.conversation_id)

    async def sweep(self) -> None:
        """End calls whose hotline has died."""
        limit = self._clock() - LOST_AFTER
        lost = await self._database.read(
            lambda tx: (
                tx.execute(
                    select(calls.c.id).where(calls.c.ended_at.is_(None), calls.c.seen_at < limit)
                )
                .scalars()
                .all()
            )
        )
        for call_id in lost:
            log.warning("call lost", extra={"call": call_id})
            await self.end(call_id, "lost", {})

    async def alive(self, call_ids: list[str]) -> None:
        """The hotline has these calls up."""
        now = self._clock()
        await self._database.write(
            lambda tx: tx.execute(
                update(calls)
                .where(calls.c.id.in_(call_ids), calls.c.ended_at.is_(None))
                .values(seen_at=now)
            )
        )

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except Exception:
                log.exception("lost calls not looked for; the next look makes up for it")

    async def _standing(self, call: CallOf, after: int) -> Standing:
        return await self._database.read(lambda tx: read_standing(tx, call.conversation_id, after))

    async def _step[T](self, work: Callable[[Step], T]) -> T:
        def whole(tx: Connection) -> tuple[T, Effects]:
            step = self._desk.step(tx)
            return work(step), step.effects

        result, effects = await self._database.write(whole)
        await self._desk.publish(effects)
        return result

    async def _log(self, call: CallOf, kind: str, data: dict[str, Any]) -> None:
        now = self._clock()
        await self._database.write(
            lambda tx: telephone.log_event(
                tx, call.episode_id, call.conversation_id, kind, data, now
            )
        )

    async def _call(self, call_id: str) -> CallOf:
        query = (
            select(
                calls.c.id,
                calls.c.conversation_id,
                calls.c.episode_id,
                calls.c.number,
                conversations.c.external_id,
            )
            .join(conversations, conversations.c.id == calls.c.conversation_id)
            .where(calls.c.id == call_id)
        )
        row = await self._database.read(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            raise NotFound("没有这通电话。")
        key = ConversationKey(CHANNEL, row.external_id)
        return CallOf(row.id, key, row.conversation_id, row.episode_id, row.number)


def _external_id(key: str, call_id: str, number: str | None) -> str:
    """One conversation a number, so that agents see earlier calls; the number itself is not in it."""
    if number is None:
        return f"call-{call_id}"
    return f"tel-{codes.digest(key, number)[:20]}-{number[-4:]}"


def _verify(tx: Connection, call: CallOf, customer: str, now: Any) -> None:
    """The episode is the customer's from here on; the number stays a hint for later calls."""
    row = tx.execute(
        select(conversations.c.identity_id, conversations.c.episode_id)
        .where(conversations.c.id == call.conversation_id)
        .with_for_update()
    ).one()
    if row.episode_id is None:
        return
    tx.execute(
        update(episodes)
        .where(episodes.c.id == row.episode_id)
        .values(level=IdentityLevel.VERIFIED.value, shop_customer_id=customer)
    )
    link_customer(tx, row.identity_id, customer, IdentityLevel.LINKED, now)

"""Care, put together once a process: what a turn asks of it, and the loop that keeps its timers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from actions.shop import ShopClient, ShopError
from actions.shop.models import Order, OrderState
from bot.care.acting import Action, act, closed_at_desk, finish, locked
from bot.care.cases import WATCHING, reopen, signal, write_step
from bot.care.due import assign, due_timers, time_is_up, unowned
from bot.care.grants import Grants
from bot.care.heard import Comfort, Said, care_for, reading, voucher_offered
from bot.care.policy import CarePolicyFile
from bot.care.reasons import Reasons, load_reasons
from bot.care.timers import fire
from bot.clock import Clock
from bot.errors import DeskBusy
from bot.handoff import HandoffDesk
from bot.handoff.loop import Loop
from bot.handoff.step import Step
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import care_cases, cases, episodes

log = logging.getLogger(__name__)

TICK_S = 1.0
"""How often it is looked whether a timer's time has come."""
SHOP_WITHIN_S = 5.0
_MOST = 20


class Care:
    """Cases of upset customers.

    All state is in the database, so any replica may do any of it, and goes on after a restart.

    Args:
        database: the truth.
        clock: current time.
        handoffs: tells customers and desks; its policy has the hours.
        shop: the brand's back office.
        policy: who acts until when; None reads bot/care/policy.yml.
        reasons: how causes are read; None reads bot/care/causes.yml.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handoffs: HandoffDesk,
        shop: ShopClient,
        policy: CarePolicyFile | None = None,
        reasons: Reasons | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handoffs = handoffs
        self._shop = shop
        self.policy = policy or CarePolicyFile()
        self.reasons = reasons or load_reasons()
        self.grants = Grants(database, shop, handoffs, self.policy, clock)
        self._loops = [Loop(self.keep_timers, TICK_S), Loop(self.ask_shop, TICK_S)]

    async def start(self) -> None:
        """Begin to keep the timers."""
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Stop; whatever is under way is in the database."""
        for loop in self._loops:
            await loop.stop()

    # What a turn asks, within its own transaction

    def read(self, step: Step, said: Said) -> dict[str, Any] | None:
        """The emotion of a sentence with cause, scene and evidence."""
        return reading(step.tx, self.reasons, said)

    def heard(self, step: Step, said: Said) -> Comfort:
        """Open, raise, end or reopen a case; what is said beside the answer."""
        return care_for(step, self.policy.current(), self.reasons, said)

    async def prepared(self, conversation_id: str, text: str) -> dict[str, Any] | None:
        """What to answer without the engine: somebody takes the voucher that was offered.

        Raises:
            DatabaseUnavailable: it cannot be looked up.
        """
        policy = self.policy.current()
        if not policy.wording.takes_voucher(text):
            return None
        if not await self._database.read(lambda tx: voucher_offered(tx, conversation_id)):
            return None
        words = policy.wording.voucher_taken.format(yuan=policy.voucher.yuan)
        return {"text": words, "intent": "affirm", "quick_replies": []}

    # What people do

    async def act(self, case_id: str, agent_id: str, action: Action) -> None:
        """An agent did something about a case (see bot.care.acting.act)."""
        await self._do(lambda step: act(step, self.policy.current(), case_id, agent_id, action))

    async def end(self, case_id: str, agent_id: str, ending: str, result: str) -> None:
        """An agent ends a case (see bot.care.acting.finish)."""
        await self._do(
            lambda step: finish(step, self.policy.current(), case_id, agent_id, ending, result)
        )

    def closed_at_desk(self, tx: Connection, case_id: str, agent_id: str) -> None:
        """The desk closes the case in its own way, in this transaction of the caller's."""
        closed_at_desk(self._handoffs.step(tx), self.policy.current(), case_id, agent_id)

    # What time changes

    async def run_once(self) -> None:
        """What the loops do in one look."""
        await self.keep_timers()
        await self.ask_shop()

    async def keep_timers(self) -> None:
        """Escalate what is late, call for visits, end watches, give cases to who came to work.

        Raises:
            DeskBusy: the database is away; the next look makes up for it.
        """
        policy, now = self.policy.current(), self._clock()
        for timer in await self._look(lambda tx: due_timers(tx, now)):
            if timer.kind != "look":
                await self._do(
                    partial(time_is_up, policy=policy, case_id=timer.case_id, timer_id=timer.id)
                )
        for case_id in await self._look(unowned):
            await self._do(partial(assign, policy=policy, case_id=case_id))

    async def ask_shop(self) -> None:
        """Look up what cases are about, and what customers did since; go on with coupons.

        Raises:
            DeskBusy: the database is away; the next look makes up for it.
        """
        now = self._clock()
        for row in await self._look(_without_facts):
            facts = await self._facts(row)
            if facts is not None:
                await self._do(partial(_note_facts, case_id=row.case_id, facts=facts))
        for timer in await self._look(lambda tx: due_timers(tx, now)):
            if timer.kind == "look":
                await self._look_after(timer)
        try:
            await self.grants.sweep()
        except DatabaseUnavailable as error:
            raise DeskBusy from error

    async def _facts(self, row: Any) -> dict[str, Any] | None:
        """Order, products and carriers of a case; None while the shop does not answer."""
        if row.shop_customer_id is None:
            return {}
        try:
            async with asyncio.timeout(SHOP_WITHIN_S):
                number = ((row.snapshot or {}).get("slots") or {}).get("order_number")
                order = await self._shop.order(str(number)) if number else None
                if order is None or order.customer_id != row.shop_customer_id:
                    order = _likely(row.cause, await self._shop.orders(row.shop_customer_id, 10))
        except (ShopError, TimeoutError):
            return None
        return _about(order) if order is not None else {}

    async def _look_after(self, timer: Any) -> None:
        """What the customer of a watched case bought or sent back since its end."""
        found = await self._look(lambda tx: _watched(tx, timer.case_id))
        signals: list[tuple[str, str]] = []
        if found is not None:
            try:
                async with asyncio.timeout(SHOP_WITHIN_S):
                    signals = await self._since(found.shop_customer_id, found.ended_at)
            except (ShopError, TimeoutError):
                log.info("watch: the shop did not answer; asked again at the next look")
                return
        policy = self.policy.current()

        def work(step: Step) -> None:
            row = locked(step.tx, timer.case_id)
            if fire(step.tx, timer.id, step.now) is None or row.stage != WATCHING:
                return
            for kind, name in signals:
                if not signal(step, row.case_id, kind, name=name):
                    continue
                if kind == "purchase":
                    write_step(step, row.case_id, "purchase", f"客户又下单了（{name}）")
                elif kind in policy.watch.reopens:
                    reopen(step, policy, row, row.level, f"客户申请退货（{name}）")
                    return

        await self._do(work)

    async def _since(self, customer: str, ended_at: datetime) -> list[tuple[str, str]]:
        """Returns before purchases: a customer who sends something back is not content."""
        orders = await self._shop.orders(customer, 10)
        found = []
        for order in orders:
            for one in await self._shop.returns(order.number):
                if one.created_at > ended_at:
                    found.append(("return", one.number))
        found += [("purchase", order.number) for order in orders if order.placed_at > ended_at]
        return found

    async def _look[T](self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseUnavailable as error:
            raise DeskBusy from error

    async def _do(self, work: Callable[[Step], None]) -> None:
        def whole(tx: Connection) -> Any:
            step = self._handoffs.step(tx)
            work(step)
            return step.effects

        try:
            effects = await self._database.write(whole)
        except DatabaseUnavailable as error:
            raise DeskBusy from error
        await self._handoffs.publish(effects)


def _without_facts(tx: Connection) -> list[Any]:
    query = (
        select(
            care_cases.c.case_id,
            care_cases.c.cause,
            cases.c.shop_customer_id,
            episodes.c.snapshot,
        )
        .join(cases, cases.c.id == care_cases.c.case_id)
        .outerjoin(episodes, episodes.c.id == cases.c.episode_id)
        .where(care_cases.c.facts_known.is_(False))
        .limit(_MOST)
    )
    return list(tx.execute(query))


def _note_facts(step: Step, case_id: str, facts: dict[str, Any]) -> None:
    step.tx.execute(
        update(care_cases)
        .where(care_cases.c.case_id == case_id, care_cases.c.facts_known.is_(False))
        .values(facts=facts, facts_known=True)
    )


def _likely(cause: str, orders: list[Order]) -> Order | None:
    """Which order a complaint that names none is about: the newest under way, or the newest received."""
    wanted = {
        "物流慢": (OrderState.PAID, OrderState.PACKED, OrderState.IN_TRANSIT),
        "商品质量": (OrderState.SIGNED,),
        "退换受阻": (OrderState.SIGNED, OrderState.RETURNED, OrderState.REFUNDING),
    }.get(cause, ())
    return next((order for order in orders if order.state in wanted), None)


def _about(order: Order) -> dict[str, Any]:
    return {
        "order": order.number,
        "products": list(dict.fromkeys(line.title for line in order.lines))[:5],
        "carriers": list(dict.fromkeys(parcel.carrier for parcel in order.parcels))[:3],
    }


def _watched(tx: Connection, case_id: str) -> Any | None:
    return tx.execute(
        select(cases.c.shop_customer_id, care_cases.c.ended_at)
        .join(care_cases, care_cases.c.case_id == cases.c.id)
        .where(cases.c.id == case_id, care_cases.c.stage == WATCHING)
    ).one_or_none()

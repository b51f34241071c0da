"""Coupons on their way: asked of the shop until it answers, and told to the customer once.

A grant is written down before the shop is asked (``asked``), the shop knows it by its id, and it
becomes ``granted`` in the transaction that tells the customer. So whatever dies in between, the next
try gives the same coupon and tells of it once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from actions.shop import ShopClient, ShopRefused, ShopUnavailable
from actions.shop.models import Coupon
from bot.care.acting import tell
from bot.care.cases import lock_case, write_step
from bot.care.policy import CarePolicyFile
from bot.clock import Clock
from bot.handoff import Effects, HandoffDesk
from bot.handoff.replying import reply
from bot.handoff.rows import lock_conversation
from bot.records import Database
from bot.records.tables import conversations, coupon_grants

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(hours=23)
"""Shops keep idempotency keys for a day (docs/shop-api.yaml): later a repeat could give two."""
_MOST = 50
_OPEN = ("asked", "unsure")


class Grants:
    """Sees coupons through.

    Args:
        database: where grants are written down.
        shop: gives them.
        handoffs: tells the customer, and whom else it concerns.
        policy: the words.
        clock: current time.
    """

    def __init__(
        self,
        database: Database,
        shop: ShopClient,
        handoffs: HandoffDesk,
        policy: CarePolicyFile,
        clock: Clock,
    ) -> None:
        self._database = database
        self._shop = shop
        self._handoffs = handoffs
        self._policy = policy
        self._clock = clock

    async def see_through(self, grant_id: str) -> Coupon:
        """Ask the shop for a grant that is written down, and tell the customer. Repeat it at will.

        Raises:
            ShopRefused: the shop says no; nothing was given.
            ShopUnavailable: no answer; it will be asked again.
        """
        query = select(coupon_grants).where(coupon_grants.c.id == grant_id)
        row = await self._database.read(lambda tx: tx.execute(query).one())
        try:
            coupon = await self._shop.grant_coupon(
                row.shop_customer_id, row.cents, row.reason, f"desk:{grant_id}"
            )
        except ShopRefused:
            await self._note(grant_id, "refused")
            raise
        except ShopUnavailable:
            await self._note(grant_id, "unsure")
            raise
        effects = await self._database.write(lambda tx: self._granted(tx, row, coupon))
        await self._handoffs.publish(effects)
        return coupon

    async def sweep(self) -> None:
        """Go on with grants that the shop has not answered, and with those the policy gives.

        Raises:
            DatabaseUnavailable: the next look makes up for it.
        """
        now = self._clock()
        for row in await self._database.read(lambda tx: _open_grants(tx, now)):
            if row.at <= now - GIVE_UP_AFTER:
                await self._note(row.id, "failed")
                continue
            try:
                await self.see_through(row.id)
            except ShopRefused:
                log.warning("coupon refused by the shop", extra={"grant": row.id})
            except ShopUnavailable:
                log.info("coupon not confirmed by the shop", extra={"grant": row.id})

    async def _note(self, grant_id: str, status: str) -> None:
        now = self._clock()

        def write(tx: Connection) -> Effects:
            changed = tx.execute(
                update(coupon_grants)
                .where(coupon_grants.c.id == grant_id, coupon_grants.c.status.in_(_OPEN))
                .values(status=status, tried_at=now)
                .returning(coupon_grants.c.case_id, coupon_grants.c.agent_id)
            ).one_or_none()
            step = self._handoffs.step(tx)
            if changed is not None and changed.case_id and status in ("refused", "failed"):
                why = "商城拒绝发放补偿券" if status == "refused" else "补偿券没有发出，请人工处理"
                write_step(step, changed.case_id, "coupon_failed", why, changed.agent_id)
            return step.effects

        await self._handoffs.publish(await self._database.write(write))

    def _granted(self, tx: Connection, row: Any, coupon: Coupon) -> Effects:
        step = self._handoffs.step(tx)
        conversation = lock_conversation(tx, row.conversation_id)
        changed = tx.execute(
            update(coupon_grants)
            .where(coupon_grants.c.id == row.id, coupon_grants.c.status != "granted")
            .values(status="granted", coupon_id=coupon.number, tried_at=step.now)
        )
        if not changed.rowcount:
            return step.effects
        text = told(coupon, self._policy.current().wording.coupon)
        if row.agent_id is not None and conversation.agent_id == row.agent_id:
            reply(step, row.conversation_id, row.agent_id, text, (), row.id)
        else:
            about = _Place(row.conversation_id, _contact(tx, row))
            tell(step, about, text, row.agent_id, row.id)
        if row.case_id is not None and lock_case(tx, row.case_id) is not None:
            what = f"发放 {coupon.amount_fen / 100:g} 元补偿券（{coupon.number}）"
            write_step(step, row.case_id, "coupon", what, row.agent_id)
        return step.effects


class _Place:
    """Where a coupon is told."""

    def __init__(self, conversation_id: str, episode_id: str | None) -> None:
        self.conversation_id = conversation_id
        self.episode_id = episode_id


def told(coupon: Coupon, wording: str) -> str:
    """What the customer reads about a coupon."""
    until = coupon.valid_until
    return wording.format(
        yuan=f"{coupon.amount_fen / 100:g}",
        number=coupon.number,
        until=f"{until.month} 月 {until.day} 日",
    )


def _contact(tx: Connection, row: Any) -> str | None:
    open_one: str | None = tx.execute(
        select(conversations.c.episode_id).where(conversations.c.id == row.conversation_id)
    ).scalar_one()
    return open_one


def _open_grants(tx: Connection, now: datetime) -> list[Any]:
    """Grants that the shop has yet to answer: the policy's at once, an agent's a minute later."""
    before = now - AGAIN_AFTER
    waited = or_(
        coupon_grants.c.tried_at <= before,
        coupon_grants.c.tried_at.is_(None)
        & (coupon_grants.c.agent_id.is_(None) | (coupon_grants.c.at <= before)),
    )
    query = (
        select(coupon_grants.c.id, coupon_grants.c.at)
        .where(coupon_grants.c.status.in_(_OPEN), waited)
        .order_by(coupon_grants.c.at)
        .limit(_MOST)
    )
    return list(tx.execute(query))

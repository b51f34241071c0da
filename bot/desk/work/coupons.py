"""Compensation coupons: how much whom may give, given once, written down before and after."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from actions.shop import ShopClient, ShopRefused, ShopUnavailable
from actions.shop.models import Coupon
from bot.clock import BUSINESS_ZONE, Clock
from bot.desk.accounts import Actor
from bot.desk.errors import ShopAway, ShopSaysNo
from bot.desk.permissions import Role
from bot.desk.work import audit
from bot.errors import DeskConflict, DeskForbidden
from bot.records import Database
from bot.records.tables import agents, coupon_grants

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """How much a role may give, in yuan; a day is one of Asia/Shanghai.

    Args:
        each: of one coupon.
        day: of one agent on one day.
        customer_day: to one customer on one day, whoever gives it.
    """

    each: int
    day: int
    customer_day: int


LIMITS = {
    Role.AGENT: Limit(each=20, day=200, customer_day=30),
    Role.SUPERVISOR: Limit(each=100, day=1000, customer_day=200),
    Role.ADMIN: Limit(each=200, day=2000, customer_day=400),
}


@dataclass(frozen=True)
class Grant:
    """What is asked for.

    Args:
        conversation_id: in which the agent is in charge.
        customer: the shop's customer id.
        yuan: whole yuan.
        reason: why, for the audit and the shop.
        key: the desk's own name for this grant; the same key gives one coupon, however often.
    """

    conversation_id: str
    customer: str
    yuan: int
    reason: str
    key: str


class Coupons:
    """Gives coupons.

    Args:
        database: where grants are written down.
        shop: gives them.
        clock: current time.
    """

    def __init__(self, database: Database, shop: ShopClient, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock

    async def grant(self, actor: Actor, grant: Grant) -> tuple[str, Coupon]:
        """Give a coupon; returns the grant's id and what the shop made. Repeat it at will.

        Raises:
            DeskForbidden: over a limit of the role.
            DeskConflict: the key named another grant.
            ShopSaysNo: the shop refused; nothing was given.
            ShopAway: no answer; the same key may be tried again.
        """
        grant_id = "cg_" + hashlib.sha256(f"{actor.id} {grant.key}".encode()).hexdigest()[:32]
        now = self._clock()
        await self._database.write(lambda tx: _reserve(tx, actor, grant_id, grant, now))
        try:
            coupon = await self._shop.grant_coupon(
                grant.customer, grant.yuan * 100, grant.reason, f"desk:{grant_id}"
            )
        except ShopRefused as error:
            await self._note(grant_id, "refused", None)
            raise ShopSaysNo(error.message) from error
        except ShopUnavailable as error:
            await self._note(grant_id, "unsure", None)
            raise ShopAway(
                "商城没有确认这张券是否发出，请稍后用同样内容重试，不会重复发放。"
            ) from error
        await self._note(grant_id, "granted", coupon.number)
        return grant_id, coupon

    async def _note(self, grant_id: str, status: str, coupon: str | None) -> None:
        change = (
            update(coupon_grants)
            .where(coupon_grants.c.id == grant_id)
            .values(status=status, coupon_id=coupon)
        )
        await self._database.write(lambda tx: tx.execute(change))


def _reserve(tx: Connection, actor: Actor, grant_id: str, grant: Grant, now: datetime) -> None:
    """Count it against the limits before the shop is asked; one at a time for an agent."""
    tx.execute(select(agents.c.id).where(agents.c.id == actor.id).with_for_update())
    if tx.dialect.name == "postgresql":
        # And one at a time for a customer, whichever agents are generous at this moment.
        digest = hashlib.sha256(grant.customer.encode()).hexdigest()
        tx.execute(select(func.pg_advisory_xact_lock(int(digest[:15], 16))))
    known = tx.execute(select(coupon_grants).where(coupon_grants.c.id == grant_id)).one_or_none()
    cents = grant.yuan * 100
    if known is not None:
        asked = (known.shop_customer_id, known.cents, known.reason)
        if asked != (grant.customer, cents, grant.reason):
            raise DeskConflict("这次的内容和刚才提交的不一样，请重新发起。", "key_reused")
        if known.status != "refused":
            return
    _check_limits(tx, actor, grant, now)
    if known is not None:
        tx.execute(
            update(coupon_grants)
            .where(coupon_grants.c.id == grant_id)
            .values(status="asked", at=now)
        )
    else:
        tx.execute(
            insert(coupon_grants).values(
                id=grant_id,
                agent_id=actor.id,
                shop_customer_id=grant.customer,
                conversation_id=grant.conversation_id,
                cents=cents,
                reason=grant.reason,
                status="asked",
                at=now,
            )
        )
    audit.write(
        tx,
        actor,
        "coupon",
        f"customer:{grant.customer}",
        now,
        reason=grant.reason,
        data={"grant": grant_id, "yuan": grant.yuan, "conversation": grant.conversation_id},
    )


def _check_limits(tx: Connection, actor: Actor, grant: Grant, now: datetime) -> None:
    limit = LIMITS[actor.role]
    if grant.yuan > limit.each:
        raise DeskForbidden(f"您单张最多可发 {limit.each} 元，更高金额请找主管。", "coupon_limit")
    today = datetime.combine(now.astimezone(BUSINESS_ZONE).date(), time(), BUSINESS_ZONE)
    for column, value, most, whose in (
        (coupon_grants.c.agent_id, actor.id, limit.day, "您今天"),
        (coupon_grants.c.shop_customer_id, grant.customer, limit.customer_day, "这位客户今天"),
    ):
        given: int = tx.execute(
            select(func.coalesce(func.sum(coupon_grants.c.cents), 0))
            .where(column == value, coupon_grants.c.at >= today)
            .where(coupon_grants.c.status != "refused")
        ).scalar_one()
        if given + grant.yuan * 100 > most * 100:
            left = max(0, most - given // 100)
            raise DeskForbidden(f"{whose}的补偿额度还剩 {left} 元。", "coupon_limit")


def told(coupon: Coupon) -> str:
    """What the customer reads about it."""
    until = coupon.valid_until
    yuan = coupon.amount_fen / 100
    return (
        f"已为您发放一张 {yuan:g} 元无门槛补偿券（券号 {coupon.number}），"
        f"{until.month} 月 {until.day} 日前下单可用，在「我的-优惠券」里查看。"
    )


def limit_of(actor: Any) -> int:
    """Whole yuan that the agent may give at once."""
    return LIMITS[Role(actor.role)].each

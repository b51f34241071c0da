"""Compensation coupons: how much whom may give, given once, written down before and after."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from actions.shop import ShopRefused, ShopUnavailable
from actions.shop.models import Coupon
from bot.care import Care, Limit
from bot.clock import BUSINESS_ZONE, Clock
from bot.desk.accounts import Actor
from bot.desk.errors import ShopAway, ShopSaysNo
from bot.desk.work import audit
from bot.errors import DeskConflict, DeskForbidden
from bot.records import Database
from bot.records.tables import agents, coupon_grants


@dataclass(frozen=True)
class Grant:
    """What is asked for.

    Args:
        conversation_id: in which the agent is in charge.
        customer: the shop's customer id.
        yuan: whole yuan.
        reason: why, for the audit and the shop.
        key: the desk's own name for this grant; the same key gives one coupon, however often.
        case_id: for which case of an upset customer.
    """

    conversation_id: str
    customer: str
    yuan: int
    reason: str
    key: str
    case_id: str | None = None


class Coupons:
    """Gives coupons within the limits of bot/care/policy.yml.

    Args:
        database: where grants are written down.
        care: asks the shop, tells the customer, has the limits.
        clock: current time.
    """

    def __init__(self, database: Database, care: Care, clock: Clock) -> None:
        self._database = database
        self._care = care
        self._clock = clock

    async def grant(self, actor: Actor, grant: Grant) -> tuple[str, Coupon]:
        """Give a coupon and tell the customer; returns the grant's id and what the shop made.

        Repeat it at will.

        Raises:
            DeskForbidden: over a limit of the role.
            DeskConflict: the key named another grant, or one that was given up.
            ShopSaysNo: the shop refused; nothing was given.
            ShopAway: no answer; it is asked again, and the same key may be tried again.
        """
        grant_id = "cg_" + hashlib.sha256(f"{actor.id} {grant.key}".encode()).hexdigest()[:32]
        now, limit = self._clock(), self.limit_of(actor.role)
        await self._database.write(lambda tx: _reserve(tx, actor, limit, grant_id, grant, now))
        try:
            return grant_id, await self._care.grants.see_through(grant_id)
        except ShopRefused as error:
            raise ShopSaysNo(error.message) from error
        except ShopUnavailable as error:
            raise ShopAway(
                "商城没有确认这张券是否发出，系统会继续确认；也可以稍后用同样内容重试，不会重复发放。"
            ) from error

    def limit_of(self, role: str) -> Limit:
        """How much a role may give."""
        return self._care.policy.current().compensation[role]


def _reserve(
    tx: Connection, actor: Actor, limit: Limit, grant_id: str, grant: Grant, now: datetime
) -> None:
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
        if known.status == "failed":
            raise DeskConflict("这张券一直没有得到商城确认，请先核实后重新发起。", "given_up")
        if known.status != "refused":
            return
    _check_limits(tx, actor, limit, grant, now)
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
                case_id=grant.case_id,
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


def _check_limits(tx: Connection, actor: Actor, limit: Limit, grant: Grant, now: datetime) -> None:
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
            .where(coupon_grants.c.status.not_in(("refused", "failed")))
        ).scalar_one()
        if given + grant.yuan * 100 > most * 100:
            left = max(0, most - given // 100)
            raise DeskForbidden(f"{whose}的补偿额度还剩 {left} 元。", "coupon_limit")


def shown(grant_id: str, coupon: Coupon) -> dict[str, Any]:
    """What the desk is told about a coupon that was given."""
    return {
        "id": grant_id,
        "number": coupon.number,
        "yuan": coupon.amount_fen / 100,
        "valid_until": coupon.valid_until.isoformat(),
    }

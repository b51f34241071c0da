"""The packet: everything that whoever takes over should know, as one JSON document (version 1).

It is put together right after a handoff was opened, outside the turn: the shop is asked with a
deadline, and where it does not answer the packet says so. Personal data is masked; who may see more
asks for it at the desk, with a reason.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from actions.shop import ShopClient, ShopError
from actions.shop.models import Member, Order, PointsAccount
from actions.wording import ORDER_STATES, PARCEL_STATES, TIERS, mask_name, mask_phone, yuan
from bot.conversations import ConversationKey
from bot.handoff.known import Known
from bot.handoff.policy import Policy
from bot.handoff.suggesting import suggest
from bot.handoff.summary import readable_slots, summarise, tried
from bot.privacy import mask_shown

VERSION = 1
SHOP_S = 2.0
"""Seconds for everything that the packet asks of the shop."""

ORDERS = 5
_HOW = {"order_and_phone_tail": "订单号和手机尾号核对", "channel": "渠道已验证登录"}
SHOP_AWAY = "商城系统没有及时响应，订单和积分请在右侧重新查询。"


class ReplyWindows(Protocol):
    """What a platform still lets us send; given by its channel."""

    async def window(self, key: ConversationKey) -> Any:
        """The window (with ``as_json()``) of a conversation; None without a limit."""
        ...


@dataclass(frozen=True)
class Shopping:
    """What the shop says of the customer.

    Args:
        member: the profile.
        orders: the newest, newest first, and then the one that was spoken of if it is older.
        points: the account.
        titles: names of products by SKU.
        fetched_at: when it was asked.
        error: Chinese, why there is nothing; None otherwise.
    """

    member: Member | None = None
    orders: tuple[Order, ...] = ()
    points: PointsAccount | None = None
    fetched_at: datetime | None = None
    error: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


async def ask_shop(
    shop: ShopClient, customer: str | None, now: datetime, slots: Mapping[str, Any] | None = None
) -> Shopping:
    """Profile, orders and points of a verified customer, within SHOP_S seconds.

    Args:
        shop: the brand's back office.
        customer: who; None asks for nothing personal.
        now: current time.
        slots: what was spoken of: its order, if it is the customer's own, and the product's name.
    """
    product, number = (str((slots or {}).get(name) or "") for name in ("product", "order_number"))
    try:
        async with asyncio.timeout(SHOP_S):
            found = await shop.products(product, 5) if _is_sku(product) else []
            titles = {one.sku: one.title for one in found}
            if customer is None:
                return Shopping(titles=titles)
            member, orders, points = await asyncio.gather(
                shop.member(customer), shop.orders(customer, ORDERS), shop.points(customer)
            )
            if number and all(order.number != number for order in orders):
                spoken_of = await shop.order(number)
                if spoken_of is not None and spoken_of.customer_id == customer:
                    orders = [*orders, spoken_of]
    except (ShopError, TimeoutError):
        return Shopping(fetched_at=now, error=SHOP_AWAY) if customer is not None else Shopping()
    titles |= {line.sku: line.title for order in orders for line in order.lines}
    return Shopping(member, tuple(orders), points, now, titles=titles)


def _is_sku(product: str) -> bool:
    """Whether a product is named as the shop does (a button was pressed), not as people do."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{3,32}", product))


def build_packet(
    known: Known,
    shopping: Shopping,
    window: dict[str, Any] | None,
    policy: Policy,
    now: datetime,
) -> dict[str, Any]:
    """Put the packet together; a pure function of what is known.

    Args:
        known: from our own tables.
        shopping: from the shop.
        window: what the channel still lets us send; None without a limit.
        policy: names the reasons.
        now: when it is built.
    """
    handoff = known.handoff
    slots = readable_slots(known, shopping.titles)
    fetched = shopping.fetched_at.isoformat() if shopping.fetched_at else None
    customers = [line for line in known.episode_lines if line.author == "customer"]
    return {
        "version": VERSION,
        "handoff": handoff.id,
        "conversation": handoff.conversation_id,
        "episode": handoff.episode_id,
        "at": now.isoformat(),
        "channel": handoff.channel,
        "reason": handoff.reason,
        "reason_text": policy.reasons[handoff.reason].text,
        "priority": handoff.priority,
        "skill": handoff.skill,
        "language": handoff.language,
        "evidence": list(handoff.evidence),
        "summary": summarise(known, shopping.member, shopping.orders, policy, now),
        "transcript": [_line(line, known.channels) for line in known.lines],
        "intents": [
            {"seq": line.seq, "intent": line.intent, "confidence": line.confidence}
            for line in customers
            if line.intent
        ],
        "slots": slots,
        "identity": {"level": known.level, "how": _HOW.get(known.how or "", known.how or "")},
        "profile": _profile(shopping.member) if shopping.member else None,
        "orders": None
        if known.shop_customer_id is None
        else {
            "fetched_at": fetched,
            "items": [_order(order) for order in shopping.orders],
            "error": shopping.error,
        },
        "points": None
        if known.shop_customer_id is None
        else {
            "fetched_at": fetched,
            "balance": shopping.points.balance if shopping.points else None,
            "expiring": [
                {"points": lot.points, "on": lot.on.isoformat()}
                for lot in (shopping.points.expiring if shopping.points else ())
            ],
            "error": shopping.error,
        },
        "tried": tried(known),
        "emotion": _emotion(customers),
        "reply_window": window,
        "sla": {"due": handoff.sla_due.isoformat()},
        "suggestions": suggest(known, slots),
    }


def _line(line: Any, channels: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "conversation": line.conversation_id,
        "channel": channels[line.conversation_id],
        "seq": line.seq,
        "author": line.author,
        "text": mask_shown(line.text),
        "at": line.at.isoformat(),
    }
    if line.agent_name:
        said["agent"] = line.agent_name
    if line.intent:
        said["intent"] = line.intent
    if line.emotion:
        said["emotion"] = line.emotion
    if line.files:
        said["files"] = line.files
    return said


def _emotion(customers: list[Any]) -> dict[str, Any]:
    trend = [
        {
            "seq": line.seq,
            "label": line.emotion.get("label"),
            "level": line.emotion.get("level"),
            "score": line.emotion.get("score"),
        }
        for line in customers
        if line.emotion
    ]
    now = {key: trend[-1][key] for key in ("label", "level", "score")} if trend else None
    return {"now": now, "trend": trend[-20:]}


def _profile(member: Member) -> dict[str, Any]:
    return {
        "customer": member.customer_id,
        "name": mask_name(member.name),
        "phone": mask_phone(member.phone),
        "tier": member.tier.value,
        "tier_name": TIERS[member.tier],
        "growth": member.growth,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "state": order.state.value,
        "state_text": ORDER_STATES[order.state],
        "placed_at": order.placed_at.isoformat(),
        "total": yuan(order.total_fen),
        "items": [{"title": line.title, "quantity": line.quantity} for line in order.lines],
        "parcels": [
            {"carrier": parcel.carrier, "state_text": PARCEL_STATES[parcel.state]}
            for parcel in order.parcels
        ],
    }

"""What the shop says of a customer, masked, for the panel at the right of the desk."""

from __future__ import annotations

import asyncio
from typing import Any

from actions.shop import ShopClient, ShopError
from actions.shop.models import Member, Order, OrderState, Parcel, PointsAccount, ReturnRequest
from actions.wording import (
    ORDER_STATES,
    PARCEL_STATES,
    TIERS,
    mask_name,
    mask_phone,
    mask_region,
    mask_trace,
    mask_tracking,
    yuan,
)
from bot.desk.views.names import RETURN_STATES

ORDERS = 8
_TRACE = 10
SHOP_AWAY = "商城系统暂时没有响应，会员和订单信息稍后再看。"


async def shopping(shop: ShopClient, customer: str | None) -> dict[str, Any]:
    """Profile, points and orders: ``{"profile", "points", "orders", "shop_error"}``."""
    empty: dict[str, Any] = {"profile": None, "points": None, "orders": [], "shop_error": None}
    if customer is None:
        return empty
    try:
        member, points, orders = await asyncio.gather(
            shop.member(customer), shop.points(customer), shop.orders(customer, ORDERS)
        )
        returns = await asyncio.gather(
            *(shop.returns(order.number) for order in orders if _may_return(order))
        )
    except ShopError:
        return empty | {"shop_error": SHOP_AWAY}
    asked = [request for found in returns for request in found]
    return empty | {
        "profile": _profile(member) if member else None,
        "points": _points(points) if points else None,
        "orders": [_order(order, asked) for order in orders],
    }


def _profile(member: Member) -> dict[str, Any]:
    return {
        "customer": member.customer_id,
        "name": mask_name(member.name),
        "phone": mask_phone(member.phone),
        "tier": member.tier.value,
        "tier_name": TIERS[member.tier],
        "growth": member.growth,
        "growth_to_next": member.growth_to_next,
        "benefits": list(member.benefits),
    }


def _points(account: PointsAccount) -> dict[str, Any]:
    return {
        "balance": account.balance,
        "expiring": [
            {"points": lot.points, "on": lot.on.isoformat()} for lot in account.expiring[:3]
        ],
    }


def _order(order: Order, returns: list[ReturnRequest]) -> dict[str, Any]:
    asked = {r.sku: r for r in returns if r.order_number == order.number}
    return {
        "number": order.number,
        "state": order.state.value,
        "state_text": ORDER_STATES[order.state],
        "placed_at": order.placed_at.isoformat(),
        "signed_at": order.signed_at.isoformat() if order.signed_at else None,
        "total": yuan(order.total_fen),
        "items": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "price": yuan(line.unit_price_fen),
                "returning": _return(asked[line.sku]) if line.sku in asked else None,
            }
            for line in order.lines
        ],
        "ship_to": f"{mask_name(order.ship_to.name)} {mask_phone(order.ship_to.phone)} "
        f"{mask_region(order.ship_to.region)}",
        "parcels": [_parcel(parcel) for parcel in order.parcels],
        "may_return": _may_return(order) and len(asked) < len(order.lines),
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "carrier": parcel.carrier,
        "tracking_number": mask_tracking(parcel.tracking_number),
        "state_text": PARCEL_STATES[parcel.state],
        "eta": parcel.eta.isoformat() if parcel.eta else None,
        "trace": [
            {"at": scan.at.isoformat(), "place": scan.place, "text": mask_trace(scan.text)}
            for scan in parcel.trace[:_TRACE]
        ],
    }


def _return(request: ReturnRequest) -> dict[str, Any]:
    return {"number": request.number, "state_text": RETURN_STATES[request.state.value]}


def _may_return(order: Order) -> bool:
    return order.state is OrderState.SIGNED

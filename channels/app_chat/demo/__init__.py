"""The demo shop's page at ``/`` and its log-in: demo mode only, since anybody may sign in as anyone.

The log-in plays the part of a real app's back end: it signs a user token (docs/chat-protocol.md).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from actions.shop import ShopClient, ShopUnavailable
from actions.shop.demo import load_data
from actions.shop.models import Order, OrderState, ParcelState
from bot.clock import Clock, utc_now
from bot.settings import Settings
from bot.web import PAGE_POLICY, load
from channels.app_chat.tokens import sign_user_token

DEMO_KID = "demo"
TOKEN_LIFE = timedelta(hours=12)
PRODUCTS = 8
STATES = {
    OrderState.UNPAID: "待付款",
    OrderState.PAID: "待发货",
    OrderState.PACKED: "已打包",
    OrderState.IN_TRANSIT: "运输中",
    OrderState.SIGNED: "已签收",
    OrderState.RETURNED: "已退货",
    OrderState.REFUNDING: "退款中",
    OrderState.REFUNDED: "已退款",
    OrderState.CANCELLED: "已取消",
}
SAMPLES = ("solo.in_transit", "lin.split", "wang.stuck", "returner.signed", "diamond.refunding")
"""Whose order of which kind the page offers to a stranger to try."""


class DemoLogin(BaseModel):
    """Which demo member to be."""

    member: str = Field(max_length=40, description="a member's key from GET /demo/shop")


def build_demo_router(settings: Settings, shop: ShopClient, clock: Clock = utc_now) -> APIRouter:
    """The demo page, what it shows, and its log-in.

    Raises:
        ValueError: outside demo mode.
    """
    if not settings.demo or settings.demo_app_key is None:
        raise ValueError("the demo page belongs to demo mode only")
    key = settings.demo_app_key.get_secret_value()
    files = load(Path(__file__).parent)
    data = load_data()
    members = {persona.key: persona for persona in data.personas}
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), payment=()",
    }
    router = APIRouter(tags=["demo"])

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return files["index.html"].response(request, headers)

    @router.get("/demo/shop")
    async def shop_window() -> dict[str, Any]:
        """What the page shows: products, members to be, and orders to ask about."""
        return {
            "products": [
                {
                    "title": product.title,
                    "category": product.category,
                    "price": f"¥{product.price_fen / 100:.2f}",
                    "blurb": product.blurb,
                }
                for product in _assorted(data.products)
            ],
            "members": [
                {
                    "key": persona.key,
                    "name": persona.name,
                    "tier": data.tier_of(persona.growth).name,
                    "about": persona.about,
                }
                for persona in members.values()
            ],
            "orders": await _samples(shop),
        }

    @router.post("/demo/login")
    async def login(asked: DemoLogin) -> dict[str, str]:
        """Sign in as a demo member: the user token that a real app's back end would make."""
        persona = members.get(asked.member)
        if persona is None:
            raise HTTPException(404, "没有这位演示会员")
        token = sign_user_token(DEMO_KID, key, persona.id, clock() + TOKEN_LIFE)
        return {"user_token": token, "name": persona.name}

    @router.get("/demo/{name}", include_in_schema=False)
    async def asset(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPException(404)
        return files[name].response(request, headers)

    return router


async def _samples(shop: ShopClient) -> list[dict[str, str]]:
    """Orders that a stranger may try, each with the phone tail that proves it: the member's."""
    personas = {persona.key: persona for persona in load_data().personas}
    samples = []
    for sample in SAMPLES:
        owner, _, kind = sample.partition(".")
        try:
            orders = await shop.orders(personas[owner].id, limit=20)
        except ShopUnavailable:
            return []
        found = next((order for order in orders if _is_kind(order, kind)), None)
        if found is not None:
            samples.append(
                {
                    "number": found.number,
                    "tail": personas[owner].phone[-4:],
                    "product": found.lines[0].title,
                    "state": _state(found),
                }
            )
    return samples


def _is_kind(order: Order, kind: str) -> bool:
    stuck = any(parcel.state is ParcelState.STUCK for parcel in order.parcels)
    if kind == "stuck":
        return stuck
    if kind == "split":
        return len(order.parcels) > 1 and not stuck
    return order.state == kind and not stuck and len(order.parcels) < 2


def _state(order: Order) -> str:
    if any(parcel.state is ParcelState.STUCK for parcel in order.parcels):
        return "物流停滞"
    count = len(order.parcels)
    return STATES[order.state] + (f" · {count} 个包裹" if count > 1 else "")


def _assorted[Product: Any](products: tuple[Product, ...]) -> list[Product]:
    """A few of each category, so that the window shows all that the shop sells."""
    shelves: dict[str, list[Product]] = {}
    for product in products:
        shelves.setdefault(product.category, []).append(product)
    rows = zip(*(shelf[:PRODUCTS] for shelf in shelves.values()), strict=False)
    return [product for row in rows for product in row][:PRODUCTS]

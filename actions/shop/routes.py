"""The routes of the REST back office, over whatever ShopClient the app carries."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from actions.shop import wire
from actions.shop.client import ShopClient
from actions.shop.models import (
    Coupon,
    Invoice,
    Member,
    Order,
    PointsAccount,
    Redemption,
    Refund,
    ReturnRequest,
)

MESSAGES = {
    401: ("unauthorized", "没有权限访问。"),
    404: ("not_found", "没有找到您要查的内容。"),
    405: ("method_not_allowed", "不支持这个操作。"),
    422: ("invalid_request", "提交的内容不完整或格式不对，请核对后重试。"),
    503: ("unavailable", "系统繁忙，请稍后再试。"),
}
"""HTTP status → code and message of a problem that is not a business rule."""

_token = HTTPBearer(auto_error=False, description="the token both sides were given")


def _allowed(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_token)],
) -> None:
    expected: bytes = request.app.state.token
    given = credentials.credentials.encode("utf-8", "replace") if credentials else b""
    if not hmac.compare_digest(given, expected):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def _shop(request: Request) -> ShopClient:
    return cast(ShopClient, request.app.state.shop)


Shop = Annotated[ShopClient, Depends(_shop)]
CustomerId = Annotated[str, Path(pattern=wire.ID_PATTERN, examples=["C000001"])]
OrderNumber = Annotated[str, Path(pattern=wire.ID_PATTERN, examples=["261119004217"])]
Sku = Annotated[str, Path(pattern=wire.ID_PATTERN, examples=["XJ1001"])]
Limit = Annotated[int, Query(ge=1, le=wire.MAX_ITEMS, description="at most so many")]
City = Annotated[
    str | None,
    Query(min_length=1, max_length=wire.MAX_CITY, description="only this city", examples=["上海"]),
]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=wire.KEY_PATTERN,
        description="names this change; repeat it when repeating the request",
        examples=["5f2c1d7e90ab4c6d8e1f"],
    ),
]


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": wire.Problem, "description": HTTPStatus(status).phrase}
        for status in (*statuses, 401, 422, 503)
    }


api = APIRouter(prefix="/v1", dependencies=[Depends(_allowed)])


def _found[T](thing: T | None) -> T:
    if thing is None:
        raise HTTPException(404)
    return thing


@api.post("/mobile-check", operation_id="mobileCheck", responses=_problems(404))
async def _mobile_check(shop: Shop, body: wire.MobileCheck) -> wire.PhoneMatch:
    """Which member has this mobile number; else 404.

    Asked before a code is sent to it: the number alone proves nothing. A POST so that no number
    stands in an address; it changes nothing and may be repeated.
    """
    return wire.PhoneMatch(customer_id=_found(await shop.customer_with_mobile(body.mobile)))


@api.get("/members/{customer_id}", operation_id="member", responses=_problems(404))
async def _member(shop: Shop, customer_id: CustomerId) -> Member:
    """A customer's profile."""
    return _found(await shop.member(customer_id))


@api.get("/members/{customer_id}/orders", operation_id="orders", responses=_problems())
async def _orders(
    shop: Shop, customer_id: CustomerId, limit: Limit = wire.DEFAULT_ITEMS
) -> wire.OrderList:
    """A customer's orders, newest first; empty for an unknown customer."""
    return wire.OrderList(items=tuple(await shop.orders(customer_id, limit)))


@api.get("/members/{customer_id}/points", operation_id="points", responses=_problems(404))
async def _points(shop: Shop, customer_id: CustomerId) -> PointsAccount:
    """A customer's points and when they lapse."""
    return _found(await shop.points(customer_id))


@api.post(
    "/members/{customer_id}/redemptions", operation_id="redeem", responses=_problems(404, 409)
)
async def _redeem(
    shop: Shop, customer_id: CustomerId, body: wire.RedemptionRequest, key: Key
) -> Redemption:
    """Buy a reward with points."""
    return await shop.redeem(customer_id, body.reward_id, key)


@api.post(
    "/members/{customer_id}/coupons", operation_id="grantCoupon", responses=_problems(404, 409)
)
async def _grant_coupon(
    shop: Shop, customer_id: CustomerId, body: wire.CouponBody, key: Key
) -> Coupon:
    """Give a customer a coupon to make good for something; a person at the desk decided it."""
    return await shop.grant_coupon(customer_id, body.amount_fen, body.reason, key)


@api.get("/orders/{number}", operation_id="order", responses=_problems(404))
async def _order(shop: Shop, number: OrderNumber) -> Order:
    """One order."""
    return _found(await shop.order(number))


@api.post("/orders/{number}/phone-check", operation_id="phoneCheck", responses=_problems(404))
async def _phone_check(shop: Shop, number: OrderNumber, body: wire.PhoneCheck) -> wire.PhoneMatch:
    """Whose order this is, if the phone of the member who placed it ends in these digits; else 404.

    Never compare with the receiver's phone: it stands on the parcel's label, and the answer opens
    the member's account. A POST so that no digits stand in an address; it changes nothing and may
    be repeated.
    """
    customer_id = _found(await shop.check_phone_tail(number, body.last4))
    return wire.PhoneMatch(customer_id=customer_id)


@api.post("/orders/{number}/cancellation", operation_id="cancel", responses=_problems(404, 409))
async def _cancel(shop: Shop, number: OrderNumber, key: Key) -> Order:
    """Cancel an order that has not left the warehouse."""
    return await shop.cancel_order(number, key)


@api.get("/orders/{number}/returns", operation_id="returns", responses=_problems())
async def _returns(shop: Shop, number: OrderNumber) -> wire.ReturnList:
    """Returns asked for on an order, newest first; empty for an unknown order."""
    return wire.ReturnList(items=tuple(await shop.returns(number)))


@api.post("/orders/{number}/returns", operation_id="startReturn", responses=_problems(404, 409))
async def _start_return(
    shop: Shop, number: OrderNumber, body: wire.ReturnBody, key: Key
) -> ReturnRequest:
    """Ask to send one product of an order back."""
    return await shop.start_return(
        number, body.sku, body.reason, key, opened=body.opened, defective=body.defective
    )


@api.get("/orders/{number}/refund", operation_id="refund", responses=_problems(404))
async def _refund(shop: Shop, number: OrderNumber) -> Refund:
    """Progress of an order's refund; 404 when there is none."""
    return _found(await shop.refund(number))


@api.get("/orders/{number}/invoice", operation_id="invoice", responses=_problems(404))
async def _invoice(shop: Shop, number: OrderNumber) -> Invoice:
    """State of an order's invoice (none, requested, issued); 404 for an unknown order."""
    return _found(await shop.invoice(number))


@api.post("/orders/{number}/invoice", operation_id="requestInvoice", responses=_problems(404, 409))
async def _request_invoice(
    shop: Shop, number: OrderNumber, body: wire.InvoiceBody, key: Key
) -> Invoice:
    """Ask for an electronic invoice."""
    return await shop.request_invoice(number, body.title, body.tax_id, body.email, key)


@api.get("/rewards", operation_id="rewards", responses=_problems())
async def _rewards(
    shop: Shop, max_points: Annotated[int | None, Query(ge=0, le=10**9)] = None
) -> wire.RewardList:
    """What points can buy, dearest first, optionally only what so many points can afford."""
    return wire.RewardList(items=tuple(await shop.rewards(max_points)))


@api.get("/tiers", operation_id="tiers", responses=_problems())
async def _tiers(shop: Shop) -> wire.TierList:
    """All membership tiers, lowest first."""
    return wire.TierList(items=tuple(await shop.tiers()))


@api.get("/return-policies", operation_id="returnPolicies", responses=_problems())
async def _policies(shop: Shop) -> wire.PolicyList:
    """The return rule of every category."""
    return wire.PolicyList(items=tuple(await shop.return_policies()))


@api.get("/products", operation_id="products", responses=_problems())
async def _products(
    shop: Shop,
    query: Annotated[
        str | None, Query(min_length=1, max_length=wire.MAX_QUERY, examples=["加湿器"])
    ] = None,
    limit: Limit = wire.DEFAULT_ITEMS,
) -> wire.ProductList:
    """Products whose title, alias or category matches, best first."""
    return wire.ProductList(items=tuple(await shop.products(query, limit)))


@api.get("/products/{sku}/stock", operation_id="stock", responses=_problems())
async def _stock(shop: Shop, sku: Sku, city: City = None) -> wire.StockList:
    """Stock of a product per store; empty for an unknown product."""
    return wire.StockList(items=tuple(await shop.stock(sku, city)))


@api.get("/stores", operation_id="stores", responses=_problems())
async def _stores(shop: Shop, city: City = None) -> wire.StoreList:
    """Stores."""
    return wire.StoreList(items=tuple(await shop.stores(city)))

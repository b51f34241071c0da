"""Any ShopClient as a REST back office, under exactly the contract of docs/shop-api.yaml.

``create_shop_app`` makes the FastAPI app; ``shop_contract`` gives the contract itself, from which
docs/shop-api.yaml is written (``yingda shop contract``).
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Annotated, Any, cast

import yaml
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from actions.shop import wire
from actions.shop.client import ShopClient, ShopRefused, ShopUnavailable
from actions.shop.models import (
    Invoice,
    Member,
    Order,
    PointsAccount,
    Redemption,
    Refund,
    ReturnRequest,
)

API_VERSION = "1.0.0"
_DESCRIPTION = """\
What the assistant asks of a brand's back office. A brand implements this and the assistant works
with it (`YINGDA_SHOP=http`, `YINGDA_SHOP_URL`, `YINGDA_SHOP_TOKEN`); `yingda shop serve` is a
working example with made-up data.

- **Authentication**: `Authorization: Bearer <token>` on every request. The assistant decides who
  may see what: it proves identity before it asks, so the token opens every customer's data. Keep it
  on a private network, with TLS.
- **Money** is in fen (1/100 yuan). **Times** are RFC 3339 with offset; **dates** are Asia/Shanghai
  calendar days. Personal fields are sent in clear and masked by the assistant.
- **Errors** are `application/problem+json` (RFC 9457) with a stable `code` and a Chinese `message`
  that may be shown to the customer. 404 = does not exist, 409 = a business rule says no,
  422 = the request is malformed or a field is not acceptable, 503 = try later.
- **Codes**: not_found, already_shipped, already_cancelled, not_signed, window_passed, opened,
  already_requested, not_enough_points, not_in_order, not_paid, invalid_title, invalid_tax_id,
  invalid_email, invalid_request, key_reused, unauthorized, unavailable. Others may be added.
- **Idempotency**: whatever changes something carries `Idempotency-Key`. The same key with the same
  request gives the first answer again and changes nothing; with another request it is refused
  (409, key_reused). Keep keys for at least 24 hours. Refusals need not be kept. So the assistant
  may repeat any request after a time-out.
- **Speed**: the assistant waits about two seconds in all; aim for 100 ms.
- **Growth**: new optional fields and new codes may appear; both ends ignore what they do not know.
"""
_STATUS_BY_CODE = {
    "not_found": 404,
    "invalid_title": 422,
    "invalid_tax_id": 422,
    "invalid_email": 422,
}
_MESSAGES = {
    401: ("unauthorized", "没有权限访问。"),
    404: ("not_found", "没有找到您要查的内容。"),
    405: ("method_not_allowed", "不支持这个操作。"),
    422: ("invalid_request", "提交的内容不完整或格式不对，请核对后重试。"),
    503: ("unavailable", "系统繁忙，请稍后再试。"),
}

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


@api.get("/orders/{number}", operation_id="order", responses=_problems(404))
async def _order(shop: Shop, number: OrderNumber) -> Order:
    """One order."""
    return _found(await shop.order(number))


@api.post("/orders/{number}/phone-check", operation_id="phoneCheck", responses=_problems(404))
async def _phone_check(shop: Shop, number: OrderNumber, body: wire.PhoneCheck) -> wire.PhoneMatch:
    """Whose order this is, if its receiver's or member's phone ends in these digits; else 404.

    A POST so that no digits stand in an address; it changes nothing and may be repeated.
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


def create_shop_app(shop: ShopClient, token: str) -> FastAPI:
    """Serve ``shop`` to whoever has ``token``.

    Raises:
        ValueError: the token is empty.
    """
    if not token:
        raise ValueError("a shop without a token would be open to everybody")
    app = FastAPI(title="Yingda shop API", version=API_VERSION, openapi_url="/openapi.json")
    app.state.shop = shop
    app.state.token = token.encode()
    app.include_router(api)
    app.add_exception_handler(ShopRefused, _refused)
    app.add_exception_handler(ShopUnavailable, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.openapi = shop_contract  # type: ignore[method-assign]
    return app


def shop_contract() -> dict[str, Any]:
    """The contract as an OpenAPI 3.1 document."""
    app = FastAPI()
    app.include_router(api)
    document = get_openapi(
        title="Yingda shop API",
        version=API_VERSION,
        summary="The back office that the assistant looks things up in.",
        description=_DESCRIPTION,
        routes=app.routes,
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["summary"] = operation["description"].split("\n")[0].rstrip(".")
            for status, response in operation["responses"].items():
                if status >= "400":
                    body = response["content"].pop("application/json")
                    response["content"][wire.PROBLEM_TYPE] = body
    return document


def contract_text() -> str:
    """The contract as the text of docs/shop-api.yaml."""
    head = "# Written by `yingda shop contract`; change actions/shop/server.py instead.\n"
    return head + yaml.safe_dump(shop_contract(), allow_unicode=True, sort_keys=False, width=100)


def _problem(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = wire.Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        message=message,
    )
    return JSONResponse(body.model_dump(), status, headers, media_type=wire.PROBLEM_TYPE)


def _refused(_: Request, error: Exception) -> JSONResponse:
    refused = cast(ShopRefused, error)
    return _problem(_STATUS_BY_CODE.get(refused.code, 409), refused.code, refused.message)


def _unavailable(_: Request, __: Exception) -> JSONResponse:
    return _problem(503, *_MESSAGES[503], headers={"Retry-After": "1"})


def _malformed(_: Request, __: Exception) -> JSONResponse:
    # What was wrong is not echoed: it may be personal, and it could be a customer's text.
    return _problem(422, *_MESSAGES[422])


def _http_error(_: Request, error: Exception) -> JSONResponse:
    http = cast(HTTPException, error)
    code, message = _MESSAGES.get(http.status_code, ("error", "请求没有成功，请稍后再试。"))
    return _problem(http.status_code, code, message, dict(http.headers or {}))

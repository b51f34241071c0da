"""The brand's back office over REST (docs/shop-api.yaml), asked carefully.

Each call has one deadline for all its tries. Everything in the contract may be repeated (look-ups
change nothing, changes carry an Idempotency-Key), so a failed try is repeated while time is left.
A circuit breaker spares a back office that keeps failing, and the customer the wait. Logs name the
operation and what went wrong, never an id, a path or a body.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache

import httpx
from pydantic import ValidationError

from actions.shop import wire
from actions.shop.breaker import CircuitBreaker, CircuitOpenError
from actions.shop.client import ShopRefused, ShopUnavailable
from actions.shop.models import (
    Coupon,
    Invoice,
    Member,
    Order,
    PointsAccount,
    Product,
    Redemption,
    Refund,
    ReturnPolicy,
    ReturnRequest,
    Reward,
    ShopModel,
    Stock,
    Store,
    TierInfo,
)

_log = logging.getLogger(__name__)
_CONNECT_S = 0.5
_TRIES = 3
_BACKOFF_S = 0.05
Params = Mapping[str, str | int]
Body = Mapping[str, str | bool | int]


class _Failed(Exception):
    """One try gave no usable answer; ``kind`` may be logged."""

    def __init__(self, kind: str, *, repeat: bool = True) -> None:
        super().__init__(kind)
        self.kind = kind
        self.repeat = repeat


class HttpShop:
    """A ShopClient over HTTP; close() it when done.

    Args:
        base_url: where the back office is, without ``/v1``.
        token: the bearer token agreed with the back office.
        timeout_s: longest time of one call with all its tries; one try gets 60 % of it.
        breaker_threshold: failed tries in a row after which the back office is left alone …
        breaker_rest_s: … for so many seconds.
        monotonic: seconds for the circuit breaker.
        transport: instead of the network, for tests.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout_s: float = 2.0,
        breaker_threshold: int = 6,
        breaker_rest_s: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # httpx logs every address at INFO, and ours contain customer ids and order numbers.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._deadline_s = timeout_s
        self._try_s = timeout_s * 0.6
        self._client = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + "/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx.Timeout(self._try_s, connect=min(_CONNECT_S, self._try_s)),
            # An explicit transport: no proxy from the environment comes between.
            transport=transport
            or httpx.AsyncHTTPTransport(
                verify=_certificates(),
                limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            ),
        )
        self._breaker = CircuitBreaker(
            _Failed, threshold=breaker_threshold, rest_s=breaker_rest_s, clock=monotonic
        )

    async def member(self, customer_id: str) -> Member | None:
        """See ShopClient."""
        return await self._find(Member, "/members/{}", customer_id)

    async def check_phone_tail(self, order_number: str, last4: str) -> str | None:
        """See ShopClient."""
        if not re.fullmatch(wire.TAIL_PATTERN, last4):
            return None
        found = await self._find(
            wire.PhoneMatch,
            "/orders/{}/phone-check",
            order_number,
            body={"last4": last4},
        )
        return found.customer_id if found else None

    async def customer_with_mobile(self, mobile: str) -> str | None:
        """See ShopClient."""
        if not re.fullmatch(wire.MOBILE_PATTERN, mobile):
            return None
        found = await self._find(wire.PhoneMatch, "/mobile-check", body={"mobile": mobile})
        return found.customer_id if found else None

    async def orders(self, customer_id: str, limit: int = wire.DEFAULT_ITEMS) -> list[Order]:
        """See ShopClient."""
        if limit < 1:
            return []
        params = {"limit": min(limit, wire.MAX_ITEMS)}
        found = await self._find(wire.OrderList, "/members/{}/orders", customer_id, params=params)
        return list(found.items) if found else []

    async def order(self, number: str) -> Order | None:
        """See ShopClient."""
        return await self._find(Order, "/orders/{}", number)

    async def points(self, customer_id: str) -> PointsAccount | None:
        """See ShopClient."""
        return await self._find(PointsAccount, "/members/{}/points", customer_id)

    async def rewards(self, max_points: int | None = None) -> list[Reward]:
        """See ShopClient."""
        params = {} if max_points is None else {"max_points": max(0, max_points)}
        found = await self._find(wire.RewardList, "/rewards", params=params)
        return list(found.items) if found else []

    async def redeem(self, customer_id: str, reward_id: str, idempotency_key: str) -> Redemption:
        """See ShopClient."""
        body = {"reward_id": reward_id}
        return await self._change(
            Redemption, "/members/{}/redemptions", customer_id, idempotency_key, body
        )

    async def grant_coupon(
        self, customer_id: str, amount_fen: int, reason: str, idempotency_key: str
    ) -> Coupon:
        """See ShopClient."""
        body: Body = {
            "amount_fen": amount_fen,
            "reason": wire.encodable(reason)[: wire.MAX_REASON],
        }
        return await self._change(Coupon, "/members/{}/coupons", customer_id, idempotency_key, body)

    async def tiers(self) -> list[TierInfo]:
        """See ShopClient."""
        found = await self._find(wire.TierList, "/tiers")
        return list(found.items) if found else []

    async def return_policies(self) -> list[ReturnPolicy]:
        """See ShopClient."""
        found = await self._find(wire.PolicyList, "/return-policies")
        return list(found.items) if found else []

    async def start_return(
        self,
        order_number: str,
        sku: str,
        reason: str,
        idempotency_key: str,
        *,
        opened: bool = False,
        defective: bool = False,
    ) -> ReturnRequest:
        """See ShopClient."""
        body: Body = {
            "sku": sku,
            "reason": wire.encodable(reason)[: wire.MAX_REASON],
            "opened": opened,
            "defective": defective,
        }
        return await self._change(
            ReturnRequest, "/orders/{}/returns", order_number, idempotency_key, body
        )

    async def returns(self, order_number: str) -> list[ReturnRequest]:
        """See ShopClient."""
        found = await self._find(wire.ReturnList, "/orders/{}/returns", order_number)
        return list(found.items) if found else []

    async def cancel_order(self, order_number: str, idempotency_key: str) -> Order:
        """See ShopClient."""
        return await self._change(
            Order, "/orders/{}/cancellation", order_number, idempotency_key, None
        )

    async def refund(self, order_number: str) -> Refund | None:
        """See ShopClient."""
        return await self._find(Refund, "/orders/{}/refund", order_number)

    async def invoice(self, order_number: str) -> Invoice | None:
        """See ShopClient."""
        return await self._find(Invoice, "/orders/{}/invoice", order_number)

    async def request_invoice(
        self, order_number: str, title: str, tax_id: str, email: str, idempotency_key: str
    ) -> Invoice:
        """See ShopClient."""
        body = {
            "title": wire.encodable(title),
            "tax_id": wire.encodable(tax_id),
            "email": wire.encodable(email),
        }
        return await self._change(
            Invoice, "/orders/{}/invoice", order_number, idempotency_key, body
        )

    async def products(
        self, query: str | None = None, limit: int = wire.DEFAULT_ITEMS
    ) -> list[Product]:
        """See ShopClient."""
        if limit < 1:
            return []
        params: dict[str, str | int] = {"limit": min(limit, wire.MAX_ITEMS)}
        if query and query.strip():
            params["query"] = wire.encodable(query.strip())[: wire.MAX_QUERY]
        found = await self._find(wire.ProductList, "/products", params=params)
        return list(found.items) if found else []

    async def stores(self, city: str | None = None) -> list[Store]:
        """See ShopClient."""
        found = await self._find(wire.StoreList, "/stores", params=_city(city))
        return list(found.items) if found else []

    async def stock(self, sku: str, city: str | None = None) -> list[Stock]:
        """See ShopClient."""
        found = await self._find(wire.StockList, "/products/{}/stock", sku, params=_city(city))
        return list(found.items) if found else []

    async def close(self) -> None:
        """See ShopClient."""
        await self._client.aclose()

    async def _find[T: ShopModel](
        self,
        kind: type[T],
        path: str,
        name: str | None = None,
        *,
        params: Params | None = None,
        body: Body | None = None,
    ) -> T | None:
        """Look something up; None when the shop says that it does not exist."""
        if name is not None and not wire.is_id(name):
            return None
        request = self._client.build_request(
            "GET" if body is None else "POST", path.format(name), params=params, json=body
        )
        answer = await self._ask(kind, path, request)
        if not isinstance(answer, wire.Problem):
            return answer
        if answer.status == 404:
            return None
        _log.error("shop rejected a look-up", extra={"operation": path, "code": answer.code})
        raise ShopUnavailable("look-up rejected")

    async def _change[T: ShopModel](
        self, kind: type[T], path: str, name: str, key: str, body: Body | None
    ) -> T:
        """Change something; raise ShopRefused with the shop's words when it says no."""
        if not wire.is_id(name):
            raise ShopRefused("没有找到您要查的内容，请核对一下。", "not_found")
        request = self._client.build_request(
            "POST",
            path.format(name),
            json=body,
            # Hashed: any text makes a valid header, and the back office learns nothing of ours.
            headers={"Idempotency-Key": hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()},
        )
        answer = await self._ask(kind, path, request)
        if isinstance(answer, wire.Problem):
            raise ShopRefused(answer.message, answer.code)
        return answer

    async def _ask[T: ShopModel](
        self, kind: type[T], operation: str, request: httpx.Request
    ) -> T | wire.Problem:
        """Try until there is an answer, or tries, time or the circuit's patience run out."""
        started = time.monotonic()
        failure = "timeout"
        try:
            async with asyncio.timeout(self._deadline_s):
                for attempt in range(_TRIES):
                    if attempt:
                        await asyncio.sleep(_BACKOFF_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
                    try:
                        with self._breaker.call():
                            return await self._try(kind, request)
                    except _Failed as error:
                        failure = error.kind
                        if not error.repeat:
                            break
        except TimeoutError:
            failure = "timeout"
        except CircuitOpenError:
            failure = "circuit_open"
        _log.warning(
            "shop unavailable",
            extra={
                "operation": operation,
                "failure": failure,
                "took_ms": round((time.monotonic() - started) * 1000),
            },
        )
        raise ShopUnavailable(failure)

    async def _try[T: ShopModel](self, kind: type[T], request: httpx.Request) -> T | wire.Problem:
        try:
            async with asyncio.timeout(self._try_s):
                response = await self._client.send(request)
        except (TimeoutError, httpx.TimeoutException):
            raise _Failed("timeout") from None
        except httpx.HTTPError:
            raise _Failed("connection") from None
        status = response.status_code
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if status in (200, 201) and media_type == "application/json":
                return kind.model_validate_json(response.content)
            if status in (404, 409, 422) and media_type == wire.PROBLEM_TYPE:
                return wire.Problem.model_validate_json(response.content)
        except ValidationError:
            raise _Failed("malformed", repeat=False) from None
        # A 404 without a problem is a wrong address, not a missing order.
        raise _Failed(f"status_{status}", repeat=status >= 500 or status == 429)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom TLS trusts; reading it takes 20 ms, so once."""
    return httpx.create_ssl_context()


def _city(city: str | None) -> Params:
    name = wire.encodable(city.strip())[: wire.MAX_CITY] if city else ""
    return {"city": name} if name else {}

"""Any ShopClient as a REST back office, under exactly the contract of docs/shop-api.yaml."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from actions.shop import wire
from actions.shop.client import ShopClient, ShopRefused, ShopUnavailable
from actions.shop.contract import API_VERSION, shop_contract
from actions.shop.routes import MESSAGES, api

_STATUS_BY_CODE = {
    "not_found": 404,
    "invalid_title": 422,
    "invalid_tax_id": 422,
    "invalid_email": 422,
}


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
    app.state.operations = _operations()
    app.include_router(api)
    app.add_exception_handler(ShopRefused, _refused)
    app.add_exception_handler(ShopUnavailable, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.openapi = shop_contract  # type: ignore[method-assign]
    return app


def _operations() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), method.upper())
        for path, operations in shop_contract()["paths"].items()
        for method in operations
    ]


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
    return _problem(503, *MESSAGES[503], headers={"Retry-After": "1"})


def _malformed(_: Request, __: Exception) -> JSONResponse:
    # What was wrong is not echoed: it may be personal, and it could be a customer's text.
    return _problem(422, *MESSAGES[422])


def _http_error(request: Request, error: Exception) -> JSONResponse:
    http = cast(HTTPException, error)
    if http.status_code == 400:  # a body that is no text: malformed like any other
        return _malformed(request, error)
    headers = dict(http.headers or {})
    if http.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    code, message = MESSAGES.get(http.status_code, ("error", "请求没有成功，请稍后再试。"))
    return _problem(http.status_code, code, message, headers)


def _methods(request: Request) -> set[str]:
    """What may be done at the request's path; Starlette itself names only the first route's."""
    return {
        method for path, method in request.app.state.operations if path.fullmatch(request.url.path)
    }

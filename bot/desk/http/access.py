"""What every endpoint has in common: who asks, whether they may, and how a refusal looks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bot.desk.accounts import Actor
from bot.desk.errors import BadInput, ForeignOrigin, NotLoggedIn, TooFast, TooLarge
from bot.desk.origin import COOKIE, address_of, same_origin
from bot.desk.permissions import Op
from bot.desk.service import Desk
from bot.errors import CustomerError, DeskBusy, DeskError
from bot.processes import WorkerFailed
from bot.records import DatabaseUnavailable

BODY_BYTES = 64 * 1024
_SAFE = ("GET", "HEAD", "OPTIONS")
_FIELDS = {
    "text": "内容",
    "note": "备注",
    "reason": "原因",
    "title": "标题",
    "detail": "详情",
    "yuan": "金额",
    "minutes": "时间",
    "shortcut": "快捷码",
    "body": "内容",
    "password": "密码",
    "login": "账号",
    "tags": "标签",
    "key": "操作标识",
}


class DeskRoute(APIRoute):
    """A route of the desk: bounded body, refusals as ``{"error": {"code", "message"}}``."""

    body_bytes = BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with all that around it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                if request.method not in _SAFE:
                    await _read_body(request, self.body_bytes)
                response = await handle(request)
            except (DeskError, CustomerError) as error:
                response = refusal(error)
            except RequestValidationError as error:
                response = refusal(_bad_input(error))
            except (DatabaseUnavailable, WorkerFailed):
                response = refusal(DeskBusy())
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
            return response

        return guarded


def router(tag: str, route: type[DeskRoute] = DeskRoute) -> APIRouter:
    """A router of the desk's endpoints."""
    return APIRouter(route_class=route, tags=[f"desk: {tag}"])


def _desk(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


DeskDep = Annotated[Desk, Depends(_desk)]


class May:
    """The dependency by which an endpoint declares its operation; gives the agent who asks.

    Args:
        op: what the endpoint does.
    """

    def __init__(self, op: Op) -> None:
        self.op = op

    async def __call__(self, request: Request) -> Actor:
        """The agent, if they may.

        Raises:
            NotLoggedIn, ForeignOrigin, TooFast, DeskForbidden.
        """
        desk = _desk(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer.strip() if scheme.lower() == "bearer" else ""
        if not token:
            token = request.cookies.get(COOKIE, "")
            if token and request.method not in _SAFE and not same_origin(request):
                raise ForeignOrigin
        actor = await desk.sessions.actor(token, address_of(request)) if token else None
        if actor is None:
            raise NotLoggedIn
        if not desk.requests.take(actor.session):
            raise TooFast
        actor.require(self.op)
        return actor


def refusal(error: DeskError | CustomerError) -> JSONResponse:
    """The JSON form of a refusal."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    headers = {}
    if isinstance(error, TooFast):
        body["retry_after"] = error.retry_after
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse({"error": body}, status_code=error.http_status, headers=headers)


async def _read_body(request: Request, limit: int) -> None:
    """Read the body no further than its limit; the handler then finds it read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    request._body = bytes(body)


def _bad_input(error: RequestValidationError) -> BadInput:
    """Which field is at fault, never its value."""
    for fault in error.errors():
        names = [str(part) for part in fault["loc"] if isinstance(part, str)]
        field = names[-1] if names else ""
        if field in _FIELDS:
            return BadInput(f"「{_FIELDS[field]}」没有填对，请检查后再试。")
        if field and field not in ("body", "query"):
            return BadInput(f"字段 {field[:32]} 的内容不对，请检查后再试。")
    return BadInput()

"""Where people answer: accounts, what agents see and do, and what reaches their screens live.

`Desk` holds the parts, `build_desk` gives its endpoints under ``/api/desk`` (docs/desk.md). Who may
do what is one table, bot/desk/permissions.py. The page itself is bot/desk/web.
"""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from bot.desk.accounts import DEMO_AGENTS, NewAgent, Passwords, People
from bot.desk.http import (
    acting,
    care,
    casework,
    customer,
    entrance,
    leading,
    looking,
    replies,
    reporting,
)
from bot.desk.http.access import May
from bot.desk.live.socket import LiveSocket
from bot.desk.permissions import Role, roles_for
from bot.desk.service import Desk, Rates
from bot.desk.windows import ReplyWindow, ReplyWindows

__all__ = [
    "DEMO_AGENTS",
    "Desk",
    "NewAgent",
    "Passwords",
    "People",
    "Rates",
    "ReplyWindow",
    "ReplyWindows",
    "Role",
    "build_desk",
]

PREFIX = "/api/desk"


def build_desk() -> APIRouter:
    """The endpoints; they find the `Desk` at ``app.state.desk``."""
    router = APIRouter(prefix=PREFIX)
    for part in (
        entrance.api,
        looking.api,
        acting.api,
        acting.uploads,
        customer.api,
        care.api,
        casework.api,
        replies.api,
        leading.api,
        reporting.api,
    ):
        _say_who_may(part)
        router.include_router(part)

    @router.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await LiveSocket(websocket, websocket.app.state.desk).serve()

    return router


def _say_who_may(part: APIRouter) -> None:
    """Write each endpoint's operation and roles into its OpenAPI description."""
    for route in part.routes:
        for dependency in route.dependant.dependencies:  # type: ignore[attr-defined]
            if isinstance(dependency.call, May):
                op = dependency.call.op
                route.openapi_extra = {  # type: ignore[attr-defined]
                    "x-operation": op.value,
                    "x-roles": [role.value for role in roles_for(op)],
                }

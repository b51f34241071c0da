"""The web chat: widget, WebSocket, REST twin and demo page (protocol: docs/chat-protocol.md).

`build_router` gives everything that is mounted in every mode; `build_demo_router` adds the demo
shop's page at ``/`` and its demo log-in, and must be mounted in demo mode only.
"""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from bot.clock import Clock, utc_now
from bot.conversations import FileStore
from bot.settings import Settings
from bot.turn import TurnService
from channels.app_chat.demo import build_demo_router
from channels.app_chat.gate import Gate
from channels.app_chat.limits import Limits
from channels.app_chat.rest import build_rest
from channels.app_chat.socket import ChatSocket
from channels.app_chat.static import build_static
from channels.app_chat.tokens import sign_user_token

__all__ = ["Limits", "build_demo_router", "build_router", "sign_user_token"]


def build_router(
    turns: TurnService,
    settings: Settings,
    clock: Clock = utc_now,
    limits: Limits | None = None,
    files: FileStore | None = None,
) -> APIRouter:
    """The chat's routes under ``/chat``: session, messages, files, ws and the widget's own files.

    Args:
        turns: takes messages and lets watch.
        settings: keys, origins and rates.
        clock: current time.
        limits: sizes and counts.
        files: pictures and documents of messages; None takes none.
    """
    gate = Gate.build(turns, settings, clock, limits or Limits(), files)
    router = APIRouter()
    router.include_router(build_rest(gate))
    router.include_router(build_static())

    @router.websocket("/chat/ws")
    async def chat(websocket: WebSocket) -> None:
        await ChatSocket(websocket, gate).serve()

    return router

"""Routes of the browser phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket

from bot.clock import Clock
from bot.rates import Buckets
from bot.web import PAGE_POLICY, load
from channels.phone.web.relay import relay

REFUSED, FORBIDDEN, BUSY, AWAY = 4400, 4403, 4429, 4503
"""Codes with which a socket is closed before a call begins."""


@dataclass(frozen=True)
class PhoneLimits:
    """Calls from browsers: in all, of one address at once, and how fast it may call again."""

    calls: int = 50
    calls_per_address: int = 5
    new_per_second: float = 0.2
    new_burst: int = 10


def build_phone_page(
    ivr_url: str, token: str, clock: Clock, limits: PhoneLimits | None = None
) -> APIRouter:
    """The page, its files and its socket.

    Args:
        ivr_url: the hotline's HTTP door.
        token: what we show there.
        clock: current time.
        limits: against floods.
    """
    allowed = limits or PhoneLimits()
    files = load(Path(__file__).parent / "page")
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=()",
    }
    rate = Buckets(allowed.new_per_second, allowed.new_burst, clock)
    up: dict[str, int] = {}
    router = APIRouter(prefix="/phone", include_in_schema=False)

    @router.get("")
    @router.get("/")
    async def page(request: Request) -> Response:
        return files["index.html"].response(request, headers)

    @router.get("/{name}")
    async def asset(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPException(404)
        return files[name].response(request, headers)

    @router.websocket("/ws")
    async def call(socket: WebSocket) -> None:
        address = socket.client.host if socket.client is not None else ""
        await socket.accept()
        if not _same_origin(socket):
            await socket.close(FORBIDDEN)
            return
        full = sum(up.values()) >= allowed.calls or up.get(address, 0) >= allowed.calls_per_address
        if full or not rate.take(address):
            await socket.close(BUSY)
            return
        up[address] = up.get(address, 0) + 1
        try:
            await relay(socket, f"{ivr_url.replace('http', 'ws', 1)}/phone/ws", token, AWAY)
        finally:
            up[address] -= 1
            if not up[address]:
                del up[address]

    return router


def _same_origin(socket: WebSocket) -> bool:
    """A page of ours: a call may cost money and minutes, so no other site may place it."""
    origin = socket.headers.get("origin")
    own = socket.headers.get("host", "").lower()
    return origin is not None and urlsplit(origin).netloc.lower() == own

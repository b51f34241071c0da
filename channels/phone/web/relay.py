"""Frames from a browser to the hotline and back, until either side has enough."""

from __future__ import annotations

import asyncio
import logging

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

log = logging.getLogger(__name__)

MOST = 16_384
"""Bytes of one frame, either way."""

OPEN_S = 5.0
SEND_S = 5.0


async def relay(browser: WebSocket, url: str, token: str, away: int) -> None:
    """Pass frames on; returns when the call is over. Raises nothing.

    Args:
        browser: accepted.
        url: the hotline's socket.
        token: what we show there.
        away: close code where the hotline does not answer.
    """
    try:
        hotline = await connect(
            url,
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=MOST,
            open_timeout=OPEN_S,
            close_timeout=1,
            compression=None,
            proxy=None,
        )
    except (OSError, TimeoutError, WebSocketException):
        log.warning("browser call not connected: the hotline does not answer")
        await _close(browser, away)
        return
    jobs = [
        asyncio.create_task(_in(browser, hotline), name="browser phone: in"),
        asyncio.create_task(_out(browser, hotline), name="browser phone: out"),
    ]
    try:
        await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await hotline.close()
        await _close(browser, 1000)


async def _in(browser: WebSocket, hotline: ClientConnection) -> None:
    try:
        while True:
            event = await browser.receive()
            if event["type"] == "websocket.disconnect":
                return
            frame = event.get("bytes") or event.get("text") or ""
            if len(frame) > MOST:
                return
            async with asyncio.timeout(SEND_S):
                await hotline.send(frame)
    except (ConnectionClosed, WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        return


async def _out(browser: WebSocket, hotline: ClientConnection) -> None:
    try:
        async for frame in hotline:
            async with asyncio.timeout(SEND_S):
                if isinstance(frame, str):
                    await browser.send_text(frame)
                else:
                    await browser.send_bytes(frame)
    except (ConnectionClosed, WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        return


async def _close(browser: WebSocket, code: int) -> None:
    if browser.application_state is not WebSocketState.CONNECTED:
        return
    try:
        async with asyncio.timeout(SEND_S):
            await browser.close(code)
    except (RuntimeError, OSError, TimeoutError):
        return

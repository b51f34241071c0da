"""A chat client for tests: one browser tab's socket, speaking raw frames."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

TIMEOUT_S = 20  # bounds a hang; nothing here is measured

_ids = itertools.count(1)


def client_id() -> str:
    """A client id that no other message of the session has."""
    return f"c{next(_ids)}"


class Tab:
    """One socket; remembers every frame received."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def say(self, text: str, **more: Any) -> str:
        """Send a message; returns its client id."""
        identifier = more.pop("client_id", None) or client_id()
        await self.send(type="message", client_id=identifier, text=text, **more)
        return str(identifier)

    async def receive(self) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(TIMEOUT_S):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Receive until a frame fits."""
        while True:
            frame = await self.receive()
            if wanted(frame):
                return frame

    async def next(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Receive until a frame of this type with these fields."""
        fits = {"type": kind, **fields}
        return await self.until(lambda f: all(f.get(k) == v for k, v in fits.items()))

    async def reply(self, text: str) -> dict[str, Any]:
        """Receive until the bot says something with this in it."""
        return await self.until(
            lambda f: f["type"] == "message" and f["author"] != "customer" and text in f["text"]
        )

    async def closed(self) -> int:
        """Receive until the server closes; returns the close code."""
        try:
            while True:
                await self.receive()
        except ConnectionClosed:
            return self.socket.close_code or 0

    def messages(self) -> list[dict[str, Any]]:
        """Every message received so far."""
        return [frame for frame in self.frames if frame["type"] == "message"]


@asynccontextmanager
async def open_tab(url: str, *, origin: str | None = None) -> AsyncIterator[Tab]:
    """A socket that has not said hello yet."""
    address = f"{url.replace('http', 'ws', 1)}/chat/ws"
    async with connect(address, origin=origin, max_size=None, proxy=None) as socket:  # type: ignore[arg-type]
        yield Tab(socket)


@asynccontextmanager
async def greeted(url: str, **hello: Any) -> AsyncIterator[tuple[Tab, dict[str, Any]]]:
    """A socket after its hello, and the server's ready frame."""
    async with open_tab(url) as tab:
        await tab.send(type="hello", **hello)
        yield tab, await tab.next("ready")

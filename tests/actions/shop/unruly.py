"""A back office that misbehaves on purpose: a real HTTP server on loopback, one act per request."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass, field

from actions.shop import wire

HANG, RESET, DRIP, NOT_HTTP = "hang", "reset", "drip", "not http"


@dataclass(frozen=True)
class Answer:
    """An answer as it stands on the wire."""

    status: int
    body: bytes
    media_type: str = "application/json"


def good(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode())


def problem(status: int, code: str, message: str) -> Answer:
    body = {"title": "x", "status": status, "code": code, "message": message}
    return Answer(status, json.dumps(body).encode(), wire.PROBLEM_TYPE)


@dataclass
class UnrulyServer:
    """Plays ``acts`` in order, one per request, the last one for ever; remembers what was asked."""

    acts: deque[Answer | str] = field(default_factory=deque)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def __aenter__(self) -> UnrulyServer:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def play(self, *acts: Answer | str) -> None:
        self.acts = deque(acts)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._one(reader, writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in head[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((head[0], headers, body))
        act = self.acts.popleft() if len(self.acts) > 1 else self.acts[0]
        if act == HANG:
            await asyncio.Event().wait()
        if act == RESET:
            writer.transport.abort()
            raise ConnectionResetError
        if act == NOT_HTTP:
            writer.write(b"\x00\x01\x02 what?\r\n\r\n")
            raise ConnectionResetError
        if isinstance(act, Answer):
            writer.write(_head(act.status, act.media_type, len(act.body)) + act.body)
        else:
            writer.write(_head(200, "application/json", 10_000))
            while True:  # one byte now and then: no single read times out
                writer.write(b" ")
                await asyncio.sleep(0.02)
        await writer.drain()


def _head(status: int, media_type: str, length: int) -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    ).encode()

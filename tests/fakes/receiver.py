"""A business's server that answers pushes as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Handle = Callable[[web.Request, bytes], Awaitable[web.Response]]


class Receiver:
    """Listens in the test's own event loop; ``got`` holds query and body of every request."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self._arrival = asyncio.Condition()

    async def __aenter__(self) -> Receiver:
        application = web.Application()
        application.router.add_route("*", "/hook", self._receive)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def arrived(self, number: int) -> None:
        """Until there have been ``number`` requests."""
        async with asyncio.timeout(30), self._arrival:
            await self._arrival.wait_for(lambda: len(self.got) >= number)

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._arrival:
            self.got.append((dict(request.query), body))
            self._arrival.notify_all()
        return await self._handle(request, body)


def saying(body: str, status: int = 200) -> Handle:
    """Always the same answer."""

    async def handle(_request: web.Request, _body: bytes) -> web.Response:
        return web.Response(text=body, status=status)

    return handle


async def never(_request: web.Request, _body: bytes) -> web.Response:
    """No answer at all, until the other side hangs up."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")

"""Trouble on purpose: the next calls of a path fail in a chosen way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from tests.fakes.wechat_platform.errors import failure

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """What happens to a call.

    Args:
        errcode: answered instead.
        status: HTTP status with a body that is not JSON.
        delay_s: real seconds before the answer.
        drop: hang up without an answer.
        processed: the call takes effect before it fails (an answer that got lost).
        times: how many calls.
    """

    errcode: int | None = None
    status: int | None = None
    delay_s: float = 0
    drop: bool = False
    processed: bool = False
    times: int = 1


class Faults:
    """What is to go wrong, by path suffix."""

    def __init__(self) -> None:
        self._next: dict[str, list[Fault]] = {}
        self.delay_all_s = 0.0

    def add(self, path: str, fault: Fault) -> None:
        """Queue a fault for calls whose path ends with ``path``."""
        self._next.setdefault(path, []).append(fault)

    def clear(self) -> None:
        """Nothing fails any more."""
        self._next.clear()
        self.delay_all_s = 0.0

    async def apply(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or fail as ordered."""
        if self.delay_all_s:
            await asyncio.sleep(self.delay_all_s)
        fault = self._take(request.path)
        if fault is None:
            return await handler(request)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        fails = fault.drop or fault.status is not None or fault.errcode is not None
        answer = await handler(request) if fault.processed or not fails else None
        if fault.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.status is not None:
            return web.Response(status=fault.status, text="<html>Bad Gateway</html>")
        if fault.errcode is not None:
            return failure(fault.errcode)
        assert answer is not None
        return answer

    def _take(self, path: str) -> Fault | None:
        for suffix, faults in self._next.items():
            if path.endswith(suffix) and faults:
                fault = faults[0]
                fault.times -= 1
                if fault.times <= 0:
                    faults.pop(0)
                return fault
        return None

"""An aiohttp server on loopback in a thread with its own event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from aiohttp import web


class Server:
    """Can be stopped (nobody listens) and started again on the same port."""

    def __init__(self, build: Callable[[], web.Application], port: int = 0) -> None:
        self._build = build
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        self._failed: OSError | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        ready = threading.Event()
        self._failed = None
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def stop(self) -> None:
        """Close the door and every connection."""
        if self._loop is not None and self._stopping is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=10)
            self._loop = self._thread = self._stopping = None

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            runner = web.AppRunner(self._build(), access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            try:
                site = web.TCPSite(runner, "127.0.0.1", self.port)
                await site.start()
                self.port = runner.addresses[0][1]
                self._loop = asyncio.get_running_loop()
                self._stopping = asyncio.Event()
                ready.set()
                await self._stopping.wait()
            except OSError as error:
                self._failed = error
            finally:
                ready.set()
                await runner.cleanup()

        asyncio.run(serve())

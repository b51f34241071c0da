"""A TCP proxy that disturbs the network on purpose, one way at a time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

Mode = Literal["pass", "refuse", "cut", "swallow", "garbage"]


class FaultProxy:
    """Stands between a client and a real server.

    Modes: ``pass`` forwards; ``refuse`` closes new connections at once; ``cut`` forwards the
    request and closes before the answer (the server has done its work); ``swallow`` forwards the
    request and never answers; ``garbage`` answers with something that is not HTTP.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.mode: Mode = "pass"
        self.cut_once = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where clients connect to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            if self.mode == "refuse":
                return
            server_reader, server_writer = await asyncio.open_connection(
                "127.0.0.1", self._target_port
            )
            up = asyncio.create_task(_pump(reader, server_writer))
            try:
                while data := await server_reader.read(65536):
                    if self.mode == "cut":
                        self.cut_once.set()
                        return
                    if self.mode == "garbage":
                        writer.write(b"\x00\xff this is not HTTP\r\n\r\n")
                        await writer.drain()
                        return
                    if self.mode == "swallow":
                        continue
                    writer.write(data)
                    await writer.drain()
            finally:
                up.cancel()
                server_writer.close()
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

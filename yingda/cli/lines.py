"""Lines of text from a file or standard input, as they come, without blocking the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from yingda.launcher import LaunchError

USAGE = 2


def open_lines(name: str) -> BinaryIO:
    """Open a file, or standard input for ``-``.

    Raises:
        LaunchError: it cannot be read.
    """
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise LaunchError(f"Cannot read {name} ({error.strerror}).", USAGE) from None


async def read_lines(source: BinaryIO) -> AsyncIterator[str]:
    """Each line as soon as it is there, without its line end; what is not UTF-8 is replaced."""
    async for batch in read_batches(source, 1):
        yield batch[0]


async def read_batches(source: BinaryIO, most: int) -> AsyncIterator[list[str]]:
    """Lines in batches: all that have come since the last batch, at most ``most``.

    Somebody who types gets an answer to each line; a file goes through in few requests.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    room = threading.Semaphore(4 * most)  # a huge file is not read into memory at once

    def read() -> None:
        for raw in source:
            room.acquire()
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    # A daemon: a thread that waits for the keyboard must not keep us from ending.
    threading.Thread(target=read, name="input", daemon=True).start()
    while True:
        batch = [await queue.get()]
        while len(batch) < most and not queue.empty():
            batch.append(queue.get_nowait())
        lines = [line for line in batch if line is not None]
        for _ in lines:
            room.release()
        if lines:
            yield lines
        if len(lines) < len(batch):
            return

"""What is yet to be heard: a queue of sound that leaves in 20 ms frames at the wire's pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ivr.transports.transport import FRAME_MS, MOST_HELD_MS


class Outgoing:
    """The playing half of a transport that paces by itself.

    Args:
        rate: samples a second.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.frame_bytes = rate * FRAME_MS // 1000 * 2
        self._sound = bytearray()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = False
        self._held_frames = 0

    def play(self, pcm: bytes) -> None:
        """Queue sound; nothing once the call is over."""
        if self._closed or not pcm:
            return
        self._sound += pcm[: len(pcm) & ~1]
        self._empty.clear()

    @property
    def queued_ms(self) -> int:
        """How much has not left yet."""
        return len(self._sound) * 1000 // (self.rate * 2)

    async def drained(self) -> None:
        """Wait until nothing is queued, or the call is over."""
        await self._empty.wait()

    def flush(self) -> int:
        """Drop what is queued; its length in milliseconds."""
        dropped = self.queued_ms
        self._sound.clear()
        self._empty.set()
        self._held_frames = 0
        return dropped

    def hold(self, on: bool) -> None:
        """Keep back what is queued, for MOST_HELD_MS at most, or let it go on."""
        self._held_frames = MOST_HELD_MS // FRAME_MS if on else 0

    def close(self) -> None:
        """The call is over: nobody waits any more."""
        self._closed = True
        self.flush()

    def frame(self) -> bytes | None:
        """The next frame, filled up with silence; None where nothing is queued, or it is held."""
        if not self._sound:
            self._empty.set()
            return None
        if self._held_frames:
            self._held_frames -= 1
            return None
        frame = bytes(self._sound[: self.frame_bytes])
        del self._sound[: self.frame_bytes]
        if not self._sound:
            self._empty.set()
        return frame + b"\0" * (self.frame_bytes - len(frame))


async def beat(each: Callable[[], None]) -> None:
    """Call something every FRAME_MS on the loop's clock; late calls are made up for at once.

    After a stall of more than a second the beat begins anew: nobody wants the past.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += FRAME_MS / 1000
        now = loop.time()
        if now - due > 1.0:
            due = now
        if due > now:
            await asyncio.sleep(due - now)
        each()

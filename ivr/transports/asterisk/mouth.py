"""What a call still has to say."""

from __future__ import annotations

import asyncio

from ivr.transports.asterisk.audiosocket import FRAME_BYTES, RATE, SILENCE

_BYTES_PER_MS = 2 * RATE // 1000


class Mouth:
    """Sound queued, given out by the frame."""

    def __init__(self) -> None:
        self._queued = bytearray()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = False

    @property
    def queued_ms(self) -> int:
        """What has not been given out yet, rounded up."""
        return -(-len(self._queued) // _BYTES_PER_MS)

    def queue(self, pcm: bytes) -> None:
        """Say this after everything else."""
        if pcm and not self._closed:
            self._queued += pcm
            self._empty.clear()

    def frame(self) -> bytes:
        """The next 20 ms; silence where there is nothing to say."""
        if not self._queued:
            return SILENCE
        pcm = bytes(self._queued[:FRAME_BYTES])
        del self._queued[:FRAME_BYTES]
        if not self._queued:
            self._empty.set()
        return pcm.ljust(FRAME_BYTES, b"\0")

    def flush(self) -> int:
        """Forget what was not given out; its length in milliseconds."""
        left = self.queued_ms
        self._queued.clear()
        self._empty.set()
        return left

    async def empty(self) -> None:
        """Wait until everything was given out, or forgotten."""
        await self._empty.wait()

    def close(self) -> None:
        """Say nothing more."""
        self._closed = True
        self.flush()

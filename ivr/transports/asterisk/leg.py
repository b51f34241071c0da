"""One AudioSocket connection of a call; a call that was transferred in vain has several."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ivr.transports.asterisk.audiosocket import (
    END,
    FRAME_BYTES,
    AudioSocketError,
    Decoder,
    Frame,
    Kind,
    sound,
)

_READ_BYTES = 4096


class Leg:
    """Frames in and out of one connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stall_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = Decoder()
        self._longest_backlog = int(stall_s * 50 * (FRAME_BYTES + 3))
        self._leaving = False

    @property
    def open(self) -> bool:
        """Whether what is sent may still arrive."""
        return not self._leaving and not self._writer.is_closing()

    async def frames(self) -> AsyncIterator[Frame]:
        """What the peer sends, until it closes or says that it ends.

        Raises:
            AudioSocketError: it broke the protocol.
        """
        while data := await self._read():
            for frame in self._decoder.feed(data):
                if frame.kind is Kind.END:
                    return
                yield frame

    def send(self, pcm: bytes) -> None:
        """Send 20 ms; a peer that has not taken anything for long loses the connection."""
        if not self.open:
            return
        if self._writer.transport.get_write_buffer_size() > self._longest_backlog:
            self.abort()
            return
        self._writer.write(sound(pcm))

    def leave(self) -> None:
        """Tell the peer that the sound is over; it closes the connection."""
        if self.open:
            self._leaving = True
            self._writer.write(END)

    def abort(self) -> None:
        """Close at once, without sending what waits."""
        self._leaving = True
        self._writer.transport.abort()

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(_READ_BYTES)
        except OSError as error:
            raise AudioSocketError(f"connection lost: {type(error).__name__}") from None

"""AudioSocket's wire format: one byte kind, two bytes length (big-endian), payload.

Source: Asterisk 22, ``res_audiosocket.c`` and its documentation. Asterisk sends sound as it gets
it and does not pace what we send.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum

RATE = 8000
"""Samples a second of sound of kind `Kind.SOUND`, s16le, mono."""

FRAME_BYTES = 320
"""20 ms of it."""

MAX_SOUND_BYTES = 10 * FRAME_BYTES
"""Longest payload taken from a peer, 200 ms; Asterisk sends what one packet of its line held."""

_HEADER = struct.Struct(">BH")


class Kind(IntEnum):
    """Kinds of frames that Asterisk sends for the sound that we asked for."""

    END = 0x00
    UUID = 0x01
    DIGIT = 0x03
    SOUND = 0x10
    ERROR = 0xFF


_LONGEST = {
    Kind.END: 0,
    Kind.UUID: 16,
    Kind.DIGIT: 1,
    Kind.SOUND: MAX_SOUND_BYTES,
    Kind.ERROR: 16,
}


class AudioSocketError(Exception):
    """The peer broke the protocol; the text says how, without any payload."""


@dataclass(frozen=True)
class Frame:
    """One frame received."""

    kind: Kind
    payload: bytes


class Decoder:
    """Bytes in, frames out. Never holds more than one incomplete frame."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take what arrived and return the frames that it completes.

        Raises:
            AudioSocketError: a kind or a length that Asterisk does not send; the connection is
                of no more use.
        """
        self._pending += data
        frames = []
        while len(self._pending) >= _HEADER.size:
            number, length = _HEADER.unpack_from(self._pending)
            kind = _checked(number, length)
            end = _HEADER.size + length
            if len(self._pending) < end:
                break
            frames.append(Frame(kind, bytes(self._pending[_HEADER.size : end])))
            del self._pending[:end]
        return frames


def _checked(number: int, length: int) -> Kind:
    try:
        kind = Kind(number)
    except ValueError:
        raise AudioSocketError(f"unknown kind 0x{number:02x}") from None
    exact = kind in (Kind.END, Kind.UUID, Kind.DIGIT)
    if length > _LONGEST[kind] or (exact and length != _LONGEST[kind]):
        raise AudioSocketError(f"length {length} for {kind.name}")
    if kind is Kind.SOUND and length % 2:
        raise AudioSocketError(f"odd length {length} for {kind.name}")
    return kind


def identity(frame: Frame) -> uuid.UUID:
    """Who the first frame of a connection says it is.

    Raises:
        AudioSocketError: it is another kind of frame.
    """
    if frame.kind is not Kind.UUID:
        raise AudioSocketError(f"{frame.kind.name} before any UUID")
    return uuid.UUID(bytes=frame.payload)


def sound(pcm: bytes) -> bytes:
    """A frame of sound to send; exactly 20 ms."""
    return _HEADER.pack(Kind.SOUND, len(pcm)) + pcm


END = _HEADER.pack(Kind.END, 0)
"""Sent by us: the sound is over, the dial plan goes on."""

SILENCE = bytes(FRAME_BYTES)

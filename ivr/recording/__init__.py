"""Recordings of calls: off by default; encrypted while they are written; deleted when old.

A file is a header (``YDR1``, sample rate, 8 random bytes) and blocks of at most BLOCK_S seconds,
each sealed with AES-256-GCM under the random bytes and its number, so that blocks can be neither
changed, nor swapped, nor moved into another file. Left is the caller, right is us.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import re
import struct
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ivr.transports import Audio, Caller, CallEvent, CallTransport, TransferResult

log = logging.getLogger(__name__)

MAGIC = b"YDR1"
BLOCK_S = 5
_HEAD = struct.Struct(">4sI8s")
_LENGTH = struct.Struct(">I")
SUFFIX = ".ydr"


class UnreadableRecording(Exception):
    """Another key, or a damaged file."""


def key_from(text: str) -> bytes:
    """32 bytes of key from base64.

    Raises:
        ValueError: it is none.
    """
    key = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    if len(key) != 32:
        raise ValueError("a recording key has 32 bytes")
    return key


class Recordings:
    """The folder of recordings.

    Args:
        folder: where; made if need be, for its owner only.
        key: 32 bytes.
        keep: how long.
    """

    def __init__(self, folder: Path, key: bytes, keep: timedelta) -> None:
        self._folder = folder
        self._key = key
        self._keep = keep
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def open(self, call_id: str, rate: int) -> Recorder | None:
        """Begin to record a call; None (and a line in the log) where the disk refuses."""
        name = re.sub(r"[^A-Za-z0-9_-]", "_", call_id)[:80]
        try:
            file = (self._folder / f"{name}{SUFFIX}").open("xb")
        except OSError:
            log.exception("call is not recorded", extra={"call": call_id})
            return None
        return Recorder(file, self._key, rate, os.urandom(8))

    def sweep(self, now: datetime) -> int:
        """Delete what is older than it may be; how many."""
        gone = 0
        for path in self._folder.glob(f"*{SUFFIX}"):
            try:
                if path.stat().st_mtime < (now - self._keep).timestamp():
                    path.unlink()
                    gone += 1
            except OSError:
                log.exception("old recording not deleted")
        return gone


class Recorder:
    """One call being recorded."""

    def __init__(self, file: BinaryIO, key: bytes, rate: int, salt: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._salt = salt
        self._rate = rate
        self._number = 0
        self._theirs = bytearray()
        self._ours: list[tuple[float, bytes]] = []
        self._began_at: float | None = None
        self._done = 0  # samples written
        self._broken = False
        self._write(_HEAD.pack(MAGIC, rate, salt))

    def listening(self, transport: CallTransport) -> CallTransport:
        """The same call, overheard."""
        return _Overheard(transport, self)

    def theirs(self, pcm: bytes) -> None:
        """A frame of the caller's."""
        self._start()
        self._theirs += pcm
        if len(self._theirs) >= BLOCK_S * self._rate * 2:
            self._seal()

    def ours(self, start: float, pcm: bytes) -> None:
        """Something of ours that begins to be heard at a loop time."""
        self._start()
        self._ours.append((start, pcm))

    def silenced(self, at: float) -> None:
        """What was to be heard after this moment was dropped."""
        kept = []
        for start, pcm in self._ours:
            length = max(0, int((at - start) * self._rate)) * 2
            if length:
                kept.append((start, pcm[:length]))
        self._ours = kept

    def close(self) -> None:
        """The call is over."""
        if not self._file.closed:
            self._seal()
            self._file.close()

    def _start(self) -> None:
        if self._began_at is None:
            self._began_at = asyncio.get_running_loop().time()

    def _seal(self) -> None:
        if not self._theirs or self._began_at is None:
            return
        left = np.frombuffer(bytes(self._theirs), "<i2")
        self._theirs.clear()
        right = np.zeros(len(left), dtype="<i2")
        later = []
        for start, pcm in self._ours:
            samples = np.frombuffer(pcm, "<i2")
            at = round((start - self._began_at) * self._rate) - self._done
            skip = max(0, -at)
            place = max(0, at)
            part = samples[skip : skip + max(0, len(left) - place)]
            right[place : place + len(part)] = part
            if at + len(samples) > len(left):
                later.append((start, pcm))
        self._ours = later
        self._done += len(left)
        block = np.stack((left, right), axis=1).astype("<i2").tobytes()
        nonce = self._salt + _LENGTH.pack(self._number)
        self._number += 1
        sealed = self._cipher.encrypt(nonce, block, None)
        self._write(_LENGTH.pack(len(sealed)) + sealed)

    def _write(self, data: bytes) -> None:
        if self._broken:
            return
        try:
            self._file.write(data)
            self._file.flush()
        except OSError:
            self._broken = True
            log.exception("recording stops: the disk refuses")


class _Overheard:
    """A transport whose caller is recorded, too."""

    def __init__(self, transport: CallTransport, recorder: Recorder) -> None:
        self._transport = transport
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def caller(self) -> Caller:
        return self._transport.caller

    @property
    def rate(self) -> int:
        return self._transport.rate

    @property
    def queued_ms(self) -> int:
        return self._transport.queued_ms

    async def events(self) -> AsyncIterator[CallEvent]:
        async for event in self._transport.events():
            if isinstance(event, Audio):
                self._recorder.theirs(event.pcm)
            yield event

    def play(self, pcm: bytes) -> None:
        self._transport.play(pcm)

    async def drained(self) -> None:
        await self._transport.drained()

    def flush(self) -> int:
        dropped = self._transport.flush()
        self._recorder.silenced(asyncio.get_running_loop().time())
        return dropped

    async def transfer(
        self, extension: str, timeout_s: float, answered: Callable[[], None] | None = None
    ) -> TransferResult:
        return await self._transport.transfer(extension, timeout_s, answered)

    async def hangup(self) -> None:
        await self._transport.hangup()


def read_recording(path: Path, key: bytes) -> tuple[int, bytes]:
    """Sample rate and sound (s16le, left the caller, right us) of a recording.

    Raises:
        UnreadableRecording: another key, or a damaged file.
    """
    data = path.read_bytes()
    if len(data) < _HEAD.size:
        raise UnreadableRecording("not a recording")
    magic, rate, salt = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise UnreadableRecording("not a recording")
    cipher, sound, number, at = AESGCM(key), bytearray(), 0, _HEAD.size
    while at + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        sealed = data[at + _LENGTH.size : at + _LENGTH.size + length]
        if len(sealed) < length:
            break  # the process died while it wrote: what came before is whole
        try:
            sound += cipher.decrypt(salt + _LENGTH.pack(number), sealed, None)
        except InvalidTag as error:
            raise UnreadableRecording("another key, or a damaged file") from error
        number += 1
        at += _LENGTH.size + length
    return rate, bytes(sound)

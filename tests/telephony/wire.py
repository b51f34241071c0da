"""What passes between a phone and Asterisk, seen on the wire: packets with the kernel's times."""

from __future__ import annotations

import array
import asyncio
import math
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.telephony.sounds import alaw_to_pcm

_ETH_IP = 0x0800
_OUTGOING = 4  # loopback shows every packet twice; this copy is left out
_SO_TIMESTAMPNS = 35
_A_LAW = 8
_PACKET_S = 0.02


@dataclass(frozen=True)
class Packet:
    """20 ms of sound: when it passed (seconds, this machine's clock), how loud it is (dBFS)."""

    at: float
    loud_db: float


@dataclass
class Wire:
    """A call's sound in both directions."""

    sent: list[Packet] = field(default_factory=list)
    received: list[Packet] = field(default_factory=list)

    async def until_heard(self, after: float, over_db: float = -45.0) -> None:
        """Wait until the phone is sent sound after a moment."""
        async with asyncio.timeout(60):
            while not any(  # noqa: ASYNC110 - another thread hears
                p.at > after and p.loud_db > over_db for p in self.received[-50:]
            ):
                await asyncio.sleep(0.02)

    def began_to_speak(self, after: float, over_db: float = -45.0) -> float:
        """When the phone's first packet of sound left after a moment (its end: it is spoken then)."""
        for packet in self.sent:
            if packet.at >= after and packet.loud_db > over_db:
                return packet.at
        raise AssertionError("the phone has sent nothing to be heard")

    def fell_silent(self, after: float, quiet_s: float = 0.3, over_db: float = -50.0) -> float:
        """When the last sound arrived before the first silence of ``quiet_s`` after a moment."""
        last = after
        for packet in self.received:
            if packet.at < after:
                continue
            if packet.loud_db > over_db:
                if packet.at - last > quiet_s:
                    return last
                last = packet.at
        return last


@contextmanager
def listening(address: str, port: int) -> Iterator[Wire]:
    """Note every packet of sound from and to a phone's port on loopback. Needs root."""
    wire = Wire()
    done = threading.Event()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_IP)) as tap:
        tap.bind(("lo", _ETH_IP))
        tap.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        thread = threading.Thread(target=_listen, args=(tap, done, wire, address, port))
        thread.start()
        try:
            yield wire
        finally:
            done.set()
            thread.join()


def _listen(tap: socket.socket, done: threading.Event, wire: Wire, address: str, port: int) -> None:
    own = socket.inet_aton(address)
    with selectors.DefaultSelector() as selector:
        selector.register(tap, selectors.EVENT_READ)
        while not done.is_set():
            if not selector.select(0.1):
                continue
            data, controls, _flags, (_name, _protocol, kind, *_rest) = tap.recvmsg(2048, 256)
            header = 4 * (data[0] & 0x0F) if data else 0
            if kind == _OUTGOING or len(data) < header + 20 or data[9] != socket.IPPROTO_UDP:
                continue
            source, target = struct.unpack(">HH", data[header : header + 4])
            sound = data[header + 8 :]
            if len(sound) < 13 or sound[1] & 0x7F != _A_LAW:
                continue
            if (data[12:16], source) == (own, port):
                wire.sent.append(Packet(_time(controls), _loudness(sound[12:])))
            elif (data[16:20], target) == (own, port):
                wire.received.append(Packet(_time(controls), _loudness(sound[12:])))


def _time(controls: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in controls:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("ll", data[:16])
            return float(seconds + nanoseconds / 1e9)
    raise AssertionError("the kernel gave no time")


def _loudness(alaw: bytes) -> float:
    samples = array.array("h", alaw_to_pcm(alaw))
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    return 10 * math.log10(max(power, 1e-3)) - 20 * math.log10(32768)

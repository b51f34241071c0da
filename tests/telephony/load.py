"""Many callers at once: sipp speaks SIP, and their sound comes to sockets of ours, timed by the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.components import need
from tests.telephony.pbx import CARRIER, HOTLINE, Pbx

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="a caller who listens until hung up">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field1]@[local_ip]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field1]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [field0] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field1]@[local_ip]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""

_SO_TIMESTAMPNS = 35
_SILENT_PACKET = b"\xd5" * 160  # A-law silence


@dataclass
class Heard:
    """What one caller's socket got: sound packets by sequence number, and when (seconds)."""

    number: str
    packets: dict[int, bytes] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    @property
    def sound(self) -> bytes:
        """A-law, in order."""
        return b"".join(self.packets[key] for key in sorted(self.packets))

    @property
    def gaps_ms(self) -> list[float]:
        """Time between one packet and the next."""
        return [1000 * (b - a) for a, b in zip(self.times, self.times[1:], strict=False)]


class Callers:
    """``count`` callers of the carrier; each answers every packet of sound with one of silence."""

    def __init__(self, pbx: Pbx, folder: Path, count: int) -> None:
        self._sipp = need("sipp", "sipp")
        self._pbx = pbx
        self._folder = folder
        self._sockets: list[socket.socket] = []
        self.heard: list[Heard] = []
        for index in range(count):
            sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sink.bind((CARRIER, 0))
            sink.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._sockets.append(sink)
            self.heard.append(Heard(f"139{index:08d}"))

    async def call(self, per_second: int, timeout_s: int = 60) -> int:
        """All call, and stay until hung up; the number of calls that failed."""
        scenario = self._folder / "caller.xml"
        scenario.write_text(SCENARIO)
        rows = self._folder / "callers.csv"
        lines = [
            f"{sink.getsockname()[1]};{heard.number};"
            for sink, heard in zip(self._sockets, self.heard, strict=True)
        ]
        rows.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        count = len(self._sockets)
        with self._listening():
            process = await asyncio.create_subprocess_exec(
                *[self._sipp, f"127.0.0.1:{self._pbx.sip_port}", "-i", CARRIER, "-nostdin"],
                *["-sf", scenario.absolute(), "-inf", rows.absolute(), "-s", HOTLINE],
                *["-m", str(count), "-l", str(count), "-r", str(per_second)],
                *["-timeout", str(timeout_s), "-timeout_error", "-trace_stat", "-stf", "stat.csv"],
                cwd=self._folder,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await process.wait()
        header, *rest = (self._folder / "stat.csv").read_text().splitlines()
        last = dict(zip(header.split(";"), rest[-1].split(";"), strict=False))
        return count - int(last["SuccessfulCall(C)"])

    def close(self) -> None:
        """Give the sockets back."""
        for sink in self._sockets:
            sink.close()

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._listen, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _listen(self, done: threading.Event) -> None:
        with selectors.DefaultSelector() as selector:
            for sink, heard in zip(self._sockets, self.heard, strict=True):
                selector.register(sink, selectors.EVENT_READ, heard)
            while not done.is_set():
                for key, _ in selector.select(0.1):
                    assert isinstance(key.fileobj, socket.socket)
                    self._take(key.fileobj, key.data)

    def _take(self, sink: socket.socket, heard: Heard) -> None:
        packet, controls, _flags, source = sink.recvmsg(2048, 256)
        if len(packet) != 172 or packet[1] & 0x7F != 8:
            return
        sequence = struct.unpack(">H", packet[2:4])[0]
        if heard.packets and sequence < 0x4000 and max(heard.packets) > 0xC000:
            sequence += 0x10000
        heard.packets[sequence] = packet[12:]
        for level, kind, data in controls:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("ll", data[:16])
                heard.times.append(seconds + nanoseconds / 1e9)
        count = len(heard.times)
        header = struct.pack(">BBHII", 0x80, 8, count & 0xFFFF, 160 * count, 0xCA11)
        sink.sendto(header + _SILENT_PACKET, source)

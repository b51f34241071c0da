"""The other end of the wire: what Asterisk does on our two ports, as far as tests need it."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

from bot.settings import load_settings
from ivr.transports import CallTransport
from ivr.transports.asterisk import AsteriskDoor
from tests.support.components import free_port

INTRODUCTION = {
    "agi_network": "yes",
    "agi_network_script": "ivr",
    "agi_callerid": "13800138000",
    "agi_dnid": "4006808000",
    "agi_extension": "s",
}


PICKED_UP = ["agi_network: yes", "agi_network_script: picked-up"]


def frame(kind: int, payload: bytes = b"") -> bytes:
    """An AudioSocket frame."""
    return struct.pack(">BH", kind, len(payload)) + payload


class Ports:
    """Our door on ports of its own, and connections to them."""

    def __init__(self, door: AsteriskDoor, agi: int, audio: int) -> None:
        self.door = door
        self.agi = agi
        self.audio = audio

    @property
    def refused(self) -> dict[str, int]:
        """Reasons, counted."""
        refused: dict[str, int] = self.door.state()["refused"]
        return refused

    async def until_idle(self) -> None:
        """No call is left."""
        async with asyncio.timeout(10):
            while self.door.state()["calls"]:  # noqa: ASYNC110 - another side's state
                await asyncio.sleep(0.01)

    async def answer_to(self, port: int, said: bytes, half_close: bool = False) -> bytes:
        """Connect, say something, and read until we are cut off."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            with contextlib.suppress(ConnectionError):
                writer.write(said)
                await writer.drain()
                if half_close:
                    writer.write_eof()
                async with asyncio.timeout(10):
                    return await reader.read()
            return b""
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def door(
    answer: Callable[[CallTransport], Awaitable[None]], **settings: object
) -> AsyncIterator[Ports]:
    """Our door, open to loopback unless told otherwise."""
    agi, audio = free_port(), free_port()
    opened = AsteriskDoor(
        load_settings(
            _env_file=None,
            demo=True,
            asterisk=True,
            asterisk_agi_port=agi,
            asterisk_audio_port=audio,
            **settings,
        )
    )
    await opened.start(answer)
    try:
        yield Ports(opened, agi, audio)
    finally:
        await opened.stop()


class Line:
    """A call that Asterisk brings: obeys on the control port, connects sound when told to.

    ``dial`` answers Dial with a DIALSTATUS; ``connects`` is whether it connects sound at all.
    """

    def __init__(self, ports: Ports, dial: str = "NOANSWER", connects: bool = True) -> None:
        self._ports = ports
        self._dial = dial
        self._connects = connects
        self.commands: list[str] = []
        self.heard: list[bytes] = []
        self.tokens: list[uuid.UUID] = []
        self.legs = 0
        self.status: str | None = None
        self.hung_up_on = False
        self.up = asyncio.Event()
        self.sound: asyncio.StreamWriter | None = None
        self._control: asyncio.StreamWriter | None = None
        self._hung_up = False

    async def run(self) -> None:
        """From the introduction until we let go of the control connection."""
        reader, self._control = await asyncio.open_connection("127.0.0.1", self._ports.agi)
        lines = [f"{name}: {value}" for name, value in INTRODUCTION.items()]
        self._control.write("\n".join([*lines, "", ""]).encode())
        try:
            while line := (await reader.readline()).decode().strip():
                self.commands.append(line)
                self._control.write((await self._obey(line)).encode() + b"\n")
        except ConnectionError:
            pass
        finally:
            self._control.close()

    def hang_up(self) -> None:
        """The caller does."""
        self._hung_up = True
        assert self._control is not None
        self._control.write(b"HANGUP\n")
        if self.sound is not None:
            self.sound.close()

    async def say(self, data: bytes) -> None:
        """Send on the sound connection."""
        assert self.sound is not None
        with contextlib.suppress(ConnectionError):  # cut off for what was said
            self.sound.write(data)
            await self.sound.drain()

    async def _obey(self, line: str) -> str:
        if line.startswith("EXEC AudioSocket"):
            if self._connects:
                await self._talk(uuid.UUID(line.split('"')[1].split(",")[0]))
            return f"200 result={-1 if self._hung_up else 0}"
        if line.startswith("EXEC Dial") and self._dial == "ANSWER":
            await self._pick_up(line.rpartition("^")[2].rstrip(')"'))
        if line == "GET VARIABLE DIALSTATUS":
            return f"200 result=1 ({self._dial})"
        if line.startswith("SET VARIABLE YINGDA_STATUS "):
            self.status = line.rpartition(" ")[2]
            return "200 result=1"
        if line == "HANGUP":
            self.hung_up_on = True
            return "200 result=1"
        return "200 result=0"

    async def _pick_up(self, token: str) -> None:
        """What the dial plan has an agent's channel do before the two are connected."""
        lines = [*PICKED_UP, f"agi_arg_1: {token}"]
        answer = await self._ports.answer_to(
            self._ports.agi, "\n".join([*lines, "", ""]).encode(), half_close=True
        )
        assert answer == b""

    async def _talk(self, token: uuid.UUID) -> None:
        self.tokens.append(token)
        reader, self.sound = await asyncio.open_connection("127.0.0.1", self._ports.audio)
        self.sound.write(frame(0x01, token.bytes))
        self.legs += 1
        self.up.set()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, length = struct.unpack(">BH", await reader.readexactly(3))
                payload = await reader.readexactly(length)
                if kind == 0x00:
                    break
                assert (kind, length) == (0x10, 320)
                self.heard.append(payload)
        self.sound.close()

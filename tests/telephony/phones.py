"""Driving test phones: each is a process (`phone`), told what to do and asked what happened."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.support.components import need
from tests.telephony.pbx import CARRIER, PASSWORD, Pbx

_PYTHON = Path("engine/.venv/bin/python").absolute()
_PATIENCE_S = 20.0
_WAV_HEADER = 44


class Phone:
    """A phone in a process of its own."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        recording: Path,
        registered: bool,
        address: str,
        media_port: int,
    ) -> None:
        self.address = address
        self.media_port = media_port
        self._process = process
        self._registered = registered
        self._recording = recording
        self._events: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def tell(self, command: str) -> None:
        """Have it do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        await self._process.stdin.drain()

    async def call(self, uri: str) -> None:
        """Call, and wait until sound is up."""
        await self.tell(f"call {uri}")
        await self.until("sound")

    async def until(self, what: str, timeout_s: float = _PATIENCE_S, **facts: object) -> float:
        """Wait for an event (which may have been already) with these facts; its time."""
        wanted = {"what": what, **facts}

        def found() -> list[dict[str, Any]]:
            return [e for e in self._events if wanted.items() <= e.items()]

        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(found), timeout_s)
            except TimeoutError:
                raise AssertionError(f"no {wanted} but {self._events}") from None
        return float(found()[0]["t"])

    def happened(self, what: str, **facts: object) -> bool:
        """Whether there was such an event."""
        return any({"what": what, **facts}.items() <= event.items() for event in self._events)

    async def until_over(self, timeout_s: float = 60.0) -> None:
        """Wait until the other side has ended the call."""
        await self.until("state", timeout_s, state="DISCONNECTED")

    async def hang_up(self) -> None:
        """End the call."""
        await self.tell("hangup")
        await self.until_over()

    async def heard(self) -> bytes:
        """Put the phone away; what it heard since sound was up, s16le at 8 kHz."""
        await self.quit()
        with wave.open(str(self._recording)) as recording:
            assert recording.getframerate() == 8000
            return recording.readframes(recording.getnframes())

    def recorded(self) -> bytes:
        """What is on disk of the recording so far: all but the last half second or so."""
        return self._recording.read_bytes()[_WAV_HEADER:] if self._recording.exists() else b""

    async def quit(self) -> None:
        """Put the phone away."""
        if self._process.returncode is None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                await self.tell("quit")
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        await self._reading

    async def put_away(self) -> None:
        """The same, quicker where nobody needs its recording or its registration."""
        if not self._registered and self._process.returncode is None:
            self._process.kill()
        await self.quit()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line.startswith(b"{"):  # else pjsua2's own talk
                async with self._news:
                    self._events.append(json.loads(line))
                    self._news.notify_all()


class Phones:
    """The phones of a test, put away with it."""

    def __init__(self, pbx: Pbx, folder: Path) -> None:
        self._pbx = pbx
        self._folder = folder
        self._phones: list[Phone] = []

    async def carrier(self, number: str = "13800138000") -> Phone:
        """A customer's phone, as the carrier's trunk brings it."""
        return await self._start(CARRIER, "--user", number)

    async def stranger(self) -> Phone:
        """A phone that neither the carrier nor the shop knows."""
        return await self._start("127.0.0.3", "--user", "13800138000")

    async def extension(self, extension: str) -> Phone:
        """A registered phone in the shop."""
        registrar = f"sip:127.0.0.1:{self._pbx.sip_port}"
        options = ["--user", extension, "--registrar", registrar, "--password", PASSWORD]
        phone = await self._start("127.0.0.1", *options)
        await phone.until("registered", code=200)
        return phone

    async def _start(self, address: str, *options: str) -> Phone:
        if not _PYTHON.exists() or not list(
            _PYTHON.parent.parent.glob("lib/*/site-packages/pjsua2")
        ):
            need("the test phone pjsua2-python in engine/.venv (make setup-dev)", "no-pjsua2")
        recording = self._folder / f"heard-{len(self._phones)}.wav"
        sip, media = _udp_ports(address)
        ports = ["--port", str(sip), "--media-port", str(media)]
        process = await asyncio.create_subprocess_exec(
            *[str(_PYTHON), str(Path(__file__).with_name("phone.py")), "--address", address],
            *[*ports, "--record", str(recording), *options],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        phone = Phone(process, recording, "--registrar" in options, address, media)
        self._phones.append(phone)
        await phone.until("ready")
        return phone

    async def put_away(self) -> None:
        """All of them."""
        await asyncio.gather(*(phone.put_away() for phone in self._phones))


@contextlib.asynccontextmanager
async def phones_of(pbx: Pbx, folder: Path) -> AsyncIterator[Phones]:
    """Phones for one test; recordings go to ``folder``."""
    phones = Phones(pbx, folder)
    try:
        yield phones
    finally:
        await phones.put_away()


def _udp_ports(address: str) -> tuple[int, int]:
    """A port for signals, and one for sound (with its neighbour for RTCP)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
            two.bind((address, 0))
            sound = two.getsockname()[1] & ~1
            return one.getsockname()[1], sound

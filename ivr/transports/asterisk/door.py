"""The two ports that Asterisk connects to, and who may."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from bot.settings import Settings
from ivr.doors import Answer
from ivr.transports.asterisk.agi import MAX_LINE_BYTES, Agi, AgiError
from ivr.transports.asterisk.audiosocket import AudioSocketError, identity
from ivr.transports.asterisk.beat import Beat
from ivr.transports.asterisk.call import AsteriskCall
from ivr.transports.asterisk.conduct import STATUS, Conductor, Expectation, caller_of
from ivr.transports.asterisk.leg import Leg
from ivr.transports.asterisk.terms import terms_of

log = logging.getLogger(__name__)

SCRIPT = "ivr"
"""What Asterisk must ask for with a call: ``agi://host:port/ivr``."""

PICKED_UP_SCRIPT = "picked-up"
"""The same for an agent's telephone that was picked up, with the token that we dialled with."""

_LOG_EVERY_S = 10.0
_BACKLOG = 256


class AsteriskDoor:
    """Takes calls from Asterisk while it is started; off unless ``YINGDA_ASTERISK`` is set."""

    name = "asterisk"

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._terms = terms_of(settings)
        self._on = settings.asterisk
        self._clock = clock
        self._beat = Beat(clock)
        self._answer: Answer | None = None
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._calls: set[AsteriskCall] = set()
        self._expected: dict[uuid.UUID, Expectation] = {}
        self._ringing: dict[str, Callable[[], None]] = {}
        self._waiting: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._logged_at: dict[str, float] = {}

    async def start(self, answer: Answer) -> None:
        """Listen; ``answer`` runs every call.

        Raises:
            OSError: a port cannot be had.
        """
        if not self._on:
            return
        self._answer = answer
        try:
            for port, serve in (
                (self._terms.agi_port, self._serve_control),
                (self._terms.audio_port, self._serve_sound),
            ):
                server = await asyncio.start_server(
                    serve, self._terms.host, port, limit=MAX_LINE_BYTES, backlog=_BACKLOG
                )
                self._servers.append(server)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Listen no more and leave the callers to the dial plan."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._beat.stop()

    def state(self) -> dict[str, Any]:
        """For the health page: no personal data."""
        if not self._on:
            return {"status": "off"}
        return {
            "status": "ok" if self._servers else "down",
            "calls": len(self._calls),
            "most_calls": self._terms.max_calls,
            "refused": dict(self._refused),
        }

    # --- control -----------------------------------------------------------------------------

    async def _serve_control(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with self._admitted("control", writer) as admitted:
            if not admitted:
                return
            agi = Agi(reader, writer)
            try:
                call = await self._introduced(agi)
                if call is None:
                    agi.close()
                    return
            except (AgiError, TimeoutError) as error:
                self._refuse("control", str(error) or "silent")
                agi.abort()
                return
            finally:
                self._waiting["control"] -= 1
            await self._conduct(agi, call)

    async def _introduced(self, agi: Agi) -> AsteriskCall | None:
        """The call that a connection brings; None if it brings none, or one that cannot be taken."""
        async with asyncio.timeout(self._terms.handshake_s):
            introduction = await agi.introduction()
            script = introduction.get("agi_network_script")
            if script == PICKED_UP_SCRIPT:
                self._picked_up(introduction.get("agi_arg_1", ""))
                return None
            if script != SCRIPT:
                raise AgiError("another script asked for")
            if len(self._calls) >= self._terms.max_calls:
                self._refuse("control", "as many calls as we take")
                await agi.command(f"SET VARIABLE {STATUS} BUSY")
                return None
            call = AsteriskCall(caller_of(introduction), self._beat)
            self._calls.add(call)
            return call

    async def _conduct(self, agi: Agi, call: AsteriskCall) -> None:
        assert self._answer is not None  # noqa: S101 - set before the ports were opened
        try:
            log.info("call %s from Asterisk", call.caller.call_id)
            conductor = Conductor(
                agi, call, self._answer, self._terms, self._expecting, self._rings
            )
            await conductor.run()
        finally:
            self._calls.discard(call)

    @contextlib.contextmanager
    def _rings(self, token: str, answered: Callable[[], None]) -> Iterator[None]:
        self._ringing[token] = answered
        try:
            yield
        finally:
            self._ringing.pop(token, None)

    def _picked_up(self, token: str) -> None:
        answered = self._ringing.pop(token, None)
        if answered is None:
            raise AgiError("a telephone picked up that we did not ring")
        answered()

    # --- sound -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _expecting(self, token: uuid.UUID, expectation: Expectation) -> Iterator[None]:
        self._expected[token] = expectation
        try:
            yield
        finally:
            self._expected.pop(token, None)

    async def _serve_sound(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with self._admitted("sound", writer) as admitted:
            if not admitted:
                return
            leg = Leg(reader, writer, self._terms.stall_s)
            frames = leg.frames()
            try:
                try:
                    async with asyncio.timeout(self._terms.handshake_s):
                        token = identity(await anext(frames))
                finally:
                    self._waiting["sound"] -= 1
                expectation = self._expected.pop(token, None)  # a token is good for one connection
                if expectation is None:
                    raise AudioSocketError("a UUID that nobody waits for")
                with expectation.connected():
                    expectation.call.attach(leg)
                    async for frame in frames:
                        expectation.call.hear(frame)
            except (AudioSocketError, TimeoutError, StopAsyncIteration) as error:
                self._refuse("sound", str(error) or "silent")
            finally:
                leg.abort()

    # --- admission ---------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _admitted(self, port: str, writer: asyncio.StreamWriter) -> AsyncIterator[bool]:
        """Whether a connection may go on; it then counts as waiting until it says who it is."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        peer = writer.get_extra_info("peername")
        try:
            if not peer or not self._terms.admits(peer[0]):
                self._refuse(port, "peer not in YINGDA_ASTERISK_PEERS")
            elif self._waiting[port] >= self._terms.max_waiting:
                self._refuse(port, "too many connections that do not say who they are")
            else:
                self._waiting[port] += 1
                _keep_alive(writer, self._terms.stall_s)
                yield True
                return
            writer.transport.abort()
            yield False
        finally:
            writer.close()

    def _refuse(self, port: str, reason: str) -> None:
        """Count it; say so now and then, whatever the rate."""
        key = f"{port}: {reason}"
        if key not in self._refused and len(self._refused) >= 100:
            key = f"{port}: other"
        self._refused[key] += 1
        now = self._clock()
        if now - self._logged_at.get(key, -_LOG_EVERY_S) >= _LOG_EVERY_S:
            self._logged_at[key] = now
            log.warning("connection refused: %s (%d so far)", key, self._refused[key])


def _keep_alive(writer: asyncio.StreamWriter, stall_s: float) -> None:
    """Have the kernel notice a peer that vanished, and send each frame at once."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, int(stall_s)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, int(stall_s / 3)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(stall_s * 1000))

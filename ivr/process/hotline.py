"""The hotline: admits calls, runs a session for each, keeps them alive at the service."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from ivr.call import CallSession, HttpPhoneService, ServiceDown
from ivr.process.parts import Parts
from ivr.recording import Recorder, Recordings
from ivr.transports import CallTransport

log = logging.getLogger(__name__)

ALIVE_EVERY_S = 20.0
STOP_WITHIN_S = 6.0


class Hotline:
    """All calls of this process.

    Args:
        parts: engines and menu.
        service: the service's door.
        max_calls: calls at once; more are hung up at once, so that those that are up stay good.
        longest_s: longest call with the assistant.
        recordings: where calls are recorded; None: they are not.
    """

    def __init__(
        self,
        parts: Parts,
        service: HttpPhoneService,
        *,
        max_calls: int,
        longest_s: float,
        recordings: Recordings | None = None,
    ) -> None:
        self._parts = parts
        self._service = service
        self._max_calls = max_calls
        self._longest_s = longest_s
        self._recordings = recordings
        self._calls: dict[str, tuple[CallSession, asyncio.Task[Any] | None]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self.answered = 0
        self.refused = 0
        self.latest: list[dict[str, Any]] = []
        """Figures of the calls that ended last, newest last, without what was said."""

    def start(self) -> None:
        """Begin to keep calls alive."""
        self._keeping = asyncio.create_task(self._keep_alive(), name="hotline: alive")

    async def stop(self) -> None:
        """End every call."""
        tasks = [task for _session, task in self._calls.values() if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    @property
    def up(self) -> int:
        """Calls at this moment."""
        return len(self._calls)

    def states(self) -> dict[str, int]:
        """How many calls are in which state."""
        found: dict[str, int] = {}
        for session, _task in self._calls.values():
            found[session.state.value] = found.get(session.state.value, 0) + 1
        return found

    async def answer(self, transport: CallTransport) -> None:
        """Run one call from answer to hang-up; returns when it is over."""
        call_id = transport.caller.call_id
        if self.up >= self._max_calls or call_id in self._calls:
            self.refused += 1
            log.warning("call refused: too many", extra={"call": call_id, "up": self.up})
            await transport.hangup()
            return
        recorder = self._recordings.open(call_id, transport.rate) if self._recordings else None
        if recorder is not None:
            transport = recorder.listening(transport)
        session = self.session(transport, recorder)
        self._calls[call_id] = (session, asyncio.current_task())
        self.answered += 1
        try:
            why = await session.run()
            figures = session.trace.figures()
            self.latest = [*self.latest[-99:], {"why": why, **figures}]
        finally:
            self._calls.pop(call_id, None)
            if recorder is not None:
                recorder.close()

    def session(self, transport: CallTransport, recorder: Recorder | None = None) -> CallSession:
        """A session for a call."""
        vad = self._parts.vad.open(transport.rate) if self._parts.vad is not None else None
        return CallSession(
            transport,
            self._service,
            self._parts.voice,
            self._parts.recogniser,
            vad,
            self._parts.menu,
            longest_s=self._longest_s,
            recorded=recorder is not None,
            spoken=self._parts.spoken,
            tap=recorder.ours if recorder is not None else None,
            caption=getattr(transport, "caption", None),
        )

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY_S)
            if self._calls:
                with suppress(ServiceDown):
                    await self._service.alive(list(self._calls))

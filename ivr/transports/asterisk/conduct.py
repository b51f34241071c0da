"""One call from its introduction to its end: what Asterisk is told, in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

from ivr.doors import Answer
from ivr.transports.asterisk.agi import Agi, AgiError
from ivr.transports.asterisk.call import AsteriskCall, Farewell, Surrender, Transfer
from ivr.transports.asterisk.terms import Terms
from ivr.transports.transport import Caller, TransferResult

log = logging.getLogger(__name__)

STATUS = "YINGDA_STATUS"
"""Channel variable that tells the dial plan how it went: ``DONE``, ``BUSY`` or ``FAILED``."""

PICKED_UP = "yingda-picked-up"
"""Context of the dial plan that an agent's channel runs through when it is picked up."""

_COMMAND_S = 5.0
_MOST_RESUMPTIONS = 3
"""How often sound that broke off without a reason is taken up again in one call."""

_SESSION_GRACE_S = 30.0
"""How long the call flow may take to finish after the caller has gone."""

_STOP_GRACE_S = 5.0
"""The same where our process stops."""

_RESULTS = {
    "ANSWER": TransferResult.ANSWERED,
    "NOANSWER": TransferResult.NO_ANSWER,
    "BUSY": TransferResult.BUSY,
    "CANCEL": TransferResult.CALLER_GONE,
}
"""Dial's DIALSTATUS, compared exactly; everything else (CONGESTION, CHANUNAVAIL, …) is a failure."""


class Conductor:
    """Leads one call.

    ``expecting`` makes the sound port know a token while it is in force, ``ringing`` the control
    port: the latter is shown by an agent's telephone that was picked up.
    """

    def __init__(
        self,
        agi: Agi,
        call: AsteriskCall,
        answer: Answer,
        terms: Terms,
        expecting: Callable[[uuid.UUID, Expectation], AbstractContextManager[None]],
        ringing: Callable[[str, Callable[[], None]], AbstractContextManager[None]],
    ) -> None:
        self._agi = agi
        self._call = call
        self._answer = answer
        self._terms = terms
        self._expecting = expecting
        self._ringing = ringing
        self._session: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Lead the call to its end; raises nothing but cancellation."""
        try:
            why = await self._end_of_lead()
            log.info("call %s over: %s", self._call.caller.call_id, why)
            self._call.end(why)
            self._agi.close()
            await self._settle(_SESSION_GRACE_S)
        except asyncio.CancelledError:  # the dial plan takes the caller
            self._call.end("shutdown")
            self._agi.close()
            await self._settle(_STOP_GRACE_S)
            raise

    async def _end_of_lead(self) -> str:
        """Answer and lead; why it is over, whatever went wrong."""
        try:
            await self._agi.command("ANSWER", _COMMAND_S)
            return await self._lead()
        except AgiError as error:
            if self._agi.hung_up:
                return "hangup"
            log.warning("call %s lost its control: %s", self._call.caller.call_id, error)
            return "control lost"

    async def _lead(self) -> str:
        """Alternate between our sound and agents' extensions; returns why it is over."""
        resumptions = 0
        while True:
            joined = await self._sound()
            wish = self._call.take_wish()
            if wish is None:  # a hang-up may be told later than the end of its sound
                await self._agi.command("CHANNEL STATUS", _COMMAND_S)
            if isinstance(wish, Transfer):
                try:
                    over = await self._transfer(wish)
                finally:
                    self._resolve(wish, TransferResult.CALLER_GONE)  # whatever has gone wrong
                if over is not None:
                    return over
            elif self._agi.hung_up:
                return "hangup"
            elif isinstance(wish, Farewell):
                await self._leave()
                return "ended"
            elif isinstance(wish, Surrender) or not joined or resumptions == _MOST_RESUMPTIONS:
                await self._mark("FAILED")
                return "failed" if isinstance(wish, Surrender) else "sound lost"
            else:
                resumptions += 1
                log.warning("call %s lost its sound; resuming", self._call.caller.call_id)

    async def _transfer(self, wish: Transfer) -> str | None:
        """Do it and tell the call flow; why the call is over, None if it goes on with us."""
        if self._agi.hung_up:
            return "hangup"
        result = await self._dial(wish)
        if result is TransferResult.CALLER_GONE:
            return "hangup"
        if result is TransferResult.ANSWERED:
            self._call.end("transferred")
            self._resolve(wish, result)
            await self._leave()
            return "transferred"
        self._resolve(wish, result)
        return None

    async def _sound(self) -> bool:
        """Have Asterisk connect its sound, until that is over; whether it came to that."""
        expectation = Expectation(self._call, self._terms.handshake_s)
        token = uuid.uuid4()
        arguments = f"{token},{self._terms.audio_address}"
        try:
            with self._expecting(token, expectation):
                async with asyncio.timeout(self._terms.handshake_s) as limit:
                    expectation.limit = limit
                    expectation.joined = self._begin_session
                    await self._agi.execute("AudioSocket", arguments)
        except TimeoutError:
            raise AgiError("no sound, and no word about it") from None
        finally:
            self._call.detach()
        if not expectation.was_joined and not self._agi.hung_up:
            log.error("Asterisk did not reach the sound port at the address it was told")
        return expectation.was_joined

    def _begin_session(self) -> None:
        if self._session is None:
            self._session = asyncio.create_task(self._converse())

    async def _converse(self) -> None:
        try:
            await self._answer(self._call)
        except Exception:  # whatever it was, the caller must not be left in silence
            log.exception("the call flow failed; the dial plan takes the caller")
            self._call.surrender()
        else:
            await self._call.hangup()

    async def _dial(self, wish: Transfer) -> TransferResult:
        target = self._terms.dial.format(extension=wish.extension)
        ring_s = max(1, round(wish.timeout_s))
        token = uuid.uuid4().hex
        options = f"gS({self._terms.max_talk_s})U({PICKED_UP}^{token})"
        with self._ringing(token, wish.answered):
            await self._agi.execute("Dial", f"{target},{ring_s},{options}")
        status = await self._agi.variable("DIALSTATUS", _COMMAND_S)
        result = _RESULTS.get(status or "", TransferResult.FAILED)
        if self._agi.hung_up and result is not TransferResult.ANSWERED:
            result = TransferResult.CALLER_GONE
        log.info("call %s transferred: %s", self._call.caller.call_id, result.value)
        return result

    def _resolve(self, wish: Transfer, result: TransferResult) -> None:
        if not wish.result.done():
            wish.result.set_result(result)

    async def _mark(self, status: str) -> None:
        await self._agi.command(f"SET VARIABLE {STATUS} {status}", _COMMAND_S)

    async def _leave(self) -> None:
        """Hang up; the caller may have been faster."""
        if not self._agi.hung_up:
            with contextlib.suppress(AgiError):
                await self._mark("DONE")
                await self._agi.command("HANGUP", _COMMAND_S)

    async def _settle(self, grace_s: float) -> None:
        """Let the call flow finish its records; end it if it does not."""
        if self._session is None:
            return
        await asyncio.wait([self._session], timeout=grace_s)
        if not self._session.done():
            log.error("a call flow did not end with its call; cancelled")
            self._session.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._session


class Expectation:
    """A call that waits for its sound to connect."""

    def __init__(self, call: AsteriskCall, handshake_s: float) -> None:
        self.call = call
        self.was_joined = False
        self.limit: asyncio.Timeout | None = None
        self.joined: Callable[[], None] = lambda: None
        self._handshake_s = handshake_s

    @contextlib.contextmanager
    def connected(self) -> Iterator[None]:
        """While its connection is up; before and after it, time is limited."""
        self.was_joined = True
        if self.limit is not None:
            self.limit.reschedule(None)
        self.joined()
        try:
            yield
        finally:
            if self.limit is not None and not self.limit.expired():
                now = asyncio.get_running_loop().time()
                with contextlib.suppress(RuntimeError):  # its block is already over
                    self.limit.reschedule(now + self._handshake_s)


def caller_of(introduction: Mapping[str, str]) -> Caller:
    """Who calls, as far as the line says."""
    dialled = introduction.get("agi_dnid", "unknown")
    if dialled in ("", "unknown"):
        dialled = introduction.get("agi_extension", "")
    return Caller(
        call_id=uuid.uuid4().hex,
        door="asterisk",
        number=number_of(introduction.get("agi_callerid", "")),
        dialled=dialled[:40] or None,
    )


_MOBILE = re.compile(r"(?:\+?86|0086|0)?(1[3-9]\d{9})")
_NUMBER = re.compile(r"\+?\d{3,20}")


def number_of(callerid: str) -> str | None:
    """The caller's number, None if withheld.

    Carriers write a Chinese mobile number with the country's code, or with a 0 before it when it
    is from another province; it becomes eleven digits. Other numbers stay as they came.
    """
    if mobile := _MOBILE.fullmatch(callerid):
        return mobile.group(1)
    return callerid if _NUMBER.fullmatch(callerid) else None

"""The line: says something and listens at the same time, and brings back what the caller did.

Everything that waits here waits on the event loop's clock, which is how tests turn it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from ivr.call.ear import (
    Began,
    Done,
    Ear,
    EarEvent,
    Hearing,
    More,
    NotAfterAll,
    Paused,
    Perhaps,
    WentOn,
)
from ivr.call.given import Given, Keys, Nothing, Pressed, Said, Unclear
from ivr.call.mouth import HeardOfUs, Mouth
from ivr.call.utterance import Utterance
from ivr.hearing import Recogniser
from ivr.sound import Vad
from ivr.transports import Audio, CallTransport, Digit, HungUp

log = logging.getLogger(__name__)

FILLERS = frozenset("嗯 啊 哦 呃 额 唔 哎 喔 嗯嗯 啊啊 哦哦 那个".split())
"""What people say while they listen; it is no answer and no interruption."""


class CallerGone(Exception):
    """The caller has hung up, or the wire broke; ``why`` is for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Line:
    """One call's wire, ear and mouth.

    Args:
        transport: the wire.
        recogniser: understands; None where no model is installed (keys still work).
        vad: finds speech; None likewise.
        hearing: when what counts as speech.
        mouth: speaks.
    """

    def __init__(
        self,
        transport: CallTransport,
        recogniser: Recogniser | None,
        vad: Vad | None,
        hearing: Hearing,
        mouth: Mouth,
    ) -> None:
        self.transport = transport
        self.mouth = mouth
        self._recogniser = recogniser
        self._ear = Ear(vad, transport.rate, hearing) if vad is not None and recogniser else None
        self._hearing = hearing
        self._events: asyncio.Queue[EarEvent | Digit] = asyncio.Queue()
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._pump: asyncio.Task[None] | None = None
        self._utterance: Utterance | None = None
        self._closing_until = 0.0
        self._yields = False
        self.cut_off: HeardOfUs | None = None
        """What was heard of the last thing that we said, if it was interrupted."""
        self.signs_of_life = 0
        """How often a key was pressed or something was understood."""

    @property
    def hears(self) -> bool:
        """Whether speech can be understood on this line."""
        return self._ear is not None

    @property
    def gone(self) -> bool:
        """Whether the caller has hung up."""
        return self._gone.done()

    def start(self) -> None:
        """Begin to listen to the wire."""
        self._pump = asyncio.create_task(self._listen(), name="call: wire")

    async def close(self) -> None:
        """Stop everything that runs for this line."""
        await self.mouth.stop()
        await self._forget()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if not self._gone.done():
            self._gone.cancel()

    async def say(self, text: str) -> None:
        """Say something that cannot be interrupted (a goodbye, "one moment").

        Raises:
            CallerGone: the caller has.
        """
        saying = asyncio.ensure_future(self.mouth.say(text))
        await self._until(saying)
        self.cut_off = None

    async def pause(self, seconds: float) -> None:
        """Wait while the caller is there.

        Raises:
            CallerGone: the caller has.
        """
        await asyncio.wait((self._gone,), timeout=seconds)
        self._check()

    async def until[T](self, work: asyncio.Future[T]) -> T:
        """The result of some work, unless the caller hangs up first (then it is cancelled).

        Raises:
            CallerGone: the caller has.
        """
        return await self._until(work)

    async def ask(
        self,
        text: str,
        *,
        answers: bool = False,
        keys: Keys | None = None,
        wait_s: float = 6.0,
        grammar: Sequence[str] | None = None,
        end_ms: int | None = None,
        also: asyncio.Future[object] | None = None,
    ) -> Given:
        """Say something (or nothing) and wait for an answer, which may interrupt it.

        Args:
            text: what to say; empty: only listen.
            answers: it answers what the caller has just said.
            keys: which keys are wanted.
            wait_s: how long to wait for the beginning of an answer once all was said.
            grammar: words that are expected.
            end_ms: silence that ends an answer, if not the usual.
            also: something else to wait for; when it is done and nobody speaks, Nothing is returned.

        Raises:
            CallerGone: the caller has.
        """
        wanted = keys or Keys()
        if self._ear is not None:
            self._ear.patience(end_ms or self._hearing.end_ms)
        self.cut_off = None
        while True:
            saying = asyncio.ensure_future(self.mouth.say(text, answers=answers)) if text else None
            given = await self._once(saying, wanted, wait_s, grammar, also)
            if isinstance(given, Said):
                hollow = not given.text or given.text in FILLERS
                interrupted = self.cut_off
                if hollow and interrupted is not None and interrupted.rest:
                    # A cough, or "mm": we go on where we were.
                    text, answers = interrupted.rest, False
                    continue
                if not given.text:
                    return Unclear(given.cut)
                self.signs_of_life += 1
            elif isinstance(given, Pressed):
                self.signs_of_life += 1
            return given

    async def _once(
        self,
        saying: asyncio.Future[None] | None,
        keys: Keys,
        wait_s: float,
        grammar: Sequence[str] | None,
        also: asyncio.Future[object] | None,
    ) -> Given:
        loop = asyncio.get_running_loop()
        self._yields = saying is not None
        give_up = None if saying is not None else loop.time() + wait_s
        next_event: asyncio.Task[EarEvent | Digit] | None = None
        pressed = ""
        began_at = loop.time()
        try:
            while True:
                self._check()
                if next_event is None:
                    next_event = asyncio.create_task(self._events.get())
                waiting: set[asyncio.Future[object]] = {next_event, self._gone}  # type: ignore[arg-type]
                if saying is not None:
                    waiting.add(saying)  # type: ignore[arg-type]
                if also is not None:
                    waiting.add(also)
                left = None if give_up is None else max(0.0, give_up - loop.time())
                await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                self._check()
                if saying is not None and saying.done():
                    saying.result()
                    saying = None
                    if self._utterance is None and not pressed:
                        give_up = loop.time() + wait_s
                if next_event.done():
                    event, next_event = next_event.result(), None
                    match event:
                        case Digit(key):
                            await self._interrupt(saying)
                            saying = None
                            await self._forget()
                            if key == "#" and pressed:
                                return Pressed(pressed, closed=True)
                            pressed += key
                            if key in "*#" or len(pressed) >= keys.most:
                                if key != "#" and keys.most > 1:
                                    self._expect_closing(keys.between_s)
                                return Pressed(pressed, closed=True)
                            give_up = loop.time() + keys.between_s
                        case Began(pcm) if not pressed and self._recogniser is not None:
                            await self._interrupt(saying)
                            saying = None
                            await self._forget()
                            self._utterance = Utterance(
                                self._recogniser, self.transport.rate, grammar
                            )
                            self._utterance.feed(pcm)
                            began_at, give_up = loop.time(), None
                        case More(pcm) if self._utterance is not None:
                            self._utterance.feed(pcm)
                        case Paused() if self._utterance is not None:
                            self._utterance.paused()
                        case WentOn() if self._utterance is not None:
                            self._utterance.went_on()
                        case Done() as done if self._utterance is not None:
                            return await self._heard(began_at, done)
                    continue
                if also is not None and also.done() and self._utterance is None and not pressed:
                    return Nothing()
                if give_up is not None and loop.time() >= give_up:
                    return Pressed(pressed) if pressed else Nothing()
        finally:
            self._yields = False
            if next_event is not None:
                next_event.cancel()
                with suppress(asyncio.CancelledError):
                    if next_event.done():
                        self._put_back(next_event.result())
            if saying is not None:
                await self.mouth.stop()
            await self._forget()

    async def _heard(self, began_at: float, done: Done) -> Said:
        assert self._utterance is not None  # noqa: S101 - the caller has looked
        loop = asyncio.get_running_loop()
        noticed_at = loop.time()
        utterance = self._utterance
        heard = await self._until(asyncio.ensure_future(utterance.heard()))
        return Said(
            heard.text.strip(),
            heard.confidence,
            began_at,
            noticed_at - done.silence_ms / 1000,
            noticed_at,
            loop.time(),
            done.cut,
        )

    async def _interrupt(self, saying: asyncio.Future[None] | None) -> None:
        if saying is not None:
            heard = await self.mouth.stop()
            self.cut_off = heard if not heard.all else None

    async def _until[T](self, work: asyncio.Future[T]) -> T:
        try:
            await asyncio.wait({work, self._gone}, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
            if not work.done():
                self._check()
            return work.result()
        finally:
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        why = "wire_closed"
        try:
            async for event in self.transport.events():
                match event:
                    case Audio(pcm) if self._ear is not None:
                        level = self.mouth.level(loop.time())
                        for found in self._ear.feed(
                            pcm, we_speak=self.mouth.speaking, our_db=level
                        ):
                            self._take(found)
                    case Digit(key):
                        closes, self._closing_until = loop.time() < self._closing_until, 0.0
                        if not (closes and key == "#"):
                            self._events.put_nowait(event)
                    case HungUp(reason):
                        why = reason
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("the wire failed")
        finally:
            if not self._gone.done():
                self._gone.set_result(why)

    def _take(self, event: EarEvent) -> None:
        match event:
            case Perhaps():
                if self._yields:
                    self.mouth.hold()
            case NotAfterAll():
                self.mouth.go_on()
            case _:
                self._events.put_nowait(event)

    async def _forget(self) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            await utterance.close()

    def _expect_closing(self, within_s: float) -> None:
        """A number is complete: the # that callers are told to end it with says nothing more."""
        waiting = self._waiting()
        first = next((event for event in waiting if isinstance(event, Digit)), None)
        if first is None:
            self._closing_until = asyncio.get_running_loop().time() + within_s
        for event in waiting:
            if event is not first or first.key != "#":
                self._events.put_nowait(event)

    def _waiting(self) -> list[EarEvent | Digit]:
        """What came in and was not looked at, taken out of its queue."""
        waiting: list[EarEvent | Digit] = []
        while not self._events.empty():
            waiting.append(self._events.get_nowait())
        return waiting

    def drop_input(self) -> None:
        """Forget what came in and was not asked for (after a transfer)."""
        self._waiting()

    def _put_back(self, event: EarEvent | Digit) -> None:
        for one in [event, *self._waiting()]:
            self._events.put_nowait(one)

    def _check(self) -> None:
        if self._gone.done() and not self._gone.cancelled():
            raise CallerGone(self._gone.result())

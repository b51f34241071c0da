"""A telephone network, a caller, engines and a service in virtual time: an hour passes at once.

The loop's clock is the only clock of a call, so a loop whose clock jumps to the next timer tests
every timer without waiting. What is played carries its own text, so that a test knows exactly
what the caller has heard.
"""

from __future__ import annotations

import asyncio
import selectors
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from ivr.call import Agent, Answer, CallSession, Menu, Reply, ServiceDown, Standing, load_menu
from ivr.hearing import Heard
from ivr.sound import level_db
from ivr.transports import Audio, Caller, CallEvent, Digit, HungUp, TransferResult
from ivr.voices import VoiceError

RATE, FRAME = 8000, 320
CHAR_MS = 100
MARK = b"ZZ"


class _Jump(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits for ever")
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only when nothing is left to do."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


class FakeVoice:
    """Each character is 100 ms of a level of -18 dBFS that begins with the character itself."""

    name = "fake"

    def __init__(self, first_ms: float = 20) -> None:
        self.first_ms = first_ms
        self.broken = False
        self.spoken: list[str] = []
        self.remembers: set[str] = set()

    async def kept(self, text: str, rate: int) -> bytes | None:
        if text not in self.remembers:
            return None
        sounds = [pcm async for pcm in FakeVoice(0).speak(text, rate)]
        return b"".join(sounds)

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        if self.broken:
            raise VoiceError("gone")
        self.spoken.append(text)
        await asyncio.sleep(self.first_ms / 1000)
        for char in text:
            code = ord(char)
            head = struct.pack("<4h", 0x5A5A, code >> 12, code & 0xFFF, 0x5A5A)
            yield head + b"\x00\x10" * (round(rate * CHAR_MS / 1000 / pace) - 4)


class FakeRecogniser:
    """Understands the texts that the caller is going to say, in order."""

    name = "fake"

    def __init__(self, caller_says: list[str], takes_s: float) -> None:
        self.texts = caller_says
        self.takes_s = takes_s
        self.open = 0

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> FakeStream:
        self.open += 1
        return FakeStream(self)


class FakeStream:
    def __init__(self, engine: FakeRecogniser) -> None:
        self._engine = engine
        self._open = True

    async def feed(self, pcm: bytes) -> str | None:
        return None

    async def finish(self) -> Heard:
        await asyncio.sleep(self._engine.takes_s)
        self.close()
        return Heard(self._engine.texts[0] if self._engine.texts else "", 0.9)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._engine.open -= 1


class LoudVad:
    """Speech is what is louder than -45 dBFS."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, pcm: bytes) -> list[float]:
        self._rest += pcm
        found = []
        while len(self._rest) >= 512:
            found.append(1.0 if level_db(self._rest[:512]) > -45 else 0.0)
            self._rest = self._rest[512:]
        return found


class FakeTransport:
    """A wire at its own pace; ``heard`` is what the caller's ear has got so far."""

    def __init__(self, number: str | None = "13800005678", transfers: bool = True) -> None:
        self.caller = Caller("call-1", "fake", number)
        self.rate = RATE
        self.transfers = transfers
        self.heard = ""
        self.heard_at: list[tuple[float, str]] = []
        self.hung_up_by_us = False
        self.transfer_result = TransferResult.NO_ANSWER
        self.transfer_s = 5.0
        self.transferred: list[str] = []
        self.echo_db: float | None = None
        self._undecoded = b""
        self._out = bytearray()
        self._mic = bytearray()
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._ticking: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()
        self._drained.set()
        self.gone = False
        self.held = False

    def start(self) -> None:
        self._ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while not self.gone:
            await asyncio.sleep(0.02)
            frame = b"" if self.held else bytes(self._out[:FRAME])
            del self._out[: len(frame)]
            self._decode(frame)
            if not self._out:
                self._drained.set()
            mic = bytes(self._mic[:FRAME])
            del self._mic[:FRAME]
            mic += b"\0" * (FRAME - len(mic))
            if self.echo_db is not None and frame and not any(mic):
                factor = 10 ** (self.echo_db / 20)
                samples = struct.unpack(f"<{len(frame) // 2}h", frame)
                mic = struct.pack(f"<{len(samples)}h", *(int(s * factor) for s in samples))
                mic += b"\0" * (FRAME - len(mic))
            self._events.put_nowait(Audio(mic))

    def _decode(self, frame: bytes) -> None:
        # At another pace a character does not begin with a frame, and may lie across two.
        self._undecoded += frame
        while (at := self._undecoded.find(MARK)) >= 0 and len(self._undecoded) >= at + 8:
            _, high, low, _ = struct.unpack("<4h", self._undecoded[at : at + 8])
            char = chr((high << 12) | low)
            self.heard += char
            self.heard_at.append((asyncio.get_running_loop().time(), char))
            self._undecoded = self._undecoded[at + 8 :]
        self._undecoded = self._undecoded[-8:]

    async def events(self) -> AsyncIterator[CallEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, HungUp):
                return

    def play(self, pcm: bytes) -> None:
        if not self.gone:
            self._out += pcm
            self._drained.clear()

    @property
    def queued_ms(self) -> int:
        return len(self._out) // 16

    async def drained(self) -> None:
        await self._drained.wait()

    def flush(self) -> int:
        dropped = self.queued_ms
        self._out.clear()
        self._drained.set()
        self.held = False
        return dropped

    def hold(self, on: bool) -> None:
        self.held = on

    async def transfer(
        self, extension: str, timeout_s: float, answered: Callable[[], None] | None = None
    ) -> TransferResult:
        self.transferred.append(extension)
        await asyncio.sleep(self.transfer_s / 2)
        if self.transfer_result is TransferResult.ANSWERED and answered is not None:
            answered()
        await asyncio.sleep(self.transfer_s / 2)
        return self.transfer_result

    async def hangup(self) -> None:
        if not self.gone:
            await self._drained.wait()
        self.hung_up_by_us = not self.gone
        self.stop()

    def stop(self) -> None:
        self.gone = True
        self._drained.set()
        if self._ticking is not None:
            self._ticking.cancel()

    # The caller's side

    def speak(self, ms: float, level: int = 3000) -> None:
        self._mic += struct.pack("<h", level) * int(RATE * ms / 1000)

    def press(self, key: str) -> None:
        self._events.put_nowait(Digit(key))

    def hang_up(self) -> None:
        self._events.put_nowait(HungUp())
        self.stop()


class FakeService:
    """Answers from a table; keeps what it was told."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, tuple[int, int] | None]] = []
        self.told: list[tuple[str, Any]] = []
        self.standing = Standing(latest=1)
        self._news = asyncio.Event()
        self.turn_s = 0.05
        self.broken = False
        self.codes = {"13800005678": "246810"}
        self.ended: list[str] = []
        self.may = False
        self.rated: list[str] = []

    async def begin(self, caller: Caller, greeting: str, *, recorded: bool) -> Standing:
        self._check()
        self.told.append(("begin", greeting))
        return Standing(latest=1)

    async def turn(
        self, call_id: str, text: str, number: int, choice: tuple[int, int] | None = None
    ) -> Answer:
        await asyncio.sleep(self.turn_s)
        self._check()
        self.asked.append((text, choice))
        return self.answers.get(text, reply(f"您说的是{text}。", intent="query_order"))

    async def prompted(self, call_id: str, text: str, state: str) -> None:
        self.told.append(("prompted", text))

    async def cut_off(self, call_id: str, heard: str) -> None:
        self.told.append(("cut_off", heard))

    async def person(self, call_id: str, why: str) -> Answer:
        self.told.append(("person", why))
        return self.waiting()

    async def watch(self, call_id: str, after: int, wait_s: float) -> Standing:
        self._check()
        if not self._news.is_set():
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                pass
        self._news.clear()
        return self.standing

    async def transferring(self, call_id: str, stage: str) -> None:
        self.told.append(("transferring", stage))

    async def call_back(self, call_id: str, number: str, when: str) -> str:
        self.told.append(("call_back", (number, when)))
        return "今天下午"

    async def send_code(self, call_id: str, mobile: str) -> bool:
        self.told.append(("send_code", mobile))
        return True

    async def check_code(self, call_id: str, code: str) -> str:
        return "ok" if code in self.codes.values() else "wrong"

    async def may_rate(self, call_id: str) -> bool:
        return self.may

    async def rate(self, call_id: str, key: str) -> str:
        self.rated.append(key)
        return "谢谢您的评价。"

    async def end(self, call_id: str, why: str, figures: dict[str, Any]) -> None:
        self.ended.append(why)

    def _check(self) -> None:
        if self.broken:
            raise ServiceDown

    def waiting(self) -> Answer:
        self.standing = Standing(latest=5, owner="human", waiting=True)
        said = Reply(5, "system", "您排在第一位，预计等待约 2 分钟。")
        return Answer((said,), owner="human", waiting=True, latest=5)

    def news(self, **values: Any) -> None:
        self.standing = Standing(latest=values.pop("latest", 6), **values)
        self._news.set()

    def agent(self, extension: str | None = "8001") -> None:
        self.news(owner="human", agent=Agent("小李", extension))


def reply(
    *texts: str,
    intent: str | None = None,
    options: tuple[str, ...] = (),
    expects: str | None = None,
) -> Answer:
    """What the bot says."""
    last = len(texts) - 1
    said = tuple(
        Reply(10 + n, "bot", text, options if n == last else ()) for n, text in enumerate(texts)
    )
    return Answer(said, intent=intent, expects=expects, latest=10 + last)


class World:
    """One call: everything that takes part in it."""

    def __init__(self, **session: Any) -> None:
        self.number = session.pop("number", "13800005678")
        self.transfers = session.pop("transfers", True)
        self.recognises_s = session.pop("recognises_s", 0.3)
        self.deaf = session.pop("deaf", False)
        self._session = session
        self.why = ""

    def run(self, story: Callable[[World], Awaitable[None]]) -> World:
        """Run a call in which the caller does what the story says."""
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(self._run(story))
        return self

    async def _run(self, story: Callable[[World], Awaitable[None]]) -> None:
        self.menu: Menu = load_menu()
        self.transport = FakeTransport(self.number, self.transfers)
        self.service = FakeService()
        self.voice = FakeVoice()
        self.texts: list[str] = []
        self.recogniser = FakeRecogniser(self.texts, self.recognises_s)
        self.session = CallSession(
            self.transport,
            self.service,
            self.voice,
            None if self.deaf else self.recogniser,
            LoudVad(),
            self.menu,
            **self._session,
        )
        before = len(asyncio.all_tasks())
        self.transport.start()
        caller = asyncio.create_task(story(self))  # type: ignore[arg-type]
        call = asyncio.create_task(self.session.run())
        await asyncio.wait({caller, call}, return_when=asyncio.FIRST_COMPLETED)
        if caller.done() and caller.exception() is not None:
            self.transport.hang_up()
        self.why = await call
        if not caller.done():
            caller.cancel()
        done = await asyncio.gather(caller, return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                raise error
        self.transport.stop()
        for _ in range(3):
            await asyncio.sleep(0)
        self.left_behind = len(asyncio.all_tasks()) - before
        self.open_streams = self.recogniser.open
        self.lasted_s = asyncio.get_running_loop().time()

    # What a caller does

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def hears(self, text: str, within_s: float = 120) -> None:
        """Wait until this was heard, from now on (or lately and not yet waited for)."""
        give_up = self.now + within_s
        while text not in self.transport.heard:
            if self.now > give_up:
                raise AssertionError(f"{text} was not heard in …{self.transport.heard[-120:]}")
            await asyncio.sleep(0.02)
        at = self.transport.heard.index(text) + len(text)
        self.transport.heard = self.transport.heard[at:]

    async def says(self, text: str, ms: float | None = None) -> None:
        """Speak; done when the speaking is over."""
        self.texts[:] = [text]
        length = ms or max(300, 180 * len(text))
        self.transport.speak(length)
        await asyncio.sleep(length / 1000)

    async def quiet(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

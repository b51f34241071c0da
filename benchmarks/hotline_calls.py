"""Calls for `benchmarks.hotline`: through a file's door, in real time, with the whole call flow."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ivr.call import CallSession, HttpPhoneService, Menu
from ivr.hearing import Heard, Recogniser, Stream
from ivr.sound import SileroModel, silence
from ivr.spoken import speak_as
from ivr.transports.file import FileTransport, Item, Speech
from ivr.voices import Voice

RATE = 8000
LOAD_S = 15.0
SENTENCES = (
    "你们上海有门店吗",
    "七天无理由退货是怎么规定的",
    "会员等级有什么优惠",
    "现在有什么优惠活动",
    "运费是怎么算的",
)
"""None of them leads to a question for a number, whose end is waited for longer."""

PARTS = ("endpointing", "recognition", "turn", "voice", "total", "words")


@dataclass
class Load:
    """What so many calls at once came to: gaps between frames in ms, answers in seconds."""

    gaps: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    def watch(self, transport: FileTransport) -> None:
        """Time every frame of a call."""
        last: list[float] = []
        frame = transport._frame
        clock = asyncio.get_running_loop().time

        def timed() -> None:
            now = clock()
            if last:
                self.gaps.append((now - last[0]) * 1000)
            last[:] = [now]
            frame()

        transport._frame = timed  # type: ignore[method-assign]


class Deaf:
    """No engine: what is left is the cost of everything else. The sentences in turn are its text."""

    name = "none"

    def __init__(self) -> None:
        self._texts = itertools.cycle(SENTENCES)

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> Deaf:
        """Itself."""
        return self

    async def feed(self, pcm: bytes) -> str | None:
        """Nothing."""
        return None

    async def finish(self) -> Heard:
        """The next sentence."""
        return Heard(next(self._texts), 1.0)

    def close(self) -> None:
        """Nothing."""


class Foreign:
    """An engine of another language: its work is done and timed, its text is replaced by ours."""

    def __init__(self, engine: Recogniser) -> None:
        self._engine = engine
        self._texts = itertools.cycle(SENTENCES)

    @property
    def name(self) -> str:
        """The engine's."""
        return self._engine.name

    async def start(self) -> None:
        """The engine's."""
        await self._engine.start()

    async def stop(self) -> None:
        """The engine's."""
        await self._engine.stop()

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> Stream:
        """The engine's, without our grammar: it does not know the words."""
        return _ForeignStream(self._engine.stream(rate), self._texts)


class _ForeignStream:
    def __init__(self, stream: Stream, texts: itertools.cycle[str]) -> None:
        self._stream = stream
        self._texts = texts

    async def feed(self, pcm: bytes) -> str | None:
        return await self._stream.feed(pcm)

    async def finish(self) -> Heard:
        await self._stream.finish()
        return Heard(next(self._texts), 1.0)

    def close(self) -> None:
        self._stream.close()


@dataclass
class Caller:
    """Calls the hotline's parts. One voice activity model for all calls, as in the hotline."""

    service: HttpPhoneService
    voice: Voice
    recogniser: Recogniser
    menu: Menu
    vad: SileroModel = field(default_factory=SileroModel)

    async def talk(self, items: Sequence[Item], load: Load | None = None) -> CallSession:
        """One call, to its end; with ``load`` it is timed there, also when it is cut off."""
        transport = FileTransport(items, RATE)
        session = CallSession(
            transport,
            self.service,
            self.voice,
            self.recogniser,
            self.vad.open(RATE),
            self.menu,
            spoken=speak_as,
            longest_s=300,
        )
        if load is not None:
            load.watch(transport)
        transport.start()
        try:
            await session.run()
        finally:
            await transport.close()
            if load is not None:
                turns = session.trace.figures()["turns"]
                load.answers += [turn["total"] for turn in turns if turn["total"] is not None]
        return session


async def spoken(voice: Voice, text: str) -> Speech:
    """A sentence as a caller says it, with a breath before and after."""
    sound = b"".join([pcm async for pcm in voice.speak(text, RATE)])
    return Speech(silence(200, RATE) + sound + silence(900, RATE))


async def decomposition(
    caller: Caller, items: Sequence[Speech], rounds: int, first: str, later: str
) -> dict[str, dict[str, list[float]]]:
    """What the wait for an answer is made of: ``first`` names the first round, ``later`` the rest."""
    found: dict[str, dict[str, list[float]]] = {}
    for number in range(rounds + 1):
        session = await caller.talk(items)
        kept = found.setdefault(later if number else first, {part: [] for part in PARTS})
        for turn in session.trace.figures()["turns"]:
            for part in PARTS:
                if turn[part] is not None:
                    kept[part].append(turn[part])
    return found


async def load(caller: Caller, calls: int, items: Sequence[Speech]) -> Load:
    """So many calls at once for LOAD_S, each asking and hearing something."""
    found = Load()

    async def one(number: int) -> None:
        await asyncio.sleep(number * 0.37 % 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOAD_S):
                start = number % len(items)
                await caller.talk([*items[start:], *items[:start]], found)

    await asyncio.gather(*(one(number) for number in range(calls)))
    return found

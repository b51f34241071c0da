"""The transport under a scripted call flow, called by real phones through a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.settings import load_settings
from ivr.transports import Audio, CallEvent, CallTransport, Digit, HungUp, TransferResult
from ivr.transports.asterisk import AsteriskDoor
from tests.telephony.pbx import HOTLINE, Pbx
from tests.telephony.phones import Phones
from tests.telephony.sounds import seconds, spans, tone, write_wav

GREETING, REPLY, CUSTOMER, AGENT = 700.0, 1200.0, 1000.0, 1700.0


class Flow:
    """A scripted call flow: plays a greeting, notes everything, and does ``then``."""

    def __init__(
        self,
        then: Callable[[CallTransport, Flow], Awaitable[None]],
        greeting_s: float = 0.5,
    ) -> None:
        self.events: list[CallEvent] = []
        self.call: CallTransport | None = None
        self.results: list[TransferResult] = []
        self.times: dict[str, float] = {}
        self.news = asyncio.Condition()
        self.over = asyncio.Event()
        self._then = then
        self._greeting = tone(GREETING, greeting_s)

    async def __call__(self, call: CallTransport) -> None:
        self.call = call
        call.play(self._greeting)
        listening = asyncio.create_task(self._listen(call))
        try:
            await self._then(call, self)
            await listening
        finally:
            listening.cancel()
            self.over.set()

    async def until(self, found: Callable[[], object], timeout_s: float = 20) -> None:
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(found), timeout_s)

    @property
    def keys(self) -> str:
        return "".join(event.key for event in self.events if isinstance(event, Digit))

    @property
    def sound(self) -> bytes:
        return b"".join(event.pcm for event in self.events if isinstance(event, Audio))

    @property
    def end(self) -> HungUp | None:
        last = self.events[-1] if self.events else None
        return last if isinstance(last, HungUp) else None

    async def _listen(self, call: CallTransport) -> None:
        async for event in call.events():
            async with self.news:
                self.events.append(event)
                self.news.notify_all()


async def stay(call: CallTransport, flow: Flow) -> None:
    """Do nothing but listen."""


@asynccontextmanager
async def serving(
    pbx: Pbx, flow: Callable[[CallTransport], Awaitable[None]]
) -> AsyncIterator[AsteriskDoor]:
    """Our door behind this Asterisk; nothing may be left of its calls."""
    door = AsteriskDoor(
        load_settings(
            _env_file=None,
            demo=True,
            asterisk=True,
            asterisk_agi_port=pbx.agi_port,
            asterisk_audio_port=pbx.audio_port,
        )
    )
    await door.start(flow)
    try:
        yield door
        async with asyncio.timeout(10):
            while door.state()["calls"]:  # noqa: ASYNC110 - the door has no event for tests
                await asyncio.sleep(0.02)
    finally:
        await door.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "asterisk" in repr(task)]


async def test_the_greeting_is_heard_and_the_caller_is_known(pbx: Pbx, phones: Phones) -> None:
    async def part(call: CallTransport, flow: Flow) -> None:
        await call.drained()
        await call.hangup()

    flow = Flow(part)
    phone = await phones.carrier("013912345678")
    async with serving(pbx, flow):
        await phone.call(pbx.carrier_uri())
        await phone.until_over()
        await flow.over.wait()
    assert flow.call is not None
    assert flow.call.caller.number == "13912345678"
    assert flow.call.caller.dialled == HOTLINE
    assert flow.end is not None
    [(begin, end)] = spans(await phone.heard(), GREETING)
    assert end - begin == pytest.approx(0.5, abs=0.05)
    assert begin < 0.5


async def test_speech_arrives_whole_and_each_key_once(
    pbx: Pbx, phones: Phones, tmp_path: Path
) -> None:
    flow = Flow(stay)
    phone = await phones.carrier()
    async with serving(pbx, flow):
        await phone.call(pbx.carrier_uri())
        await phone.tell(f"play {write_wav(tmp_path / 'said.wav', tone(CUSTOMER, 1.5))}")
        await flow.until(lambda: seconds(flow.sound[-32000:], CUSTOMER) > 1.4)
        await phone.tell("digits 1#*0099")
        await flow.until(lambda: len(flow.keys) >= 7)
        await asyncio.sleep(0.5)
        await phone.hang_up()
        await flow.over.wait()
    assert flow.keys == "1#*0099"
    assert flow.end is not None and flow.end.why == "hangup"
    assert seconds(flow.sound, CUSTOMER) == pytest.approx(1.5, abs=0.1)


async def test_playback_stops_when_flushed(pbx: Pbx, phones: Phones, tmp_path: Path) -> None:
    async def give_way(call: CallTransport, flow: Flow) -> None:
        await flow.until(lambda: seconds(flow.sound[-3200:], CUSTOMER) > 0.1)
        flow.times["left_ms"] = call.flush()

    flow = Flow(give_way, greeting_s=20.0)
    phone = await phones.carrier()
    async with serving(pbx, flow):
        await phone.call(pbx.carrier_uri())
        sound_at = await phone.until("sound")
        await asyncio.sleep(1.0)
        await phone.tell(f"play {write_wav(tmp_path / 'said.wav', tone(CUSTOMER, 1.0))}")
        speaks_at = await phone.until("playing") - sound_at
        await flow.until(lambda: "left_ms" in flow.times or None)
        await asyncio.sleep(0.5)
        await phone.hang_up()
    heard = spans(await phone.heard(), GREETING)
    assert heard[-1][1] - speaks_at < 0.6
    assert sum(end - begin for begin, end in heard) == pytest.approx(
        20.0 - flow.times["left_ms"] / 1000, abs=0.1
    )


async def test_a_transfer_connects_both_ways_and_ends_the_call(
    pbx: Pbx, phones: Phones, tmp_path: Path
) -> None:
    async def connect(call: CallTransport, flow: Flow) -> None:
        flow.results.append(await call.transfer("8001", 20))

    flow = Flow(connect)
    customer, agent = await phones.carrier(), await phones.extension("8001")
    async with serving(pbx, flow):
        await customer.call(pbx.carrier_uri())
        await agent.until("rung")
        await agent.tell("answer")
        await agent.until("sound")
        await customer.tell(f"play {write_wav(tmp_path / 'c.wav', tone(CUSTOMER, 1.0))}")
        await agent.tell(f"play {write_wav(tmp_path / 'a.wav', tone(AGENT, 1.0))}")
        await asyncio.sleep(1.6)
        await agent.hang_up()
        await customer.until_over()
        await flow.over.wait()
    assert flow.results == [TransferResult.ANSWERED]
    assert flow.end is not None and flow.end.why == "transferred"
    heard = await customer.heard()
    assert seconds(heard, AGENT) == pytest.approx(1.0, abs=0.15)
    assert seconds(heard, GREETING) == pytest.approx(0.5, abs=0.05)
    assert seconds(await agent.heard(), CUSTOMER) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("agent_does", "result"),
    [
        ("nothing", TransferResult.NO_ANSWER),
        ("reject 486", TransferResult.BUSY),
        ("is not there", TransferResult.FAILED),
    ],
)
async def test_after_a_transfer_in_vain_the_same_session_goes_on(
    pbx: Pbx, phones: Phones, tmp_path: Path, agent_does: str, result: TransferResult
) -> None:
    async def try_agent(call: CallTransport, flow: Flow) -> None:
        flow.results.append(await call.transfer("8002", 1.5))
        call.play(tone(REPLY, 0.5))
        await flow.until(lambda: flow.keys)
        await call.hangup()

    flow = Flow(try_agent)
    customer = await phones.carrier()
    agent = await phones.extension("8002") if agent_does != "is not there" else None
    async with serving(pbx, flow):
        await customer.call(pbx.carrier_uri())
        if agent is not None:
            await agent.until("rung")
            if agent_does != "nothing":
                await agent.tell(agent_does)
            await agent.until_over()
        await flow.until(lambda: flow.results or None)
        await asyncio.sleep(0.8)
        await customer.tell("digits 5")
        await customer.until_over()
        await flow.over.wait()
    assert flow.results == [result]
    assert flow.keys == "5"
    assert seconds(await customer.heard(), REPLY) == pytest.approx(0.5, abs=0.05)

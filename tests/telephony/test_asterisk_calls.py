"""The transport under a scripted call flow, called by real phones through a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ivr.transports import Audio, CallEvent, CallTransport, Digit, HungUp, TransferResult
from tests.telephony.pbx import HOTLINE, Pbx
from tests.telephony.phones import Phones
from tests.telephony.serving import serving
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
        await asyncio.sleep(0.7)  # a phone drops what comes right after a new stream began
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
    assert seconds(heard, GREETING) == pytest.approx(0.5, abs=0.15)  # its end is drawn out
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
    heard = await customer.heard()
    assert seconds(heard, REPLY) == pytest.approx(0.5, abs=0.05)
    if agent_does == "nothing":  # the ringing tone of China, one second of five
        assert seconds(heard, 450.0) == pytest.approx(1.0, abs=0.15)


async def test_a_caller_who_gives_up_while_the_agent_is_rung_is_gone(
    pbx: Pbx, phones: Phones
) -> None:
    async def connect(call: CallTransport, flow: Flow) -> None:
        flow.results.append(await call.transfer("8001", 20))
        call.play(tone(REPLY, 0.5))
        await call.drained()
        assert await call.transfer("8001", 20) is TransferResult.CALLER_GONE

    flow = Flow(connect)
    customer, agent = await phones.carrier(), await phones.extension("8001")
    async with serving(pbx, flow):
        await customer.call(pbx.carrier_uri())
        await agent.until("rung")
        await customer.hang_up()
        await agent.until_over()
        await flow.over.wait()
    assert flow.results == [TransferResult.CALLER_GONE]
    assert flow.end is not None and flow.end.why == "hangup"


async def test_a_fault_in_the_call_flow_leaves_the_caller_with_the_agents(
    pbx: Pbx, phones: Phones, tmp_path: Path
) -> None:
    async def break_down(call: CallTransport, flow: Flow) -> None:
        raise RuntimeError("a fault")

    flow = Flow(break_down, greeting_s=5.0)
    customer, agent = await phones.carrier(), await phones.extension("8002")
    async with serving(pbx, flow):
        await customer.call(pbx.carrier_uri())
        await agent.until("rung")
        await agent.tell("answer")
        await agent.until("sound")
        await customer.tell(f"play {write_wav(tmp_path / 'c.wav', tone(CUSTOMER, 1.0))}")
        await asyncio.sleep(1.3)
        await agent.hang_up()
        await customer.until_over()
    assert seconds(await agent.heard(), CUSTOMER) == pytest.approx(1.0, abs=0.15)


async def test_when_we_stop_callers_go_to_the_agents(pbx: Pbx, phones: Phones) -> None:
    flow = Flow(stay)
    customer, agent = await phones.carrier(), await phones.extension("8002")
    async with serving(pbx, flow) as door:
        await customer.call(pbx.carrier_uri())
        await flow.until(lambda: flow.events)
        await door.stop()
        await agent.until("rung")
        await customer.hang_up()


async def test_when_nobody_serves_callers_go_to_the_agents(pbx: Pbx, phones: Phones) -> None:
    customer, agent = await phones.carrier(), await phones.extension("8002")
    await customer.tell(f"call {pbx.carrier_uri()}")
    await agent.until("rung")
    await customer.hang_up()


async def test_more_calls_than_we_take_go_to_the_agents(pbx: Pbx, phones: Phones) -> None:
    flow = Flow(stay)
    first, second = await phones.carrier("13800000001"), await phones.carrier("13800000002")
    agent = await phones.extension("8002")
    async with serving(pbx, flow, asterisk_max_calls=1):
        await first.call(pbx.carrier_uri())
        await flow.until(lambda: flow.events)
        await second.tell(f"call {pbx.carrier_uri()}")
        await agent.until("rung")
        await second.hang_up()
        assert flow.end is None
        await first.hang_up()


async def test_a_softphone_reaches_the_hotline(pbx: Pbx, phones: Phones) -> None:
    flow = Flow(stay)
    phone = await phones.extension("7001")
    async with serving(pbx, flow):
        await phone.call(f"sip:4001@127.0.0.1:{pbx.sip_port}")
        await flow.until(lambda: flow.events)
        await phone.hang_up()
        await flow.over.wait()
    assert flow.call is not None and flow.call.caller.number == "7001"


async def test_strangers_cannot_call(pbx: Pbx, phones: Phones) -> None:
    stranger = await phones.stranger()
    await stranger.tell(f"call {pbx.carrier_uri()}")
    await stranger.until("state", state="DISCONNECTED", code=401)

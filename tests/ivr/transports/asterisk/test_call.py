"""A call's sound, keys and ends, without a network or a clock."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ivr.transports import Audio, Caller, CallEvent, Digit, HungUp, TransferResult
from ivr.transports.asterisk.audiosocket import SILENCE, Frame, Kind
from ivr.transports.asterisk.beat import Beat
from ivr.transports.asterisk.call import AsteriskCall, Transfer
from ivr.transports.asterisk.leg import Leg
from ivr.transports.transport import FRAME_MS, MOST_HELD_MS

LOUD = b"\x10\x20" * 160


class HandBeat(Beat):
    """Beats when the test says."""

    def beat(self, times: int = 1) -> None:
        for _ in range(times):
            for listener in tuple(self._listeners):
                listener()

    def add(self, listener) -> None:  # type: ignore[no-untyped-def]
        self._listeners.add(listener)


class Wire:
    """Takes what a leg sends."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.open = True
        self.left = False

    def send(self, pcm: bytes) -> None:
        self.sent.append(pcm)

    def leave(self) -> None:
        self.left, self.open = True, False

    def abort(self) -> None:
        self.open = False


@pytest.fixture
def beat() -> HandBeat:
    return HandBeat()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def call(beat: HandBeat, wire: Wire) -> AsteriskCall:
    made = AsteriskCall(Caller("c", "asterisk"), beat)
    made.attach(wire)  # type: ignore[arg-type]
    return made


async def heard(call: AsteriskCall) -> list[CallEvent]:
    call.end("test over")
    return [event async for event in call.events() if not isinstance(event, HungUp)]


async def test_silence_is_sent_between_sounds(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    beat.beat(2)
    call.play(LOUD + LOUD[:100])
    assert call.queued_ms == 26
    beat.beat(3)
    assert wire.sent == [SILENCE, SILENCE, LOUD, LOUD[:100].ljust(320, b"\0"), SILENCE]
    await call.drained()


async def test_flushing_tells_what_was_not_heard(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    call.play(LOUD * 10)
    beat.beat(3)
    assert call.flush() == 140
    beat.beat()
    assert wire.sent[-1] == SILENCE
    await call.drained()


async def test_what_is_held_is_heard_later_and_whole(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    call.play(LOUD * 3)
    beat.beat()
    call.hold(True)
    beat.beat(2)
    assert call.queued_ms == 40
    call.hold(False)
    beat.beat(2)
    await call.drained()
    assert wire.sent == [LOUD, SILENCE, SILENCE, LOUD, LOUD]


async def test_nothing_is_held_for_ever_nor_after_a_flush(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    call.play(LOUD)
    call.hold(True)
    beat.beat(30)
    assert wire.sent.index(LOUD) == MOST_HELD_MS // FRAME_MS
    call.play(LOUD)
    call.hold(True)
    assert call.flush() == 20
    call.play(LOUD)
    beat.beat()
    assert wire.sent[-1] == LOUD


async def test_sound_of_any_length_is_heard_in_frames(call: AsteriskCall) -> None:
    for size in (480, 160, 320, 20):
        call.hear(Frame(Kind.SOUND, LOUD[:2] * (size // 2)))
    assert await heard(call) == [Audio(LOUD)] * 3


async def test_where_the_wire_is_quiet_silence_is_heard_at_the_same_pace(
    call: AsteriskCall, beat: HandBeat
) -> None:
    for _ in range(10):
        call.hear(Frame(Kind.SOUND, LOUD))
        beat.beat()
    beat.beat(50)
    events = await heard(call)
    assert events[:10] == [Audio(LOUD)] * 10
    assert events[10:] == [Audio(SILENCE)] * (50 - 5)


async def test_late_sound_is_heard_and_not_doubled_by_silence(
    call: AsteriskCall, beat: HandBeat
) -> None:
    for _ in range(20):
        beat.beat(4)
        for _ in range(4):
            call.hear(Frame(Kind.SOUND, LOUD))
    assert await heard(call) == [Audio(LOUD)] * 80


async def test_keys_are_heard_once_and_no_others(call: AsteriskCall) -> None:
    for key in b"15*#AD\xff ":
        call.hear(Frame(Kind.DIGIT, bytes([key])))
    assert await heard(call) == [Digit(key) for key in "15*#"]


async def test_a_flow_that_does_not_listen_costs_ten_seconds_of_sound_at_most(
    call: AsteriskCall,
) -> None:
    for _ in range(5000):
        call.hear(Frame(Kind.SOUND, LOUD))
    call.hear(Frame(Kind.DIGIT, b"7"))
    events = await heard(call)
    assert len(events) == 501
    assert events[-1] == Digit("7")


async def test_nothing_works_and_nothing_fails_after_the_end(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    call.play(LOUD)
    call.end("hangup")
    call.end("again")
    call.play(LOUD)
    beat.beat()
    assert wire.sent == []
    assert call.queued_ms == call.flush() == 0
    await call.drained()
    await call.hangup()
    assert await call.transfer("8001", 1) is TransferResult.CALLER_GONE
    assert [event async for event in call.events()] == [HungUp("hangup")]


@pytest.mark.parametrize("extension", ["", "8001,60", "8001&PJSIP/9", "80 01", '8"1', "x" * 33])
async def test_an_extension_that_says_more_than_a_number_is_not_dialled(
    call: AsteriskCall, wire: Wire, extension: str
) -> None:
    assert await call.transfer(extension, 1) is TransferResult.FAILED
    assert not wire.left


async def test_a_transfer_waits_for_the_sentence_before_it(
    call: AsteriskCall, beat: HandBeat, wire: Wire
) -> None:
    call.play(LOUD * 2)
    transferring = asyncio.create_task(call.transfer("8001", 1))
    await asyncio.sleep(0)
    assert not wire.left
    beat.beat(2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.left
    wish = call.take_wish()
    assert isinstance(wish, Transfer)
    wish.result.set_result(TransferResult.BUSY)
    assert await transferring is TransferResult.BUSY


async def test_a_peer_that_takes_nothing_loses_its_connection() -> None:
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=ours)
    leg = Leg(reader, writer, stall_s=1.0)
    sent = 0
    while leg.open:
        leg.send(LOUD)
        sent += 1
        assert sent < 1000
    assert sent > 50
    assert [frame async for frame in leg.frames()] == []
    theirs.close()


async def test_the_beat_makes_up_for_a_little_and_skips_a_lot() -> None:
    now = 0.0
    beats = 0

    def count() -> None:
        nonlocal beats
        beats += 1

    async def settle(expected: int) -> None:
        async with asyncio.timeout(10):
            while beats < expected:  # noqa: ASYNC110 - the beat sleeps in real time
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)

    beat = Beat(lambda: now)
    beat.add(count)
    await settle(1)
    now = 0.065
    await settle(4)
    now = 10.0
    await settle(9)
    assert beats == 9  # 1, then 3 for 65 ms, then no more than 5
    await beat.stop()


async def test_one_listener_s_fault_silences_nobody_else() -> None:
    heard = asyncio.Event()

    def fail() -> None:
        raise RuntimeError("a fault")

    beat = Beat()
    beat.add(fail)
    beat.add(heard.set)
    await asyncio.wait_for(heard.wait(), 5)
    await beat.stop()

"""Good and hostile peers on both ports, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import tracemalloc
import uuid
from collections.abc import Iterator

import pytest

from ivr.transports import Audio, CallTransport, Digit, HungUp, TransferResult
from tests.ivr.transports.asterisk.line import INTRODUCTION, Line, Ports, door, frame

SILENT_S = 0.3


class Flow:
    """Notes what happens in the last call."""

    def __init__(self, transfer: str | None = None) -> None:
        self.keys = ""
        self.sounds = 0
        self.why: str | None = None
        self.result: TransferResult | None = None
        self.picked_up = asyncio.Event()
        self.calls = 0
        self._transfer = transfer

    async def __call__(self, call: CallTransport) -> None:
        self.calls += 1
        if self._transfer is not None:
            self.result = await call.transfer(self._transfer, 5, self.picked_up.set)
        async for event in call.events():
            if isinstance(event, Digit):
                self.keys += event.key
                if event.key == "#":
                    await call.hangup()
            elif isinstance(event, Audio):
                self.sounds += 1
            elif isinstance(event, HungUp):
                self.why = event.why


@pytest.fixture
def flow() -> Flow:
    return Flow()


async def one_good_call(ports: Ports) -> Line:
    """A call that works from beginning to end."""
    line = Line(ports)
    running = asyncio.create_task(line.run())
    await asyncio.wait_for(line.up.wait(), 10)
    await line.say(frame(0x10, bytes(320)) + frame(0x03, b"7") + frame(0x03, b"#"))
    await asyncio.wait_for(running, 10)
    assert line.hung_up_on
    assert line.status == "DONE"
    return line


class TestCalls:
    async def test_control_and_sound_become_one_call(self, flow: Flow) -> None:
        async with door(flow) as ports:
            line = await one_good_call(ports)
            await ports.until_idle()
        assert line.commands[0] == "ANSWER"
        assert flow.keys == "7#"
        assert flow.why == "ended"
        assert flow.sounds >= 1

    async def test_a_caller_who_hangs_up_ends_the_session(self, flow: Flow) -> None:
        async with door(flow) as ports:
            line = Line(ports)
            running = asyncio.create_task(line.run())
            await line.up.wait()
            line.hang_up()
            await running
            await ports.until_idle()
        assert flow.why == "hangup"
        assert not line.hung_up_on

    @pytest.mark.parametrize(
        ("said", "result"),
        [
            ("NOANSWER", TransferResult.NO_ANSWER),
            ("BUSY", TransferResult.BUSY),
            ("CHANUNAVAIL", TransferResult.FAILED),
            ("CONGESTION", TransferResult.FAILED),
            ("NEWWORD", TransferResult.FAILED),
        ],
    )
    async def test_after_a_transfer_in_vain_sound_comes_up_again(
        self, said: str, result: TransferResult
    ) -> None:
        flow = Flow(transfer="8001")
        async with door(flow) as ports:
            line = Line(ports, dial=said)
            running = asyncio.create_task(line.run())
            async with asyncio.timeout(10):
                while line.legs < 2:  # noqa: ASYNC110 - the line's state
                    await asyncio.sleep(0.01)
            await line.say(frame(0x03, b"#"))
            await asyncio.wait_for(running, 10)
        assert flow.result is result
        assert not flow.picked_up.is_set()
        assert flow.calls == 1
        assert any(command.startswith('EXEC Dial "PJSIP/8001,5,') for command in line.commands)

    async def test_an_answered_transfer_ends_the_call(self) -> None:
        flow = Flow(transfer="8001")
        async with door(flow) as ports:
            line = Line(ports, dial="ANSWER")
            await asyncio.wait_for(line.run(), 10)
            await ports.until_idle()
        assert flow.result is TransferResult.ANSWERED
        assert flow.picked_up.is_set()
        assert flow.why == "transferred"
        assert line.legs == 1

    async def test_sound_that_breaks_off_is_taken_up_again_a_few_times(self, flow: Flow) -> None:
        async with door(flow) as ports:
            line = Line(ports)
            running = asyncio.create_task(line.run())
            for leg in range(4):
                async with asyncio.timeout(10):
                    while line.legs <= leg:  # noqa: ASYNC110 - the line's state
                        await asyncio.sleep(0.01)
                await line.say(frame(0x55, b"not a kind of ours"))
            await asyncio.wait_for(running, 10)
            await ports.until_idle()
        assert flow.calls == 1
        assert line.status == "FAILED"
        assert not line.hung_up_on
        assert flow.why == "sound lost"

    async def test_where_no_sound_comes_the_dial_plan_is_told(self, flow: Flow) -> None:
        async with door(flow) as ports:
            line = Line(ports, connects=False)
            await asyncio.wait_for(line.run(), 10)
        assert line.status == "FAILED"
        assert flow.calls == 0

    async def test_more_calls_than_we_take_are_told_so_unanswered(self, flow: Flow) -> None:
        async with door(flow, asterisk_max_calls=1) as ports:
            first, second = Line(ports), Line(ports)
            running = asyncio.create_task(first.run())
            await first.up.wait()
            await asyncio.wait_for(second.run(), 10)
            assert second.status == "BUSY"
            assert "ANSWER" not in second.commands
            first.hang_up()
            await running
            await ports.until_idle()
            await one_good_call(ports)

    async def test_a_uuid_is_good_for_one_connection(self, flow: Flow) -> None:
        async with door(flow) as ports:
            line = Line(ports)
            running = asyncio.create_task(line.run())
            await line.up.wait()
            await line.say(frame(0x10, bytes(320)))
            intruder = frame(0x01, line.tokens[0].bytes) + frame(0x03, b"0")
            assert await ports.answer_to(ports.audio, intruder) == b""
            await line.say(frame(0x03, b"#"))
            await running
            await ports.until_idle()
        assert flow.keys == "#"

    async def test_the_caller_s_number_is_in_no_log(
        self, flow: Flow, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG, "ivr"):
            async with door(flow) as ports:
                await one_good_call(ports)
        assert caplog.records
        assert "13800138000" not in caplog.text


CONTROL = {
    "garbage": b"\x00\xff\x10\x80" * 100,
    "a web browser": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another script": b"agi_network: yes\nagi_network_script: shell\n\n",
    "no script": b"agi_network: yes\n\n",
    "a telephone that we did not ring": b"agi_network: yes\nagi_network_script: picked-up\n"
    b"agi_arg_1: 0123456789abcdef0123456789abcdef\n\n",
    "an endless line": b"agi_x: " + b"x" * 100_000,
    "endless lines": b"agi_x: y\n" * 10_000,
    "half an introduction": b"agi_network: yes\nagi_netw",
    "silence": b"",
}
SOUND = {
    "a wrong kind": frame(0x02, b"x"),
    "another rate": frame(0x12, bytes(640)),
    "sound and no UUID": frame(0x10, bytes(320)) * 50,
    "a key and no UUID": frame(0x03, b"0"),
    "a short UUID": frame(0x01, bytes(15)),
    "a long UUID": frame(0x01, bytes(17)),
    "an unknown UUID": frame(0x01, uuid.uuid4().bytes) + frame(0x10, bytes(320)),
    "UUID zero": frame(0x01, bytes(16)),
    "a huge frame": b"\x10\xff\xff" + bytes(1000),
    "half a frame": frame(0x01, bytes(16))[:10],
    "half a header": b"\x01",
    "an end": frame(0x00),
    "garbage": b"\xde\xad\xbe\xef" * 1000,
    "silence": b"",
}


class TestHostilePeers:
    @pytest.mark.parametrize("said", CONTROL.values(), ids=CONTROL.keys())
    @pytest.mark.parametrize("closes", [False, True], ids=["stays", "closes"])
    async def test_the_control_port_refuses(self, flow: Flow, said: bytes, closes: bool) -> None:
        async with door(flow, asterisk_handshake_s=SILENT_S) as ports:
            assert await ports.answer_to(ports.agi, said, half_close=closes) == b""
            assert sum(ports.refused.values()) == 1
            await one_good_call(ports)
        assert flow.calls == 1

    @pytest.mark.parametrize("said", SOUND.values(), ids=SOUND.keys())
    @pytest.mark.parametrize("closes", [False, True], ids=["stays", "closes"])
    async def test_the_sound_port_refuses(self, flow: Flow, said: bytes, closes: bool) -> None:
        async with door(flow, asterisk_handshake_s=SILENT_S) as ports:
            assert await ports.answer_to(ports.audio, said, half_close=closes) == b""
            assert sum(ports.refused.values()) == 1
            await one_good_call(ports)
        assert flow.calls == 1

    async def test_a_stranger_s_address_is_cut_off_unheard(
        self, flow: Flow, caplog: pytest.LogCaptureFixture
    ) -> None:
        introduction = "".join(f"{name}: {value}\n" for name, value in INTRODUCTION.items())
        async with door(flow, asterisk_peers=["192.0.2.0/24"]) as ports:
            assert await ports.answer_to(ports.agi, introduction.encode() + b"\n") == b""
            assert await ports.answer_to(ports.audio, frame(0x01, bytes(16))) == b""
            assert list(ports.refused) == [
                "control: peer not in YINGDA_ASTERISK_PEERS",
                "sound: peer not in YINGDA_ASTERISK_PEERS",
            ]
        assert flow.calls == 0
        assert "refused" in caplog.text

    async def test_a_peer_that_answers_nothing_does_not_hold_a_call_for_ever(
        self, flow: Flow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ivr.transports.asterisk.conduct._COMMAND_S", SILENT_S)
        introduction = "".join(f"{name}: {value}\n" for name, value in INTRODUCTION.items())
        async with door(flow) as ports:
            said = await ports.answer_to(ports.agi, introduction.encode() + b"\n")
            await ports.until_idle()
        assert said == b"ANSWER\n"

    @pytest.mark.parametrize("port", ["agi", "audio"])
    async def test_a_flood_is_refused_and_leaves_nothing_behind(
        self, flow: Flow, port: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with door(flow, asterisk_handshake_s=SILENT_S, asterisk_max_waiting=8) as ports:

            async def flood(connections: int) -> None:
                said = b"" if port == "agi" else b"\x01\x00"
                await asyncio.gather(
                    *(ports.answer_to(getattr(ports, port), said) for _ in range(connections))
                )

            with memory_traced():
                await flood(100)  # what is allocated once is allocated now
                await one_good_call(ports)
                await ports.until_idle()
                before = await resources()
                await flood(400)
                await one_good_call(ports)
                await ports.until_idle()
                after = await resources()
            assert after.sockets == before.sockets
            assert after.tasks == before.tasks
            assert after.memory - before.memory < 240_000  # a leaked connection holds kilobytes
            reasons = ports.refused
        assert any("too many connections" in reason for reason in reasons)
        assert sum(reasons.values()) == 500
        assert len(caplog.records) < 20  # not a line for each

    async def test_calls_leave_nothing_behind(self, flow: Flow) -> None:
        async with door(flow) as ports:
            with memory_traced():
                for _ in range(5):
                    await one_good_call(ports)
                await ports.until_idle()
                before = await resources()
                for _ in range(30):
                    await one_good_call(ports)
                await ports.until_idle()
                after = await resources()
        assert after.sockets == before.sockets
        assert after.tasks == before.tasks
        assert after.memory - before.memory < 240_000  # a leaked connection holds kilobytes


class Resources:
    """Sockets, tasks and memory of this process."""

    def __init__(self) -> None:
        gc.collect()
        self.sockets = len(os.listdir("/proc/self/fd"))
        self.tasks = len(asyncio.all_tasks())
        self.memory = tracemalloc.get_traced_memory()[0]


async def resources() -> Resources:
    """What there is once everything that was closed is gone."""
    await asyncio.sleep(0.1)
    return Resources()


@contextlib.contextmanager
def memory_traced() -> Iterator[None]:
    """Only for as long as needed: it slows everything down."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()

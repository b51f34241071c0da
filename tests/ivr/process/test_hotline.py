"""The hotline: how many calls it takes, what it says of itself, and that it starts with nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.settings import load_settings
from ivr.call import load_menu
from ivr.process import Hotline, Parts, create_app, open_parts
from ivr.process.parts import NoVoice
from ivr.transports.file import FileTransport, KeysPressed
from tests.ivr.call.world import FakeService, FakeTransport, FakeVoice, VirtualLoop
from tests.support.components import free_port
from tests.support.servers import LiveApp


def _parts() -> Parts:
    return Parts(load_menu(), FakeVoice(), None, None, str)


def test_more_calls_than_it_can_hold_are_hung_up_and_all_end_when_it_stops() -> None:
    async def run() -> None:
        service = FakeService()
        hotline = Hotline(_parts(), service, max_calls=2, longest_s=600)  # type: ignore[arg-type]
        hotline.start()
        wires = [FakeTransport() for _ in range(3)]
        for number, wire in enumerate(wires):
            wire.caller = type(wire.caller)(f"call-{number}", "fake")
            wire.start()
        calls = [asyncio.create_task(hotline.answer(wire)) for wire in wires]
        await asyncio.sleep(5)
        assert hotline.up == 2 and hotline.refused == 1
        assert [wire.gone for wire in wires] == [False, False, True]
        assert sum(hotline.states().values()) == 2
        await hotline.stop()
        await asyncio.gather(*calls, return_exceptions=True)
        assert hotline.up == 0 and service.ended == ["stopped", "stopped"]
        assert all(wire.gone for wire in wires)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run())


def test_a_call_out_of_a_file_waits_its_turn_and_keeps_what_it_heard() -> None:
    async def run() -> None:
        service = FakeService()
        hotline = Hotline(_parts(), service, max_calls=2, longest_s=600)  # type: ignore[arg-type]
        transport = FileTransport([KeysPressed("2"), KeysPressed("#")])
        transport.start()
        await hotline.answer(transport)
        await transport.close()
        assert service.asked == [("查一下我的积分", None)]
        assert service.ended == ["caller_ended"]
        assert len(transport.heard) / 16000 > 15
        assert hotline.latest[-1]["why"] == "caller_ended"

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run())


def test_without_any_model_it_starts_says_so_and_has_no_voice_but_tones(tmp_path: Any) -> None:
    settings = load_settings(
        _env_file=None,
        demo=True,
        home=tmp_path,
        port=free_port(),
        ivr_port=free_port(),
        speech_recogniser="none",
        voice_engines="",
    )
    parts = open_parts(settings)
    assert parts.recogniser is None and not parts.hears
    app = LiveApp(lambda: create_app(settings), settings.ivr_port)
    app.start()
    try:
        token = settings.require_secret("internal_token")
        ours = {"Authorization": f"Bearer {token}"}
        told = httpx.get(f"{app.url}/health", headers=ours, trust_env=False).json()
        assert (told["status"], told["recogniser"], told["calls"]) == ("degraded", "off", 0)
        assert httpx.get(f"{app.url}/health", trust_env=False).json() == {"status": "ok"}
        assert httpx.get(f"{app.url}/figures", trust_env=False).status_code == 401
    finally:
        app.stop()
    assert NoVoice.name == "none"

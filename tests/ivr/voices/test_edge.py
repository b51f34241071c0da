"""The online voice against a server that behaves, and misbehaves, as Microsoft's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import edge_tts.communicate
import numpy as np
import pytest
import pytest_asyncio

from ivr.voices import VoiceError, edge
from ivr.voices.edge import Breaker, EdgeVoice
from tests.fakes.edge_voice import EdgeService, Fault
from tests.support.clock import TestClock


@pytest_asyncio.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EdgeService]:
    fake = EdgeService()
    await fake.start()
    monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.url)
    monkeypatch.setattr(edge, "_GAP_S", 0.5)
    yield fake
    await fake.stop()


def voice(clock: TestClock, first_byte_s: float = 3.0) -> EdgeVoice:
    return EdgeVoice("zh-CN-XiaoxiaoNeural", Breaker(clock), first_byte_s)


async def spoken(one: EdgeVoice, rate: int = 8000, text: str = "您好") -> bytes:
    return b"".join([pcm async for pcm in one.speak(text, rate)])


@pytest.mark.parametrize("rate", [8000, 16000])
async def test_it_speaks_at_the_telephones_rate(
    service: EdgeService, clock: TestClock, rate: int
) -> None:
    pcm = await spoken(voice(clock), rate)
    assert len(pcm) / 2 / rate == pytest.approx(service.seconds, abs=0.15)
    samples = np.frombuffer(pcm, "<i2").astype(float)
    loudest = np.fft.rfftfreq(samples.size, 1 / rate)[np.argmax(np.abs(np.fft.rfft(samples)))]
    assert loudest == pytest.approx(440, abs=5)
    assert service.texts == ["您好"]


async def test_sound_comes_before_the_end(service: EdgeService, clock: TestClock) -> None:
    service.fault = "stalls"
    heard = []
    with pytest.raises(VoiceError):
        async for pcm in voice(clock).speak("您好", 8000):
            heard.append(pcm)
    assert heard


@pytest.mark.parametrize("fault", ["cut", "refused", "no_audio", "nonsense", "unavailable"])
async def test_what_is_not_whole_is_an_error(
    service: EdgeService, clock: TestClock, fault: Fault
) -> None:
    service.fault = fault
    with pytest.raises(VoiceError):
        await spoken(voice(clock))


@pytest.mark.parametrize("fault", ["slow", "silent"])
async def test_a_late_first_sound_is_an_error(
    service: EdgeService, clock: TestClock, fault: Fault
) -> None:
    service.fault = fault
    with pytest.raises(VoiceError):
        await spoken(voice(clock, first_byte_s=0.2))


async def test_nobody_there_is_an_error(service: EdgeService, clock: TestClock) -> None:
    await service.stop()
    with pytest.raises(VoiceError):
        await spoken(voice(clock))


async def test_marks_of_the_text_are_no_marks_of_the_request(
    service: EdgeService, clock: TestClock
) -> None:
    await spoken(voice(clock), text='A<b>&"C')
    assert service.texts == ['A&lt;b&gt;&amp;"C']


class TestBreaker:
    async def test_a_service_that_fails_twice_is_left_alone(
        self, service: EdgeService, clock: TestClock
    ) -> None:
        service.fault = "unavailable"
        one = voice(clock)
        for _ in range(4):
            with pytest.raises(VoiceError):
                await spoken(one)
        assert service.connections == 2

        clock.advance(seconds=61)
        with pytest.raises(VoiceError):
            await spoken(one)
        assert service.connections == 3
        clock.advance(seconds=61)  # the rest has grown to two minutes
        with pytest.raises(VoiceError):
            await spoken(one)
        assert service.connections == 3

        service.fault = ""
        clock.advance(seconds=60)
        assert await spoken(one)
        assert await spoken(one)

    def test_one_failure_is_forgiven(self, clock: TestClock) -> None:
        breaker = Breaker(clock)
        breaker.failed()
        assert breaker.allows()
        breaker.succeeded()
        breaker.failed()
        assert breaker.allows()

    def test_one_call_tries_while_the_others_wait(self, clock: TestClock) -> None:
        breaker = Breaker(clock)
        breaker.failed()
        breaker.failed()
        assert not breaker.allows()
        clock.advance(seconds=60)
        assert breaker.allows()
        assert not breaker.allows()

    def test_the_rest_is_bounded(self, clock: TestClock) -> None:
        breaker = Breaker(clock, longest=timedelta(minutes=5))
        for _ in range(20):
            breaker.failed()
        clock.advance(seconds=301)
        assert breaker.allows()


async def test_slower_is_said_in_the_words_of_ssml(service: EdgeService, clock: TestClock) -> None:
    one = voice(clock)
    for pace in (1.0, 0.8, 0.65):
        [pcm async for pcm in one.speak("您好", 8000, pace)]
    assert service.rates == ["+0%", "-20%", "-35%"]

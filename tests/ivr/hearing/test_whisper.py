"""Whisper as the hotline uses it: real speech over a telephone's band, and what is no speech."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from ivr.hearing import Heard, HearingError
from ivr.hearing import whisper as whisper_module
from ivr.hearing.whisper_recogniser import WhisperRecogniser
from tests.support.speech import need_clips, need_model
from tools.recognise_speech import bare, distance
from tools.telephone_line import LINE_RATE, by_telephone, pcm_of, read_wav

FRAME = LINE_RATE // 50 * 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whisper() -> AsyncIterator[WhisperRecogniser]:
    recogniser = WhisperRecogniser(need_model("whisper-base"), deadline_s=300)
    await recogniser.start()
    yield recogniser
    await recogniser.stop()


async def hear(
    recogniser: WhisperRecogniser, pcm: bytes, grammar: list[str] | None = None
) -> Heard:
    stream = recogniser.stream(LINE_RATE, grammar)
    for start in range(0, len(pcm), FRAME):
        assert await stream.feed(pcm[start : start + FRAME]) is None
    return await stream.finish()


def noise(seconds: float, kind: str) -> bytes:
    at = np.arange(int(seconds * LINE_RATE)) / LINE_RATE
    sounds = {
        "silence": at * 0,
        "hiss": np.random.default_rng(7).normal(0, 0.02, at.size),
        "ring-back": 0.3 * np.sin(2 * np.pi * 450 * at) * (at % 5 < 1),
        "keys": 0.3 * (np.sin(2 * np.pi * 770 * at) + np.sin(2 * np.pi * 1336 * at)) / 2,
        "hum": 0.2 * np.sin(2 * np.pi * 100 * at),
    }
    return pcm_of(sounds[kind].astype(np.float32))


@pytest.mark.asyncio(loop_scope="module")
class TestHearing:
    async def test_sentences_over_a_telephone_line(self, whisper: WhisperRecogniser) -> None:
        wrong = said = 0
        for clip in need_clips()[-7:]:
            samples, rate = read_wav(clip.path)
            heard = await hear(whisper, pcm_of(by_telephone(samples, rate)))
            wrong += distance(clip.text, bare(heard.text))
            said += len(clip.text)
            assert heard.text and heard.confidence is not None and 0 < heard.confidence <= 1
        assert wrong / said <= 0.30

    @pytest.mark.parametrize("kind", ["silence", "hiss", "ring-back", "keys", "hum"])
    async def test_what_is_no_speech_is_no_text(
        self, whisper: WhisperRecogniser, kind: str
    ) -> None:
        assert await hear(whisper, noise(2.0, kind)) == Heard("")

    async def test_nothing_at_all_is_no_text(self, whisper: WhisperRecogniser) -> None:
        assert await hear(whisper, b"") == Heard("")
        assert await hear(whisper, b"\x01") == Heard("")

    async def test_an_expected_word_is_put_right(self, whisper: WhisperRecogniser) -> None:
        clips = {clip.text: clip for clip in need_clips("words")}
        samples, rate = read_wav(clips["取消"].path)
        heard = await hear(whisper, pcm_of(by_telephone(samples, rate)), ["取消", "确认", "返回"])
        assert heard.text == "取消"

    async def test_the_engine_dies_and_comes_back(self, whisper: WhisperRecogniser) -> None:
        pool = whisper._worker._pool
        assert pool is not None and pool._processes
        process = next(iter(pool._processes))
        assert process != os.getpid()
        os.kill(process, signal.SIGKILL)
        assert await hear(whisper, noise(0.5, "silence")) == Heard("")

    async def test_a_closed_utterance_is_not_heard(self, whisper: WhisperRecogniser) -> None:
        stream = whisper.stream(LINE_RATE)
        stream.close()
        with pytest.raises(HearingError):
            await stream.finish()

    async def test_calls_wait_in_line(self, whisper: WhisperRecogniser) -> None:
        heard = await asyncio.gather(*(hear(whisper, noise(0.4, "hiss")) for _ in range(4)))
        assert heard == [Heard("")] * 4


@pytest.mark.parametrize("late_s", [0.0, 0.6, 1.3])
def test_a_voice_that_is_noticed_late_is_read_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch, late_s: float
) -> None:
    begins, ends = int(2.0 * whisper_module.RATE), int(5.0 * whisper_module.RATE)
    noticed = begins + int(late_s * whisper_module.RATE)
    monkeypatch.setattr(whisper_module, "_speech", lambda _: [{"start": noticed, "end": ends}])
    samples = np.zeros(8 * whisper_module.RATE, np.float32)
    samples[begins] = 1.0
    (piece,) = whisper_module._pieces(samples)
    assert piece.max() == 1.0
    assert piece.size < samples.size

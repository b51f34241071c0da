"""The streaming recogniser with the one Vosk model that can be had here, a Korean one.

Its words are spoken by Kokoro, which says any phonemes; what is tested is the path of the sound,
the grammars and the texts, which knows no language but by its vocabulary.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import vosk

from ivr.hearing import HearingError
from ivr.hearing.vosk import VoskRecogniser
from ivr.voices.kokoro.engine import RATE, Kokoro
from ivr.voices.sound import pcm_of, silence
from tests.support.speech import need_model

WORDS = {"주문": "ʨumun", "상담원": "saŋdamwʌn", "아니요": "anijo"}
GRAMMAR = [*WORDS, "배송 조회", "zzz"]


@pytest.fixture(scope="module")
def recogniser() -> VoskRecogniser:
    return VoskRecogniser(need_model("vosk-ko"), simplify=False)


@pytest.fixture(scope="module")
def spoken() -> dict[str, bytes]:
    """The words at 8 kHz, with silence around them.

    The voice breathes by chance and the model adds noise by chance: a rendering is taken that the model
    by itself understands three times out of three.
    """
    kokoro = Kokoro(need_model("kokoro"))
    model = vosk.Model(str(need_model("vosk-ko")))

    def said(word: str, sounds: str) -> bytes:
        for _ in range(10):
            sound = pcm_of(kokoro.utter(sounds, 0.9), RATE, 8000)
            pcm = silence(200, 8000) + sound + silence(500, 8000)
            if all(_understood(model, pcm) == word for _ in range(3)):
                return pcm
        raise AssertionError(f"the voice does not manage {word}")

    return {word: said(word, sounds) for word, sounds in WORDS.items()}


def _understood(model: Any, pcm: bytes) -> str:
    engine = vosk.KaldiRecognizer(model, 8000, json.dumps([*WORDS, "[unk]"], ensure_ascii=False))
    engine.AcceptWaveform(pcm)
    return str(json.loads(engine.FinalResult())["text"])


async def test_the_words_of_a_grammar_are_understood_while_they_are_spoken(
    recogniser: VoskRecogniser, spoken: dict[str, bytes]
) -> None:
    for word, pcm in spoken.items():
        stream = recogniser.stream(8000, GRAMMAR)
        so_far = [await stream.feed(pcm[i : i + 320]) for i in range(0, len(pcm), 320)]
        assert all(text is not None for text in so_far)
        assert word in so_far
        heard = await stream.finish()
        assert heard.text == word
        assert heard.confidence is not None and heard.confidence > 0.5


async def test_two_calls_do_not_mix(recogniser: VoskRecogniser, spoken: dict[str, bytes]) -> None:
    async def call(word: str) -> str:
        stream = recogniser.stream(8000, GRAMMAR)
        for start in range(0, len(spoken[word]), 320):
            await stream.feed(spoken[word][start : start + 320])
            await asyncio.sleep(0)
        return (await stream.finish()).text

    assert await asyncio.gather(call("주문"), call("아니요")) == ["주문", "아니요"]


async def test_a_phrase_is_parted_into_the_models_words(recogniser: VoskRecogniser) -> None:
    await recogniser.start()
    assert recogniser._parted("아니요상담원") == ["아니요", "상담원"]
    assert recogniser._parted("배송 조회") == ["배송", "조회"]
    assert recogniser._parted("zzz") == []


async def test_silence_is_no_text(recogniser: VoskRecogniser) -> None:
    stream = recogniser.stream(8000, GRAMMAR)
    assert not await stream.feed(silence(1000, 8000))
    assert (await stream.finish()).text == ""


async def test_a_closed_utterance_is_over(recogniser: VoskRecogniser) -> None:
    stream = recogniser.stream(16000)
    await stream.feed(silence(300, 16000))
    stream.close()
    assert await stream.feed(silence(300, 16000)) is None
    with pytest.raises(HearingError):
        await stream.finish()


async def test_a_folder_without_a_model_is_an_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(HearingError):
        await VoskRecogniser(tmp_path).start()

"""What is heard when: rendered, cached, spoken by the first that can, or the apology."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.voices import ChainVoice, VoiceError
from ivr.voices.cache import SoundCache
from ivr.voices.chain import APOLOGY
from ivr.voices.cut import clauses, sentences
from ivr.voices.sound import read_wav


class Speaker:
    """Says two pieces of sound for a sentence; ``breaks_after`` pieces it fails."""

    def __init__(self, name: str, breaks_after: int | None = None) -> None:
        self.name = name
        self.breaks_after = breaks_after
        self.said: list[str] = []
        self.paces: list[float] = []

    async def start(self) -> None:
        if self.breaks_after == 0:
            raise VoiceError("no model")

    async def stop(self) -> None:
        pass

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        self.said.append(text)
        self.paces.append(pace)
        for number in range(2):
            if number == self.breaks_after:
                raise VoiceError("broken")
            yield f"{self.name}{number}".encode()


class House:
    def __init__(self, folder: Path, *engines: Speaker) -> None:
        self.rendered = SoundCache(folder / "rendered")
        self.cache = SoundCache(folder / "cache")
        self.engines = engines
        self.voice = ChainVoice(engines, self.rendered, self.cache)

    async def heard(self, text: str) -> list[bytes]:
        parts = [pcm async for pcm in self.voice.speak(text, 8000)]
        return [pcm for pcm in parts if pcm.strip(b"\0")]


async def test_the_first_engine_speaks_and_is_kept(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a"), Speaker("b"))
    await house.voice.start()
    assert await house.heard("您好。") == [b"a0", b"a1"]
    assert await house.heard("您好。") == [b"a0a1"]
    assert house.engines[0].said == ["您好。"]
    assert house.engines[1].said == []


async def test_the_next_engine_says_the_sentence_again(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a", breaks_after=1), Speaker("b"))
    assert await house.heard("您好。请说。") == [b"a0", b"b0", b"b1", b"a0", b"b0", b"b1"]
    # Only what came whole was kept.
    assert house.cache.get("a", "您好。", 8000) is None
    assert house.cache.get("b", "您好。", 8000) == b"b0b1"


async def test_a_rendered_prompt_needs_no_engine(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a", breaks_after=0), Speaker("b", breaks_after=0))
    house.rendered.put("b", "您好。", 8000, b"rendered")
    await house.voice.start()
    assert await house.heard("您好。") == [b"rendered"]


async def test_where_nothing_can_speak_an_apology_is_heard_once(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a", breaks_after=0))
    assert await house.heard("您好。请说。") == [read_wav(APOLOGY, 8000)]
    assert 1.0 < len(read_wav(APOLOGY, 8000)) / 16000 < 4.0


async def test_a_sentence_that_breaks_off_for_good_is_apologised_for(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a", breaks_after=1))
    assert await house.heard("您好。请说。") == [b"a0", read_wav(APOLOGY, 8000)]


async def test_what_is_said_slowly_is_spoken_anew_and_kept_apart(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a"))
    house.rendered.put("a", "您好。", 8000, b"at its own pace")
    slowly = [pcm async for pcm in house.voice.speak("您好。", 8000, 0.8)]
    assert slowly == [b"a0", b"a1"]
    assert house.engines[0].paces == [0.8]
    assert [pcm async for pcm in house.voice.speak("您好。", 8000, 0.8)] == [b"a0a1"]
    assert await house.heard("您好。") == [b"at its own pace"]
    assert house.engines[0].said == ["您好。"]


async def test_what_nobody_can_say_slowly_is_heard_as_it_was_rendered(tmp_path: Path) -> None:
    house = House(tmp_path, Speaker("a", breaks_after=0))
    house.rendered.put("a", "您好。", 8000, b"rendered")
    assert [pcm async for pcm in house.voice.speak("您好。", 8000, 0.8)] == [b"rendered"]


async def test_without_even_the_apology_it_is_an_error(tmp_path: Path) -> None:
    house = House(tmp_path)
    voice = ChainVoice([], house.rendered, house.cache, apology=tmp_path / "none.wav")
    with pytest.raises(VoiceError):
        [pcm async for pcm in voice.speak("您好。", 8000)]


async def test_no_text_is_no_sound(tmp_path: Path) -> None:
    assert await House(tmp_path, Speaker("a")).heard("") == []


class TestCutting:
    def test_sentences(self) -> None:
        assert sentences("您好！请说。好") == ["您好！", "请说。", "好"]
        assert sentences("") == []

    @pytest.mark.parametrize(
        "text",
        [
            "您好，请说。",
            "您的订单二六幺幺，幺九零零，四二幺七已经发货，预计明天送达，请留意电话。",
            "好，" * 80,
            "长" * 200,
        ],
    )
    def test_clauses_lose_nothing_and_are_short(self, text: str) -> None:
        pieces = clauses(text)
        assert "".join(pieces) == text
        assert all(0 < len(piece) <= 60 for piece in pieces)

    def test_the_first_clause_is_short(self) -> None:
        first = clauses("您的订单已经发货，预计明天下午送到您家，请留意快递的电话。")[0]
        assert first == "您的订单已经发货，"
        assert clauses("好的，您的订单已经发货，请留意电话。")[0] == "好的，您的订单已经发货，"

"""The local voice for real: rewritten graph, speech that can be understood, the process around it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pypinyin import lazy_pinyin

from ivr.call.mouth import PACES
from ivr.hearing.sound import samples_of
from ivr.hearing.whisper import Whisper
from ivr.spoken import speak_as
from ivr.voices.cut import clauses
from ivr.voices.kokoro.engine import RATE, Kokoro
from ivr.voices.local import KokoroVoice
from tests.support.speech import need_model
from tools.recognise_speech import distance
from tools.telephone_line import by_telephone, pcm_of

SAID = ("请问您要查询订单，还是办理退货？", "您现在有一千二百八十积分。")


@pytest.fixture(scope="module")
def kokoro() -> Kokoro:
    return Kokoro(need_model("kokoro"))


def test_what_it_says_over_a_telephone_line_is_understood(kokoro: Kokoro) -> None:
    whisper = Whisper(need_model("whisper-base"))
    wrong = syllables = 0
    for text in SAID:
        sound = kokoro.speak(text)
        assert np.isfinite(sound).all() and 0.1 < np.abs(sound).max() < 1.5
        heard = whisper.hear(samples_of(pcm_of(by_telephone(sound, RATE)), 8000)).text
        # By sound: which of two homophones it writes is not the voice's doing.
        said = lazy_pinyin(re.sub(r"\W", "", text))
        wrong += distance_of(said, lazy_pinyin(re.sub(r"\W", "", speak_as(heard))))
        syllables += len(said)
    assert wrong / syllables <= 0.25


@pytest.mark.parametrize("pace", PACES)
def test_slower_takes_longer_and_is_still_understood(kokoro: Kokoro, pace: float) -> None:
    whisper = Whisper(need_model("whisper-base"))
    own, slow = kokoro.speak(SAID[0]), kokoro.speak(SAID[0], pace)
    assert slow.size / own.size == pytest.approx(1 / pace, rel=0.15)
    heard = whisper.hear(samples_of(pcm_of(by_telephone(slow, RATE)), 8000)).text
    said = lazy_pinyin(re.sub(r"\W", "", SAID[0]))
    assert distance_of(said, lazy_pinyin(re.sub(r"\W", "", heard))) <= 3


def distance_of(one: list[str], other: list[str]) -> int:
    """Syllables that differ."""
    names: dict[str, str] = {}
    coded = [
        "".join(names.setdefault(syllable, chr(0x4E00 + len(names))) for syllable in syllables)
        for syllables in (one, other)
    ]
    return distance(*coded)


def test_every_sound_of_mandarin_is_known(kokoro: Kokoro) -> None:
    text = "鱼雨绿女儿二日吃诗司字知北京广州四川熊穷远云月全风翁喜欢"
    unknown = {p for p in kokoro.phonemes(text) if p not in kokoro._tokens}
    assert unknown == set()


def test_letters_are_spelled(kokoro: Kokoro) -> None:
    assert kokoro.phonemes("V I P") == kokoro.phonemes("威爱批")


def test_nothing_to_say_is_no_sound(kokoro: Kokoro) -> None:
    assert kokoro.speak("").size == 0


async def test_the_voice_speaks_from_a_process_of_its_own() -> None:
    voice = KokoroVoice(need_model("kokoro"), deadline_s=300)
    try:
        text = "您好，您的订单已经发货，预计明天送达。"
        parts = [pcm async for pcm in voice.speak(text, 8000)]
        assert len(parts) == len(clauses(text)) == 2
        own_s = sum(map(len, parts)) / 16000
        assert 2.0 < own_s < 8.0
        slow = [pcm async for pcm in voice.speak(text, 8000, 0.8)]
        assert sum(map(len, slow)) / 16000 == pytest.approx(own_s / 0.8, rel=0.15)
    finally:
        await voice.stop()

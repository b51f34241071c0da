"""The small parts of a call: phrasing, menu, numbers, sentences, ear."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.call import Ear, Hearing, MenuError, fixed_prompts, load_menu
from ivr.call.ear import Began, Done, NotAfterAll, Perhaps
from ivr.call.menu import MENU_FILE
from ivr.call.mouth import sentences
from ivr.call.numbers import digits_in, has_number
from ivr.call.phrasing import MOST, for_the_ear
from ivr.call.talk import yes_or_no
from tests.ivr.call.world import LoudVad


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("您的积分是 3280（银卡会员）", "您的积分是 3280，银卡会员。"),
        ("详情见 https://shop.example.com/a?b=1 。", "详情见。"),
        ("**好的**😊，已登记", "好的，已登记。"),
        ("在商城“我的订单”里", "在商城我的订单里。"),
        ("电话138****5678", "电话138****5678。"),
    ],
)
def test_what_only_eyes_can_use_is_not_spoken(text: str, heard: str) -> None:
    assert for_the_ear([text]).now == heard


def test_a_long_answer_stops_at_a_sentence_and_never_loses_its_question() -> None:
    long = "".join(f"这是第{n}句话，说得不长也不短，刚好占些地方。" for n in range(12))
    spoken = for_the_ear([long])
    assert len(spoken.now) <= MOST and spoken.now.endswith("。") and spoken.later
    asked = for_the_ear([long[:200] + "您要退吗？"])
    assert asked.later == () or asked.later[-1].endswith("您要退吗？")


def test_lists_of_every_kind_are_told_one_by_one() -> None:
    spoken = for_the_ear(["两家门店：\n· 徐汇店：漕溪路1号\n· 静安店：南京西路2号"])
    assert spoken.now == "两家门店。徐汇店：漕溪路1号。"
    assert spoken.listed and spoken.later == ("静安店：南京西路2号。",)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("查订单", "1"),
        ("按一", "1"),
        ("二", "2"),
        ("人工", "0"),
        ("转人工吧", "0"),
        ("再说一遍", "*"),
        ("拜拜", "#"),
        ("我的订单怎么还没到", None),
    ],
)
def test_menu_words_and_said_keys(text: str, key: str | None) -> None:
    assert load_menu().key_for(text) == key


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"1":', '"x":'),
        ("no_input: 6", "no_input: 0"),
        ("goodbye:", "good_by:"),
        ("滴声后留言|", "滴声后留言(|"),
        ("brand: 禾沐生活", "brand: [禾"),
    ],
)
def test_a_menu_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str
) -> None:
    text = MENU_FILE.read_text("utf-8")
    assert before in text
    changed = tmp_path / "menu.yml"
    changed.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(MenuError, match=r"menu\.yml"):
        load_menu(changed)


def test_every_fixed_prompt_is_whole_and_without_placeholders() -> None:
    prompts = fixed_prompts()
    assert "请问有什么可以帮您？" in prompts
    assert not [text for text in prompts if "{" in text or not text.strip()]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("是的", True),
        ("对对对", True),
        ("没错", True),
        ("好的，谢谢", True),
        ("不是", False),
        ("不用了", False),
        ("换一个", False),
        ("我要退货", None),
        ("", None),
    ],
)
def test_plain_yes_and_no(text: str, answer: bool | None) -> None:
    assert yes_or_no(text) is answer


def test_said_digits_count_and_sentences_do_not() -> None:
    assert digits_in("二六一一，幺九零零") == "26111900"
    assert has_number("2611 1900 4217")
    assert not has_number("我的订单到哪了，都三天了")


def test_sentences_are_breaths() -> None:
    assert sentences("好的。请稍等一下。您还在吗？") == ["好的。请稍等一下。", "您还在吗？"]
    assert sentences("嗯") == ["嗯"]


def _sound(ms: int, level: int) -> bytes:
    return level.to_bytes(2, "little", signed=True) * (8 * ms)


def _hear(ear: Ear, pcm: bytes, *, we_speak: bool = False, our_db: float = -96) -> list[object]:
    found: list[object] = []
    for at in range(0, len(pcm), 320):
        found += ear.feed(pcm[at : at + 320], we_speak=we_speak, our_db=our_db)
    return found


@pytest.mark.parametrize(
    ("ms", "level", "we_speak", "begins"),
    [
        (120, 3000, False, True),
        (20, 3000, False, False),  # a click
        (100, 3000, True, False),  # a cough while we speak
        (260, 3000, True, True),
        (260, 300, True, False),  # our own echo: 20 dB below what we play
        (260, 30, False, False),  # a murmur in the next room
    ],
)
def test_what_counts_as_the_beginning_of_speech(
    ms: int, level: int, we_speak: bool, begins: bool
) -> None:
    ear = Ear(LoudVad(), 8000, Hearing())
    found = _hear(ear, _sound(200, 0) + _sound(ms, level), we_speak=we_speak, our_db=-18)
    assert any(isinstance(one, Began) for one in found) is begins


@pytest.mark.parametrize(
    ("ms", "we_speak", "expected"),
    [
        (40, True, []),  # a click
        (100, True, [Perhaps, NotAfterAll]),
        (260, True, [Perhaps, Began]),
        (260, False, [Began]),
    ],
)
def test_while_we_speak_it_is_first_only_perhaps_speech(
    ms: int, we_speak: bool, expected: list[type]
) -> None:
    ear = Ear(LoudVad(), 8000, Hearing())
    found = _hear(ear, _sound(192, 0) + _sound(ms, 3000), we_speak=we_speak, our_db=-18)
    found += _hear(ear, _sound(192, 0), we_speak=we_speak, our_db=-18)
    kinds = [type(one) for one in found if isinstance(one, Perhaps | NotAfterAll | Began)]
    assert kinds == expected


def test_an_utterance_ends_after_its_silence_and_is_cut_when_it_never_does() -> None:
    ear = Ear(LoudVad(), 8000, Hearing(longest_ms=3000))
    *_, done = _hear(ear, _sound(500, 3000) + _sound(620, 0))
    assert isinstance(done, Done) and not done.cut and 540 <= done.silence_ms <= 600
    found = _hear(ear, _sound(4000, 3000))
    (cut,) = [one for one in found if isinstance(one, Done)]
    assert cut.cut

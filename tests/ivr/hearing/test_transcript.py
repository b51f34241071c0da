"""From what an engine writes to what was said."""

from __future__ import annotations

import pytest

from ivr.hearing.homophones import nearest
from ivr.hearing.transcript import dreamt, plain


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("查訂單。", "查订单"),
        ("保险，", "保险"),
        (" 查 一下 物流 ", "查一下物流"),
        ("(音乐) 你好", "你好"),
        ("我想退货,谢谢!", "我想退货，谢谢"),
        ("我的 VIP 卡", "我的 VIP 卡"),
        ("发票\ufffd", "发票"),
        ("……", ""),
    ],
)
def test_the_text_is_simplified_and_has_no_end_mark(written: str, said: str) -> None:
    assert plain(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞订阅转发打赏支持明镜与点点栏目",
        "字幕由志愿者提供",
        "谢谢大家收看",
        "以下是客服热线的普通话录音",
        "银行银行银行银行银行银行",
        "这么长的一句话在一秒钟里根本就说不完的对不对呀",
    ],
)
def test_what_whisper_dreams_is_not_believed(text: str) -> None:
    assert dreamt(text, 1.0)


@pytest.mark.parametrize("text", ["谢谢", "我要退货", "对对对", "二六幺幺幺九零零四二幺七"])
def test_what_people_say_is_believed(text: str) -> None:
    assert not dreamt(text, 2.0)


class TestHomophones:
    MENU = ("订单", "积分", "退货", "门店", "人工", "发票")

    @pytest.mark.parametrize(
        ("heard", "meant"),
        [
            ("积分", "积分"),
            ("机分", "积分"),
            ("退或", "退货"),
            ("发表", "发票"),
            ("仁公", "人工"),
            ("转人工", "人工"),
            ("我要退货", "退货"),
            ("今天天气", None),
            ("订单积分", None),
            ("积分的事情我想找人好好问一问", None),
        ],
    )
    def test_an_expected_word_is_found_by_its_sound(self, heard: str, meant: str | None) -> None:
        assert nearest(heard, self.MENU) == meant

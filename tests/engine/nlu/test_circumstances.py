"""The story of a purchase before a matter, taken off where nothing hangs on it."""

from __future__ import annotations

import pytest

from engine.nlu.circumstances import without_circumstances
from engine.nlu.text import reading


class TestTakenOff:
    @pytest.mark.parametrize(
        ("said", "matter"),
        [
            ("我昨天买的，怎么绑定微信", "怎么绑定微信"),
            ("上周在你们店下的单，积分怎么没到", "积分怎么没到"),
            ("双十一拍的，有赠品没有", "有赠品没有"),
            ("我上个月在你们直播间买的裙子能开发票吗", "裙子能开发票吗"),
            ("618买的空调，什么时候来装", "空调,什么时候来装"),
            ("给我妈买的羽绒服怎么洗", "羽绒服怎么洗"),
            ("我前天买了3双袜子少了一双", "袜子少了一双"),
            ("帮我妈问的，签到送什么", "签到送什么"),
            ("麻烦你帮我看下卖完了还补货吗", "卖完了还补货吗"),
            ("我是你们家老会员，线有多长", "线有多长"),
        ],
    )
    def test_when_where_and_for_whom(self, said: str, matter: str) -> None:
        assert without_circumstances(reading(said)) == matter


class TestLeft:
    @pytest.mark.parametrize(
        "said",
        [
            "昨天买的，今天就降价了",  # when it was bought matters
            "上周买的外套现在便宜了五十",
            "我昨天买的",
            "刚收到的鞋子不想要了",  # whether it has arrived matters
            "订单261126483920现在是什么状态",
            "我买的",
            "帮我看下",
            "我是会员",
            "买的多能便宜吗",
            "上周买的那个怎么还没到",
        ],
    )
    def test_what_may_be_the_message(self, said: str) -> None:
        assert without_circumstances(reading(said)) == reading(said)

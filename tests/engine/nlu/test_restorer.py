"""Texts that lost a character are also read as what they may have been."""

from __future__ import annotations

import pytest

from engine.nlu.language import Language
from engine.nlu.restorer import Restorer

TEXTS = [
    *["发票开好要多久", "发票多久能开", "发票更改抬头", "快递到哪了", "快递多久能到", "退货要多久"],
    *["更改地址", "开票要多久", "我要退货", "积分怎么用", "查一下我的积分", "更改要多久"],
] * 3


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer(Language.fit(TEXTS))


class TestReadings:
    @pytest.mark.parametrize(
        ("lost", "whole"),
        [
            ("发更改要多久", "发票更改要多久"),
            ("快到哪了", "快递到哪了"),
            ("积怎么用", "积分怎么用"),
            ("查一下我的积", "查一下我的积分"),
        ],
    )
    def test_what_was_there_is_among_them(self, restorer: Restorer, lost: str, whole: str) -> None:
        assert whole in [text for text, _ in restorer.readings(lost)]

    @pytest.mark.parametrize(
        "text", ["发更改要多久", "快递到哪了", "魑魅魍魉", "abc def", "№到哪了"]
    )
    def test_the_text_as_it_stands_comes_first_and_shares_sum_to_one(
        self, restorer: Restorer, text: str
    ) -> None:
        readings = restorer.readings(text)
        assert readings[0][0] == text
        assert sum(share for _, share in readings) == pytest.approx(1.0)
        assert len({text for text, _ in readings}) == len(readings) <= 9

    def test_what_lacks_nothing_is_read_as_it_stands(self, restorer: Restorer) -> None:
        whole, lost = restorer.readings("发票更改要多久"), restorer.readings("发更改要多久")
        assert whole[0][1] > 0.7
        assert whole[0][1] > lost[0][1] + 0.1

    @pytest.mark.parametrize("text", ["", "?", "货", "在吗", "退毛衣", "查一下我的积" * 3])
    def test_of_a_very_short_or_a_long_text_nothing_can_be_told(
        self, restorer: Restorer, text: str
    ) -> None:
        assert restorer.readings(text) == [(text, 1.0)]

"""Other firms' names count as one word."""

from __future__ import annotations

import pytest

from engine.nlu.firms import FIRM, with_firms_alike
from engine.nlu.ngrams import Ngrams, legible


@pytest.mark.parametrize("name", ["唯品会", "12306", "shein", "腾讯视频"])
def test_names_are_read_alike(name: str) -> None:
    assert with_firms_alike(f"{name}的订单呢") == f"{FIRM}的订单呢"


@pytest.mark.parametrize(
    "text",
    ["去哪儿取件", "一直滴滴响", "顺丰到哪了", "退到支付宝吗", "移动电源有吗", "京东快递送吗"],
)
def test_what_may_be_ours_stays(text: str) -> None:
    assert with_firms_alike(text) == text


@pytest.mark.parametrize("analyzer", ["char", "pinyin"])
def test_the_classifiers_do_not_tell_one_from_another(analyzer: str) -> None:
    read = [legible(text) for text in ("天猫的单子", "天猫的券", "我的单子")]
    grams, _ = Ngrams.learn(read, analyzer, 2, 1)
    assert grams.row("盒马的单子") == grams.row("天猫的单子")
    assert grams.row("盒马的单子") != grams.row("我的单子")

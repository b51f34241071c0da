"""Names of goods count as one word."""

from __future__ import annotations

import pytest

from engine.nlu.familiar import Familiar
from engine.nlu.goods import GOODS, with_goods_alike
from engine.nlu.ngrams import Ngrams, legible


@pytest.mark.parametrize("name", ["裤子", "空气炸锅", "t恤", "蓝牙耳机", "大闸蟹"])
def test_names_are_read_alike(name: str) -> None:
    assert with_goods_alike(f"{name}多少钱") == f"{GOODS}多少钱"


def test_the_longest_name_counts() -> None:
    assert with_goods_alike("电视机和电视柜") == f"{GOODS}和{GOODS}柜"


@pytest.mark.parametrize(
    "text", ["换手机号", "蛋糕店几点关门", "在看小说", "书到了吗", "图书馆", "电视剧"]
)
def test_what_is_no_article_stays(text: str) -> None:
    assert with_goods_alike(text) == text


@pytest.mark.parametrize("analyzer", ["char", "pinyin"])
def test_the_classifiers_do_not_tell_one_from_another(analyzer: str) -> None:
    read = [legible(text) for text in ("裤子多少钱", "口红怎么用", "房租多少钱")]
    grams, _ = Ngrams.learn(read, analyzer, 2, 1)
    assert grams.row("面膜多少钱") == grams.row("裤子多少钱")
    assert grams.row("面膜多少钱") != grams.row("房租多少钱")


def test_a_name_of_the_catalogue_that_ends_in_one_is_known_as_a_whole() -> None:
    knows = Familiar.fit(["裤子到哪了"], ["玻尿酸补水面膜"])
    assert knows.signs("玻尿酸补水面膜到哪了")[2] == knows.signs("裤子到哪了")[2] == 0.0

"""How strange a text is to who knows only the shop's."""

from __future__ import annotations

import json

import numpy as np

from engine.nlu.familiar import SIGNS, Familiar

OURS = ["查订单", "我要退货", "快递到哪了"]


def test_what_is_known_is_not_strange() -> None:
    assert np.allclose(Familiar.fit(OURS).signs("我要退货")[1:], 0.0)


def test_known_words_put_together_anew_are_a_little_strange() -> None:
    _, ones, pairs = Familiar.fit(OURS).signs("订货")
    assert ones == 0.0
    assert pairs > 0.0


def test_other_words_are_strange_through_and_through() -> None:
    _, ones, pairs = Familiar.fit(OURS).signs("今天下雨")
    assert ones > 0.5
    assert pairs > 0.5


def test_the_shops_goods_are_never_strange() -> None:
    knows = Familiar.fit([*OURS, "我的毛衣到哪了"], ["毛衣", "静音加湿器", "加湿器"])
    strange = Familiar.fit([*OURS, "我的毛衣到哪了"])
    assert np.allclose(knows.signs("我的静音加湿器到哪了")[1:], 0.0)
    assert strange.signs("我的静音加湿器到哪了")[1] > 0.1
    again = Familiar.parse(json.loads(json.dumps(knows.dump())))
    assert np.array_equal(again.signs("毛衣到哪了"), knows.signs("加湿器到哪了"))


def test_a_text_of_nothing_has_its_signs_too() -> None:
    assert Familiar.fit(OURS).matrix(["", "。"]).shape == (2, SIGNS)


def test_what_was_dumped_is_parsed() -> None:
    familiar = Familiar.fit(OURS)
    again = Familiar.parse(json.loads(json.dumps(familiar.dump())))
    assert np.array_equal(again.signs("我的快递"), familiar.signs("我的快递"))

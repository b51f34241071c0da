"""What is asked of a product, of delivery, and in English, read from the words."""

from __future__ import annotations

import pytest

from actions.delivering import delivery_entry, delivery_sentence
from actions.features import category_in, feature_in, kind_in, of_kind
from actions.foreign import english_intent, is_english
from actions.reading import says_cancel
from actions.shop.models import Product
from actions.smalltalk import only_sounds


def _product(title: str, blurb: str = "", *aliases: str) -> Product:
    return Product(
        sku="X1", title=title, aliases=aliases, category="家纺", price_fen=100, blurb=blurb
    )


@pytest.mark.parametrize(
    ("text", "title", "blurb", "told"),
    [
        ("能机洗吗", "大豆纤维春秋被", "可机洗", True),
        ("能机洗吗", "九五白鹅绒冬被", "轻而暖", False),
        ("晚上吵不吵", "加湿器", "夜间低至 28 分贝", True),
        ("多大容量", "家用空气炸锅 5L", "", True),
        ("功率多大", "家用空气炸锅 5L", "", False),
        ("有别的颜色吗", "家用空气炸锅 5L", "", False),
        ("孕妇能用不", "面膜", "三重玻尿酸", False),
    ],
)
def test_the_catalogue_tells_a_feature_only_where_its_words_do(
    text: str, title: str, blurb: str, told: bool
) -> None:
    feature = feature_in(text)
    assert feature is not None
    assert feature.told_of(_product(title, blurb)) is told


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("有没有洗衣机", "洗衣机"),
        ("手机卖吗", "手机"),
        ("想买个冬天用的被子", "被子"),
        ("有别的颜色吗", None),
        ("有没有优惠", None),
        ("有几支", None),
        ("有没有别的花色", None),
    ],
)
def test_the_kind_of_thing_that_is_wanted(text: str, kind: str | None) -> None:
    assert kind_in(text) == kind


def test_a_kind_is_found_by_what_its_names_end_in() -> None:
    quilt, towel = _product("九五白鹅绒冬被"), _product("纯棉毛巾三条装", "", "毛巾")
    assert of_kind("被子", [quilt, towel]) == [quilt]
    assert of_kind("毛巾", [quilt, towel]) == [towel]
    assert of_kind("洗衣机", [quilt, towel]) == []
    assert category_in("有什么零食") == "食品"


@pytest.mark.parametrize(
    ("text", "shopping", "answer"),
    [
        ("新疆发货吗", False, "remote_areas"),
        ("能送到乡下吗", False, "remote_areas"),
        ("能寄到香港吗", False, "overseas_shipping"),
        ("周末送货吗", False, "utter_delivery_weekend"),
        ("发什么快递", False, "utter_delivery_carrier"),
        ("几天能到", True, "utter_delivery_days"),
        ("几天能到", False, None),
        ("我的快递周末送吗", False, None),
        ("我的快递到新疆了吗", False, None),
    ],
)
def test_delivery_in_general_needs_no_order(text: str, shopping: bool, answer: str | None) -> None:
    assert (delivery_entry(text) or delivery_sentence(text, shopping=shopping)) == answer


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my order", "query_logistics"),
        ("I want a refund please", "query_refund"),
        ("can I talk to a human", "ask_human"),
        ("wo yao tuihuo", None),
        ("do you speak english", None),
        ("12345", None),
        ("我的order在哪", None),
    ],
)
def test_everyday_english_has_a_meaning(text: str, intent: str | None) -> None:
    assert english_intent(text) == intent


def test_pinyin_is_no_english() -> None:
    assert is_english("do you speak english")
    assert not is_english("wo yao tuihuo")
    assert not is_english("kuaidi dao na le")


@pytest.mark.parametrize(
    ("text", "only"),
    [("哈哈哈", True), ("😂", True), ("233", True), ("😡😡", False), ("3", False), ("啊对", False)],
)
def test_laughter_and_sighs_say_nothing(text: str, only: bool) -> None:
    assert only_sounds(text) is only


@pytest.mark.parametrize(
    ("text", "drops"), [("行没事了", True), ("好的算了", True), ("好的", False)]
)
def test_a_yes_before_never_mind_drops_the_matter(text: str, drops: bool) -> None:
    assert says_cancel(text) is drops

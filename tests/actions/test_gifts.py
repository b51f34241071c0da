"""What somebody says who does not know what to buy."""

from __future__ import annotations

import pytest

from actions.gifts import bare_amount, fitting, for_somebody, wants_others, wish_in
from actions.shop import DemoShop


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("500以内的", 0, 500),
        ("预算三百", 0, 300),
        ("不超过两百五十块", 0, 250),
        ("一百五以内", 0, 150),
        ("100到200", 100, 200),
        ("一百到两百块", 100, 200),
        ("300左右的", 180, 360),
        ("200以上", 200, None),
        ("他喜欢做饭", 0, None),
        ("500以内，算了300以内", 0, 300),
    ],
)
def test_an_amount_is_read_as_it_is_said(text: str, least: int, most: int | None) -> None:
    wish = wish_in(text)
    assert (wish.least, wish.most) == (least, most)


async def test_only_what_fits_taste_and_amount_is_named(shop: DemoShop) -> None:
    products = await shop.products(None, limit=200)
    found = fitting(wish_in("他喜欢做饭 300以内"), products)
    assert found and all(p.price_fen <= 30000 for p in found)
    assert "家用空气炸锅 5L" in {p.title for p in found}
    again = fitting(wish_in("他喜欢做饭 300以内"), products, [p.sku for p in found])
    assert not {p.sku for p in again} & {p.sku for p in found}


async def test_an_amount_alone_names_something_of_each_category(shop: DemoShop) -> None:
    found = fitting(wish_in("预算500"), await shop.products(None, limit=200))
    assert len({p.category for p in found}) == len(found) > 2


def test_a_present_is_no_delivery() -> None:
    assert for_somebody("送女朋友什么好") and for_somebody("想给我妈买个礼物")
    assert not for_somebody("送货上门吗") and not for_somebody("礼品卡怎么用")


def test_bare_words_that_go_on() -> None:
    assert bare_amount("500") and bare_amount("三百块") and not bare_amount("5678")
    assert wants_others("有别的吗") and wants_others("换一批") and not wants_others("别的颜色")

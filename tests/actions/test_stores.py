"""Where a customer is, as a map writes it: the city's stores, whatever the road is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions.talk import Talk

Meet = Callable[..., Talk]


@pytest.mark.parametrize(
    ("place", "store"),
    [
        ("上海市徐汇区漕溪北路18号", "静安店"),
        ("上海市黄浦区", "五角场店"),
        ("上海市徐汇区中山西路1000号", "浦东店"),
        ("江苏省南京市鼓楼区北京西路68号", "新街口店"),
        ("浙江省杭州市西湖区文三路", "西湖店"),
    ],
)
async def test_a_district_without_a_store_gets_its_citys(
    meet: Meet, place: str, store: str
) -> None:
    said = await meet().say(f"我在{place}，附近有哪些门店？", "store_info")
    assert store in said.text


@pytest.mark.parametrize("place", ["江苏省苏州市南京路1号", "浙江省义乌市", "天津市和平区"])
async def test_a_town_without_a_store_is_told_so(meet: Meet, place: str) -> None:
    said = await meet().say(f"我在{place}，附近有哪些门店？", "store_info")
    assert "没有" in said.text
    assert "路" not in said.text

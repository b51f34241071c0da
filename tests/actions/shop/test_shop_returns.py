"""Sending back and cancelling, asked of the demo shop directly and over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from actions.shop import ShopClient
from actions.shop.models import OrderState, ReturnState
from tests.actions.shop.asking import NOWHERE, refusal
from tests.support.clock import TestClock


class TestMoneyBack:
    async def test_a_refund_tells_its_steps_and_when_the_money_comes(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        refund = await shop.refund(names["lin.refunding.number"])
        assert refund is not None and refund.state is OrderState.REFUNDING
        assert refund.expected_on is not None and refund.expected_on > date(2026, 11, 20)
        assert [s.at for s in refund.steps] == sorted(s.at for s in refund.steps)
        done = await shop.refund(names["returner.refunded.number"])
        assert done is not None and done.steps[-1].text == "退款已到账"
        assert await shop.refund(names["lin.in_transit.number"]) is None

    async def test_a_return_within_the_window_is_approved(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        number, sku = names["returner.signed.number"], names["returner.signed.sku"]
        made = await shop.start_return(number, sku, "尺寸不合适", "return-1")
        assert made.state is ReturnState.APPROVED
        assert made.send_by == date(2026, 11, 27) and "退货仓" in made.instructions
        assert await shop.returns(number) == [made]

    async def test_a_fault_is_looked_at_first_and_has_a_longer_window(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        number, sku = names["shopper.signed_late.number"], names["shopper.signed_late.sku"]
        late = await refusal(shop.start_return(number, sku, "不想要了", "late-1"))
        assert late.code == "window_passed" and "12 天" in late.message
        made = await shop.start_return(number, sku, "有破洞", "late-2", defective=True)
        assert made.state is ReturnState.REQUESTED and made.send_by is None

    async def test_opened_goods_go_back_only_where_the_category_allows_it(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        async def opened(name: str, sku: str | None = None) -> object:
            number = names[f"shopper.{name}.number"]
            line = sku or names[f"shopper.{name}.sku"]
            return await shop.start_return(number, line, "不喜欢", f"o-{line}", opened=True)

        assert (await refusal(opened("signed_food_opened"))).code == "opened"
        assert (await refusal(opened("signed_beauty"))).code == "opened"
        assert (await refusal(opened("signed_clothes", "FS3010"))).code == "opened"  # underwear
        assert await opened("signed_clothes", "FS3006")
        assert await opened("signed_appliance")

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("lin.unpaid", "not_signed"),
            ("lin.packed", "not_signed"),
            ("lin.in_transit", "not_signed"),
            ("lin.split", "not_signed"),
            ("diamond.cancelled", "not_signed"),
            ("diamond.return_requested", "already_requested"),
            ("diamond.refunding", "already_requested"),
            ("lin.signed_old", "window_passed"),
        ],
    )
    async def test_a_return_that_makes_no_sense_is_refused_with_the_reason(
        self, shop: ShopClient, names: dict[str, str], name: str, code: str
    ) -> None:
        attempt = shop.start_return(
            names[f"{name}.number"], names[f"{name}.sku"], "不要了", "k" * 8
        )
        assert (await refusal(attempt)).code == code

    async def test_a_product_that_is_not_in_the_order_cannot_go_back(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        attempt = shop.start_return(names["returner.signed.number"], "XJ1001", "不要了", "k" * 8)
        assert (await refusal(attempt)).code == "not_in_order"

    async def test_the_last_day_of_the_window_still_counts(
        self, shop: ShopClient, names: dict[str, str], clock: TestClock
    ) -> None:
        number, sku = names["returner.signed.number"], names["returner.signed.sku"]
        order = await shop.order(number)
        assert order is not None and order.signed_at is not None
        last_minute = (order.signed_at + timedelta(days=7)).replace(hour=15, minute=59)
        clock.advance(seconds=(last_minute - clock()).total_seconds())
        clock.advance(minutes=1)  # midnight in Shanghai
        assert (await refusal(shop.start_return(number, sku, "晚了", "w2"))).code == "window_passed"
        clock.advance(minutes=-1)
        assert await shop.start_return(number, sku, "还来得及", "w1")


class TestCancelling:
    async def test_a_paid_order_is_cancelled_and_its_money_goes_back(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        number = names["canceller.paid.number"]
        cancelled = await shop.cancel_order(number, "cancel-1")
        assert cancelled.state is OrderState.CANCELLED
        assert await shop.order(number) == cancelled
        refund = await shop.refund(number)
        assert refund is not None and refund.amount_fen == cancelled.total_fen

    async def test_an_unpaid_order_is_cancelled_without_a_refund(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        await shop.cancel_order(names["lin.unpaid.number"], "cancel-2")
        assert await shop.refund(names["lin.unpaid.number"]) is None

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("lin.in_transit", "already_shipped"),
            ("lin.signed", "already_shipped"),
            ("lin.refunding", "already_shipped"),
            ("diamond.cancelled", "already_cancelled"),
        ],
    )
    async def test_what_has_left_the_warehouse_is_not_cancelled(
        self, shop: ShopClient, names: dict[str, str], name: str, code: str
    ) -> None:
        attempt = shop.cancel_order(names[f"{name}.number"], "cancel-3")
        assert (await refusal(attempt)).code == code

    @pytest.mark.parametrize("unknown", NOWHERE)
    async def test_an_unknown_order_is_refused(self, shop: ShopClient, unknown: str) -> None:
        assert (await refusal(shop.cancel_order(unknown, "cancel-4"))).code == "not_found"

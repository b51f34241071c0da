"""What every ShopClient does, asked of the demo shop directly and over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from actions.shop import ShopClient
from actions.shop.models import (
    InvoiceState,
    OrderState,
    ParcelState,
    Tier,
)
from tests.actions.shop.asking import NOWHERE, refusal
from tests.support.clock import TestClock


class TestLookingUp:
    async def test_a_member_has_tier_benefits_and_the_way_to_the_next_tier(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        lin = await shop.member(names["lin.id"])
        assert lin is not None
        assert (lin.name, lin.tier, lin.next_tier) == ("林晓雨", Tier.GOLD, Tier.DIAMOND)
        assert lin.growth + lin.growth_to_next == 20_000
        assert lin.benefits
        top = await shop.member(names["diamond.id"])
        assert top is not None and top.next_tier is None and top.growth_to_next == 0

    async def test_orders_come_newest_first_and_no_more_than_asked_for(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        orders = await shop.orders(names["lin.id"])
        assert [o.placed_at for o in orders] == sorted((o.placed_at for o in orders), reverse=True)
        assert len(orders) == 9
        assert await shop.orders(names["lin.id"], 3) == orders[:3]
        assert await shop.orders(names["lin.id"], 0) == []
        assert await shop.orders(names["fresh.id"]) == []
        assert len(await shop.orders(names["lin.id"], 10_000)) == 9

    async def test_an_order_under_way_has_a_trace_newest_scan_first(
        self, shop: ShopClient, names: dict[str, str], clock: TestClock
    ) -> None:
        order = await shop.order(names["lin.in_transit.number"])
        assert order is not None and order.state is OrderState.IN_TRANSIT
        (parcel,) = order.parcels
        times = [scan.at for scan in parcel.trace]
        assert len(times) >= 4 and times == sorted(times, reverse=True)
        assert order.placed_at < times[-1] and times[0] < clock()
        assert parcel.eta is not None and parcel.eta > date(2026, 11, 20)

    @pytest.mark.parametrize("unknown", NOWHERE)
    async def test_what_does_not_exist_is_none_or_empty(
        self, shop: ShopClient, unknown: str
    ) -> None:
        assert await shop.member(unknown) is None
        assert await shop.order(unknown) is None
        assert await shop.points(unknown) is None
        assert await shop.refund(unknown) is None
        assert await shop.invoice(unknown) is None
        assert await shop.check_phone_tail(unknown, "5678") is None
        assert await shop.orders(unknown) == []
        assert await shop.returns(unknown) == []
        assert await shop.stock(unknown) == []

    async def test_only_the_phone_of_the_member_proves_an_order_not_the_receivers(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        gift, owner = names["silver.gift.number"], names["silver.id"]
        assert await shop.check_phone_tail(gift, names["silver.tail"]) == owner
        assert await shop.check_phone_tail(gift, names["silver.gift.tail"]) == owner
        assert names["silver.tail"] != names["silver.gift.receiver_tail"]
        assert await shop.check_phone_tail(gift, names["silver.gift.receiver_tail"]) is None

    @pytest.mark.parametrize(
        "tail", ["0000", "", "678", "05678", "５６７８", "56 8", "%%%%", "____"]
    )
    async def test_a_wrong_phone_tail_proves_nothing(
        self, shop: ShopClient, names: dict[str, str], tail: str
    ) -> None:
        assert await shop.check_phone_tail(names["lin.in_transit.number"], tail) is None

    async def test_points_say_what_lapses_when_soonest_first(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        account = await shop.points(names["lin.id"])
        assert account is not None and account.balance == 3280
        assert (account.expiring[0].points, account.expiring[0].on) == (500, date(2026, 11, 30))
        assert [e.on for e in account.expiring] == sorted(e.on for e in account.expiring)
        assert sum(e.points for e in account.expiring) == account.balance
        nothing = await shop.points(names["fresh.id"])
        assert nothing is not None and nothing.balance == 0 and nothing.expiring == ()

    async def test_rewards_are_those_that_the_points_can_buy_dearest_first(
        self, shop: ShopClient
    ) -> None:
        everything = await shop.rewards()
        assert [r.points for r in everything] == sorted(
            (r.points for r in everything), reverse=True
        )
        assert await shop.rewards(2000) == [r for r in everything if r.points <= 2000]
        assert await shop.rewards(0) == []
        assert await shop.rewards(-5) == []

    async def test_rules_are_public_knowledge(self, shop: ShopClient) -> None:
        assert [t.tier for t in await shop.tiers()] == list(Tier)
        policies = {p.category: p for p in await shop.return_policies()}
        assert set(policies) == {"小家电", "家纺", "服饰", "美妆个护", "食品"}
        assert policies["食品"].days_opened == 0 and policies["服饰"].days_opened == 7

    @pytest.mark.parametrize(
        ("query", "title"),
        [
            ("加湿器", "静音加湿器 4L"),
            ("有没有桌面加湿器卖", "桌面迷你加湿器"),
            ("XJ1012", "高速吹风机"),
            ("四件套 ", "新疆长绒棉四件套 1.8m"),
            ("t恤", "纯棉基础T恤"),
        ],
    )
    async def test_products_are_found_by_what_customers_call_them(
        self, shop: ShopClient, query: str, title: str
    ) -> None:
        assert (await shop.products(query))[0].title == title

    @pytest.mark.parametrize("query", ["量子计算机", "\ud800", "%", "x" * 5000, "\x00"])
    async def test_products_that_nobody_sells_are_not_found(
        self, shop: ShopClient, query: str
    ) -> None:
        assert await shop.products(query) == []

    async def test_products_of_a_category_and_all_products(self, shop: ShopClient) -> None:
        foods = await shop.products("食品", 50)
        assert len(foods) == 14 and {p.category for p in foods} == {"食品"}
        assert len(await shop.products(None, 5)) == 5
        assert await shop.products("加湿器", 0) == []

    async def test_stores_by_city_and_their_stock(self, shop: ShopClient) -> None:
        everywhere = await shop.stores()
        shanghai = await shop.stores("上海")
        assert len(everywhere) >= 12 and len({s.city for s in everywhere}) >= 6
        assert len(shanghai) == 3 and await shop.stores("上海市") == shanghai
        assert await shop.stores("火星") == []
        assert await shop.stores("") == everywhere
        stock = await shop.stock("XJ1001", "上海")
        assert {s.store_id for s in stock} == {s.id for s in shanghai}
        assert len(await shop.stock("XJ1001")) == len(everywhere)


class TestInvoices:
    async def test_an_invoice_goes_from_none_to_requested(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        number = names["lin.signed.number"]
        before = await shop.invoice(number)
        assert before is not None and before.state is InvoiceState.NONE
        made = await shop.request_invoice(
            number, "上海禾沐贸易有限公司", "91310115ma1k400000", "a@example.com", "invoice-1"
        )
        assert made.state is InvoiceState.REQUESTED and made.amount_fen == before.amount_fen > 0
        assert await shop.invoice(number) == made

    @pytest.mark.parametrize(
        ("title", "tax_id", "email", "code"),
        [
            ("  ", "", "a@example.com", "invalid_title"),
            ("长" * 150, "", "a@example.com", "invalid_title"),
            ("禾沐", "123", "a@example.com", "invalid_tax_id"),
            ("禾沐", "", "not an address", "invalid_email"),
            ("禾沐", "", "a@example.com\r\nBcc: b@example.com", "invalid_email"),
            ("\ud800", "", "", "invalid_email"),
        ],
    )
    async def test_an_unusable_field_is_named(
        self,
        shop: ShopClient,
        names: dict[str, str],
        title: str,
        tax_id: str,
        email: str,
        code: str,
    ) -> None:
        attempt = shop.request_invoice(
            names["lin.signed.number"], title, tax_id, email, "invoice-2"
        )
        assert (await refusal(attempt)).code == code

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("lin.unpaid", "not_paid"),
            ("diamond.cancelled", "not_paid"),
            ("lin.invoice_issued", "already_requested"),
            ("silver.invoice_requested", "already_requested"),
        ],
    )
    async def test_an_order_that_cannot_have_one_is_refused(
        self, shop: ShopClient, names: dict[str, str], name: str, code: str
    ) -> None:
        attempt = shop.request_invoice(
            names[f"{name}.number"], "个人", "", "a@example.com", "invoice-3"
        )
        assert (await refusal(attempt)).code == code


class TestRedeeming:
    async def test_points_are_taken_from_what_lapses_first(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        bought = await shop.redeem(names["lin.id"], "R02", "redeem-1")
        assert bought.reward.points == 600 and bought.balance_after == 2680
        account = await shop.points(names["lin.id"])
        assert account is not None and account.balance == 2680
        assert account.expiring[0].on > date(2026, 11, 30)  # the 500 of November went first

    async def test_too_few_points_are_refused_with_what_is_missing(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        refused = await refusal(shop.redeem(names["solo.id"], "R01", "redeem-2"))
        assert refused.code == "not_enough_points" and "232" in refused.message
        account = await shop.points(names["solo.id"])
        assert account is not None and account.balance == 268

    async def test_an_unknown_reward_or_customer_is_refused(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        assert (await refusal(shop.redeem(names["lin.id"], "R99", "redeem-3"))).code == "not_found"
        assert (await refusal(shop.redeem("C999999", "R01", "redeem-4"))).code == "not_found"

    async def test_lapsed_points_buy_nothing(
        self, shop: ShopClient, names: dict[str, str], clock: TestClock
    ) -> None:
        clock.advance(days=11)  # 1 December
        account = await shop.points(names["lin.id"])
        assert account is not None and account.balance == 2780
        assert (await shop.redeem(names["lin.id"], "R01", "redeem-5")).balance_after == 2280


class TestCoupons:
    async def test_a_coupon_is_given_once_for_a_key_and_says_until_when_it_holds(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        given = await shop.grant_coupon(names["lin.id"], 2000, "包裹延误", "coupon-1")
        assert (given.amount_fen, given.customer_id) == (2000, names["lin.id"])
        assert given.valid_until == date(2026, 12, 20)
        assert await shop.grant_coupon(names["lin.id"], 2000, "包裹延误", "coupon-1") == given
        other = await refusal(shop.grant_coupon(names["lin.id"], 3000, "包裹延误", "coupon-1"))
        assert other.code == "key_reused"

    async def test_an_unknown_customer_or_an_odd_amount_is_refused(self, shop: ShopClient) -> None:
        for customer in ("C999999", "../rewards", ""):
            assert (await refusal(shop.grant_coupon(customer, 500, "补偿", "c-2"))).code == (
                "not_found"
            )
        for amount in (0, -500, 99, 50_001):
            await refusal(shop.grant_coupon("C000001", amount, "补偿", "c-3"))


class TestDoingItOnce:
    async def test_a_repeated_change_gives_the_first_answer_and_changes_nothing(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        first = await shop.redeem(names["lin.id"], "R01", "same-key")
        assert await shop.redeem(names["lin.id"], "R01", "same-key") == first
        account = await shop.points(names["lin.id"])
        assert account is not None and account.balance == 2780
        number, sku = names["returner.signed.number"], names["returner.signed.sku"]
        made = await shop.start_return(number, sku, "不合适", "回复-同一个键")
        assert await shop.start_return(number, sku, "不合适", "回复-同一个键") == made
        cancelled = await shop.cancel_order(names["canceller.paid.number"], "c")
        assert await shop.cancel_order(names["canceller.paid.number"], "c") == cancelled

    async def test_a_key_does_not_serve_for_something_else(
        self, shop: ShopClient, names: dict[str, str]
    ) -> None:
        await shop.redeem(names["lin.id"], "R01", "same-key")
        refused = await refusal(shop.redeem(names["lin.id"], "R03", "same-key"))
        assert refused.code == "key_reused"

    async def test_a_refusal_is_not_remembered(
        self, shop: ShopClient, names: dict[str, str], clock: TestClock
    ) -> None:
        number, sku = names["returner.signed.number"], names["returner.signed.sku"]
        clock.advance(days=30)
        await refusal(shop.start_return(number, sku, "不合适", "again"))
        clock.advance(days=-30)
        assert await shop.start_return(number, sku, "不合适", "again")


async def test_stuck_and_split_parcels_say_so(shop: ShopClient, names: dict[str, str]) -> None:
    stuck = await shop.order(names["wang.stuck.number"])
    assert stuck is not None and stuck.parcels[0].state is ParcelState.STUCK
    split = await shop.order(names["wang.split.number"])
    assert split is not None
    assert [p.state for p in split.parcels] == [ParcelState.SIGNED, ParcelState.IN_TRANSIT]
    assert sorted(sku for p in split.parcels for sku in p.skus) == sorted(
        x.sku for x in split.lines
    )

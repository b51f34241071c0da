"""The demo shop's data: enough of everything, consistent, repeatable, and as fresh as the day."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from actions.shop import DemoShop, ShopUnavailable, open_demo_shop, personas
from actions.shop.demo import load_data
from actions.shop.demo.days import day_of
from actions.shop.models import Order, OrderState, ParcelState, Tier
from tests.actions.shop.conftest import START
from tests.support.clock import TestClock

ROOT = Path(__file__).resolve().parents[3]


def all_orders(shop: DemoShop) -> list[Order]:
    rows = shop._db.rows("SELECT doc FROM orders ORDER BY number")
    return [Order.model_validate_json(doc) for (doc,) in rows]


def contents(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def test_there_are_enough_customers_of_every_tier(demo: DemoShop) -> None:
    growths = [growth for (growth,) in demo._db.rows("SELECT growth FROM customers")]
    tiers = Counter(demo.data.tier_of(growth).tier for growth in growths)
    assert len(growths) >= 200 and set(tiers) == set(Tier)
    assert min(tiers.values()) >= 5


def test_there_are_enough_orders_in_every_state(demo: DemoShop) -> None:
    orders = all_orders(demo)
    states = Counter(order.state for order in orders)
    parcels = Counter(parcel.state for order in orders for parcel in order.parcels)
    assert len(orders) >= 800
    assert set(states) == set(OrderState) and min(states.values()) >= 10
    assert set(parcels) == set(ParcelState) and min(parcels.values()) >= 10
    assert sum(len(order.parcels) > 1 for order in orders) >= 10


def test_order_numbers_are_the_day_and_six_digits(demo: DemoShop) -> None:
    for order in all_orders(demo):
        assert len(order.number) == 12
        assert order.number[:6] == day_of(order.placed_at).strftime("%y%m%d")


def test_nothing_has_happened_in_the_future_or_before_its_cause(demo: DemoShop) -> None:
    for order in all_orders(demo):
        moments = [order.placed_at, order.paid_at or order.placed_at]
        assert moments == sorted(moments), order.number
        for parcel in order.parcels:
            scans = [scan.at for scan in reversed(parcel.trace)]
            assert scans == sorted(scans), order.number
            assert moments[-1] <= scans[0] + timedelta(minutes=1), order.number
            assert scans[-1] <= START, order.number
        if order.signed_at:
            assert moments[-1] < order.signed_at <= START, order.number


@pytest.mark.parametrize("hour", [16, 20])  # half past midnight and half past four in Shanghai
def test_a_shop_seeded_at_night_has_no_future_either(tmp_path: Path, hour: int) -> None:
    now = START.replace(hour=hour)
    shop = open_demo_shop(tmp_path / "night.db", lambda: now)
    for order in all_orders(shop):
        times = [order.placed_at, *(scan.at for p in order.parcels for scan in p.trace)]
        assert max(times) <= now, order.number
    asyncio.run(shop.close())


def test_the_state_of_an_order_is_told_by_its_parcels(demo: DemoShop) -> None:
    for order in all_orders(demo):
        unsent = (OrderState.UNPAID, OrderState.PAID, OrderState.CANCELLED)
        assert bool(order.parcels) != (order.state in unsent), order.number
        assert (order.paid_at is None) <= (order.state in (OrderState.UNPAID, OrderState.CANCELLED))
        assert order.total_fen == sum(x.quantity * x.unit_price_fen for x in order.lines)


def test_a_stuck_parcel_is_silent_for_days_and_late(demo: DemoShop) -> None:
    stuck = [
        parcel
        for order in all_orders(demo)
        for parcel in order.parcels
        if parcel.state is ParcelState.STUCK
    ]
    for parcel in stuck:
        assert START - parcel.trace[0].at > timedelta(days=4)
        assert parcel.eta is not None and parcel.eta < day_of(START)


def test_the_points_ledger_adds_up_for_everybody(demo: DemoShop) -> None:
    rows = demo._db.rows(
        "SELECT customer_id, sum(points), sum(remaining), min(remaining) FROM ledger GROUP BY 1"
    )
    assert len(rows) >= 100
    for customer, total, remaining, least in rows:
        assert total == remaining and least >= 0, customer
    reasons = {reason[:2] for (reason,) in demo._db.rows("SELECT reason FROM ledger")}
    assert {"购物", "兑换", "积分"} <= reasons  # earned, spent, lapsed


def test_points_lapse_at_the_end_of_the_month_a_year_after_earning(demo: DemoShop) -> None:
    for at, expires in demo._db.rows("SELECT at, expires_on FROM ledger WHERE points > 0"):
        earned, last = day_of(datetime.fromisoformat(at)), date.fromisoformat(expires)
        assert (last.year, last.month) == (earned.year + 1, earned.month)
        assert (last + timedelta(days=1)).day == 1


@pytest.mark.parametrize("day", range(1, 31))
def test_a_persona_has_the_same_points_whatever_the_day_and_over_midnight(
    tmp_path: Path, day: int
) -> None:
    clock = TestClock(START.replace(day=day, hour=15, minute=59))  # a minute before midnight
    shop = open_demo_shop(tmp_path / "shop.db", clock)
    lin = personas(shop)["lin.id"]
    before = asyncio.run(shop.points(lin))
    clock.advance(minutes=2)
    after = asyncio.run(shop.points(lin))
    shop._db.close()
    assert before is not None and before.balance == 3280
    assert before.expiring[0].points == 500
    assert 7 <= (before.expiring[0].on - day_of(clock())).days + 1 <= 62
    assert after == before


def test_every_refund_return_and_invoice_belongs_to_an_order(demo: DemoShop) -> None:
    orders = {number for (number,) in demo._db.rows("SELECT number FROM orders")}
    for query in (
        "SELECT order_number FROM refunds",
        "SELECT order_number FROM returns",
        "SELECT order_number FROM invoices",
        "SELECT number FROM named_orders",
    ):
        belonging = {number for (number,) in demo._db.rows(query)}
        assert belonging and belonging <= orders


def test_phones_are_plainly_made_up_and_unique(demo: DemoShop) -> None:
    phones = [phone for (phone,) in demo._db.rows("SELECT phone FROM customers")]
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone[3:7] == "0000" for phone in phones)


def test_the_same_moment_gives_the_same_shop(tmp_path: Path, seeded_file: Path) -> None:
    asyncio.run(open_demo_shop(tmp_path / "again.db", lambda: START).close())
    assert contents(tmp_path / "again.db") == contents(seeded_file)


def test_a_shop_opened_later_the_same_day_keeps_what_customers_changed(
    demo: DemoShop, tmp_path: Path, clock: TestClock
) -> None:
    number = personas(demo)["canceller.paid.number"]
    asyncio.run(demo.cancel_order(number, "a key"))
    clock.advance(hours=9)  # 23:30
    again = open_demo_shop(tmp_path / "shop.db", clock)
    order = asyncio.run(again.order(number))
    assert order is not None and order.state is OrderState.CANCELLED
    asyncio.run(again.close())


def test_a_shop_opened_next_week_is_fresh_again(
    demo: DemoShop, tmp_path: Path, clock: TestClock
) -> None:
    before = personas(demo)
    clock.advance(days=7)
    again = open_demo_shop(tmp_path / "shop.db", clock)
    names = personas(again)
    number = names["lin.in_transit.number"]
    order = asyncio.run(again.order(number))
    assert order is not None and clock() - order.parcels[0].trace[0].at < timedelta(days=1)
    assert number != before["lin.in_transit.number"] and again.filled_on == date(2026, 11, 27)
    points = asyncio.run(again.points(names["lin.id"]))
    assert points is not None and points.balance == 3280
    asyncio.run(again.close())


def test_somebody_who_only_looks_does_not_refill_the_shop(
    demo: DemoShop, tmp_path: Path, clock: TestClock
) -> None:
    clock.advance(days=7)
    looking = open_demo_shop(tmp_path / "shop.db", clock, reseed=False)
    assert looking.filled_on == date(2026, 11, 20)
    asyncio.run(looking.close())


def test_the_personas_stay_resolvable_after_a_refill(demo: DemoShop) -> None:
    before = personas(demo)
    asyncio.run(demo.cancel_order(before["canceller.paid.number"], "a key"))
    demo.refill()
    assert personas(demo) == before
    order = asyncio.run(demo.order(before["canceller.paid.number"]))
    assert order is not None and order.state is OrderState.PAID


def test_the_personas_that_dialogues_rely_on_are_what_they_promise(demo: DemoShop) -> None:
    names = personas(demo)
    solo = asyncio.run(demo.orders(names["solo.id"]))
    assert [order.state for order in solo] == [OrderState.IN_TRANSIT]
    assert asyncio.run(demo.orders(names["fresh.id"])) == []
    canceller = asyncio.run(demo.orders(names["canceller.id"]))
    assert [o.state for o in canceller] == [OrderState.PAID, OrderState.SIGNED]
    silver = asyncio.run(demo.member(names["silver.id"]))
    assert silver is not None and silver.tier is Tier.SILVER and silver.growth_to_next < 500
    assert names["lin.tail"] == "5678" and names["lin.id"] == "C000001"


def test_the_catalogue_names_each_product_in_one_way_only() -> None:
    products = load_data().products
    aliases = Counter(alias for product in products for alias in product.aliases)
    assert 60 <= len(products) <= 80
    assert [alias for alias, count in aliases.items() if count > 1] == []
    assert len({product.sku for product in products}) == len(products)


_REDEEMER = """
import asyncio, sys
from datetime import datetime
from actions.shop import ShopRefused, open_demo_shop
path, worker, now = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
shop = open_demo_shop(path, lambda: now)
bought = 0
for turn in range(8):
    try:
        asyncio.run(shop.redeem("C000001", "R01", f"worker {worker} turn {turn}"))
        bought += 1
    except ShopRefused:
        pass
print(bought)
"""


def test_several_processes_open_a_new_shop_at_once_and_never_overspend(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _REDEEMER, str(path), str(worker), START.isoformat()],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        for worker in range(3)
    ]
    bought = sum(int(process.communicate(timeout=100)[0]) for process in workers)
    assert [process.returncode for process in workers] == [0, 0, 0]
    shop = open_demo_shop(path, lambda: START)
    account = asyncio.run(shop.points("C000001"))
    assert bought == 6  # 3280 points, 500 each
    assert account is not None and account.balance == 280
    assert shop._db.row("SELECT count(*) FROM customers") == (240,)
    asyncio.run(shop.close())


def test_a_file_that_is_no_shop_is_an_unavailable_shop(tmp_path: Path) -> None:
    (tmp_path / "junk.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ShopUnavailable):
        open_demo_shop(tmp_path / "junk.db", lambda: START)


async def test_a_locked_file_is_an_unavailable_shop_for_changes_only(
    demo: DemoShop, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await demo.member("C000001") is not None
    with pytest.raises(ShopUnavailable):
        await demo.redeem("C000001", "R01", "a key")
    other.execute("ROLLBACK")
    other.close()
    assert await demo.redeem("C000001", "R01", "a key")

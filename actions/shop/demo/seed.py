"""Fill the demo shop: the same shop for the same moment, with every date relative to it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from actions.shop.demo import points
from actions.shop.demo.crowd import Stranger, purchases, strangers
from actions.shop.demo.data import NamedOrder, Persona, ShopData
from actions.shop.demo.database import SCHEMA_VERSION, Database
from actions.shop.demo.days import SHOP_ZONE, day_of, moment_on, months_before, points_lapse_on
from actions.shop.demo.story import Plot, Told, tell
from actions.shop.models import InvoiceState, OrderState

CUSTOMERS = 240
SEED_VERSION = 2
"""Raise it when the seeding code changes, so that existing demo shops are filled anew."""
LEAST_DAYS = 7
"""Days that a persona's points last at least, so that a shop open over midnight is the same shop."""


def fingerprint(data: ShopData, today: date) -> str:
    """What a seeded file must carry to count as fresh on a day."""
    return f"{SCHEMA_VERSION}.{SEED_VERSION}/{data.digest}/{today.isoformat()}"


def seed(db: Database, data: ShopData, now: datetime) -> None:
    """Empty the shop and fill it as of ``now`` (aware). Call inside a transaction."""
    now = now.replace(second=0, microsecond=0)
    db.clear()
    numbers = _Numbers()
    for persona in data.personas:
        _seed_persona(db, data, persona, now, numbers)
    rng = random.Random("crowd")  # noqa: S311 - a demo's dice, not a secret
    taken = {persona.phone for persona in data.personas}
    first = len(data.personas) + 1
    for stranger in strangers(data, first, CUSTOMERS - len(data.personas), taken, rng):
        _seed_stranger(db, data, stranger, now, numbers, rng)
    _seed_stock(db, data)


class _Numbers:
    """Order numbers: the day (YYMMDD) and six digits, each once."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def next(self, placed_at: datetime, rng: random.Random) -> str:
        day = placed_at.astimezone(SHOP_ZONE).strftime("%y%m%d")
        while True:
            number = f"{day}{rng.randint(1000, 999_999):06d}"
            if number not in self._used:
                self._used.add(number)
                return number


def _seed_persona(
    db: Database, data: ShopData, persona: Persona, now: datetime, numbers: _Numbers
) -> None:
    _insert_customer(db, persona.id, persona.name, persona.phone, persona.growth)
    for name, named in persona.orders.items():
        rng = random.Random(f"{persona.key}.{name}")  # noqa: S311
        told = _tell_named(data, persona, named, now, numbers, rng)
        _insert_order(db, told)
        db.run("INSERT INTO named_orders VALUES (?, ?, ?)", persona.key, name, told.order.number)
    if not persona.points:
        return
    today = day_of(now)
    soon = _months_ago_of_soonest(today)
    lots = {15: 600, soon: persona.points_expiring, 8: 0, 4: 0, 1: 0}
    rest = persona.points - persona.points_expiring
    lots[8], lots[4] = rest * 3 // 10, rest * 4 // 10
    lots[1] = rest - lots[8] - lots[4]
    for months, amount in lots.items():
        if amount:
            at = moment_on(months_before(today, months), 12)
            points.earn(db, persona.id, amount, "购物积分", at)
        if months == soon:
            spent_at = moment_on(months_before(today, 10), 20)
            points.spend(db, persona.id, 600, "兑换：免邮券 1 张", spent_at)


def _months_ago_of_soonest(today: date) -> int:
    """When points were earned that lapse with this month; with the next one in its last days."""
    left = points_lapse_on(months_before(today, 12)) - today
    return 12 if left.days >= LEAST_DAYS else 11


def _tell_named(
    data: ShopData,
    persona: Persona,
    named: NamedOrder,
    now: datetime,
    numbers: _Numbers,
    rng: random.Random,
) -> Told:
    placed_at = _placed_at(now, named.placed, rng)
    plot = Plot(
        kind=named.kind,
        number=numbers.next(placed_at, rng),
        customer_id=persona.id,
        ship_to=named.receiver or persona.address,
        lines=tuple((data.product(sku), quantity) for sku, quantity in named.lines.items()),
        placed_at=placed_at,
        now=now,
        signed_day=None
        if named.signed is None
        else day_of(now) - timedelta(days=int(named.signed)),
        invoice=InvoiceState(named.invoice) if named.invoice else None,
    )
    return tell(plot, rng)


def _seed_stranger(
    db: Database,
    data: ShopData,
    stranger: Stranger,
    now: datetime,
    numbers: _Numbers,
    rng: random.Random,
) -> None:
    address = stranger.address
    _insert_customer(db, stranger.id, address.name, address.phone, stranger.growth)
    earned: list[tuple[datetime, int, str]] = []
    for purchase in purchases(data, stranger.tier, day_of(now), rng):
        placed_at = _placed_at(now, purchase.placed_days, rng)
        plot = Plot(
            kind=purchase.kind,
            number=numbers.next(placed_at, rng),
            customer_id=stranger.id,
            ship_to=address,
            lines=purchase.lines,
            placed_at=placed_at,
            now=now,
            signed_day=purchase.signed_day,
            invoice=InvoiceState(purchase.invoice) if purchase.invoice else None,
        )
        told = tell(plot, rng)
        _insert_order(db, told)
        order = told.order
        if order.state is OrderState.SIGNED and order.signed_at is not None:
            gained = order.total_fen * data.points_percent[stranger.tier] // 10_000
            earned.append((order.signed_at, gained, f"购物积分：{order.number}"))
    _seed_ledger(db, data, stranger.id, sorted(earned), now, rng)


def _seed_ledger(
    db: Database,
    data: ShopData,
    customer_id: str,
    earned: Iterable[tuple[datetime, int, str]],
    now: datetime,
    rng: random.Random,
) -> None:
    for at, gained, reason in earned:
        points.lapse(db, customer_id, at)
        if gained:
            points.earn(db, customer_id, gained, reason, at)
        reward = rng.choice(data.rewards)
        later = at + timedelta(hours=1)
        if rng.random() < 0.25 and later < now:
            points.spend(db, customer_id, reward.points, f"兑换：{reward.title}", later)
    points.lapse(db, customer_id, now)


def _seed_stock(db: Database, data: ShopData) -> None:
    rng = random.Random("stock")  # noqa: S311
    db.run_many(
        "INSERT INTO stock VALUES (?, ?, ?)",
        [
            (product.sku, store.id, rng.choice((0, 0, 1, 2, 3, 5, 8, 12, 20, 36)))
            for product in data.products
            for store in data.stores
        ],
    )


def _placed_at(now: datetime, days: float, rng: random.Random) -> datetime:
    """Within the last day exactly; earlier at an hour at which people shop."""
    if days < 1:
        return now - timedelta(minutes=round(days * 1440))
    placed = moment_on(day_of(now) - timedelta(days=int(days)), 8 + rng.randrange(870) / 60)
    return min(placed, now - timedelta(hours=20))


def _insert_customer(db: Database, customer_id: str, name: str, phone: str, growth: int) -> None:
    db.run("INSERT INTO customers VALUES (?, ?, ?, ?)", customer_id, name, phone, growth)


def _insert_order(db: Database, told: Told) -> None:
    order = told.order
    db.run(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
        order.number,
        order.customer_id,
        order.placed_at.isoformat(),
        order.state.value,
        order.model_dump_json(),
    )
    for request in told.returns:
        db.run(
            "INSERT INTO returns VALUES (?, ?, ?, ?)",
            request.number,
            request.order_number,
            request.sku,
            request.model_dump_json(),
        )
    if told.refund is not None:
        db.run("INSERT INTO refunds VALUES (?, ?)", order.number, told.refund.model_dump_json())
    if told.invoice is not None:
        db.run("INSERT INTO invoices VALUES (?, ?)", order.number, told.invoice.model_dump_json())

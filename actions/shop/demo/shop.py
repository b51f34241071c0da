"""The demo shop: the fictional brand 禾沐生活, answering from a SQLite file."""

from __future__ import annotations

import hmac
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from actions.shop import wire
from actions.shop.client import ShopRefused, ShopUnavailable
from actions.shop.demo import changes, points
from actions.shop.demo.data import ShopData, load_data
from actions.shop.demo.database import Database
from actions.shop.demo.days import day_of
from actions.shop.demo.search import best_products
from actions.shop.demo.seed import fingerprint, seed
from actions.shop.models import (
    Coupon,
    Invoice,
    InvoiceState,
    Member,
    Order,
    PointsAccount,
    Product,
    Redemption,
    Refund,
    ReturnPolicy,
    ReturnRequest,
    Reward,
    ShopModel,
    Stock,
    Store,
    TierInfo,
)

Clock = Callable[[], datetime]
"""Returns the current time as an aware UTC datetime."""


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class DemoShop:
    """A ShopClient over one SQLite connection; make it with open_demo_shop.

    SQLite is called directly on the event loop: a look-up takes well under 0.2 ms, less than the
    hand-over to a thread and back would, and the longest wait for another process's lock is half a
    second (then ShopUnavailable). Use one DemoShop per event loop; any number of processes may
    open the same file.
    """

    def __init__(self, database: Database, data: ShopData, clock: Clock) -> None:
        self._db = database
        self._data = data
        self._clock = clock

    async def member(self, customer_id: str) -> Member | None:
        """See ShopClient."""
        with _reachable():
            row = self._db.row(
                "SELECT name, phone, growth FROM customers WHERE id = ?", customer_id
            )
        if row is None:
            return None
        name, phone, growth = row
        tier = self._data.tier_of(growth)
        above = [info for info in self._data.tiers if info.growth_from > growth]
        return Member(
            customer_id=customer_id,
            name=name,
            phone=phone,
            tier=tier.tier,
            growth=growth,
            next_tier=above[0].tier if above else None,
            growth_to_next=above[0].growth_from - growth if above else 0,
            benefits=tier.benefits,
        )

    async def check_phone_tail(self, order_number: str, last4: str) -> str | None:
        """See ShopClient."""
        with _reachable():
            row = self._db.row(
                "SELECT c.id, c.phone FROM orders o JOIN customers c ON c.id = o.customer_id"
                " WHERE o.number = ?",
                order_number,
            )
        if row is None or not re.fullmatch(wire.TAIL_PATTERN, last4):
            return None
        customer_id, phone = row
        return str(customer_id) if hmac.compare_digest(phone[-4:], last4) else None

    async def customer_with_mobile(self, mobile: str) -> str | None:
        """See ShopClient."""
        with _reachable():
            row = self._db.row("SELECT id FROM customers WHERE phone = ?", mobile)
        return str(row[0]) if row is not None else None

    async def orders(self, customer_id: str, limit: int = 10) -> list[Order]:
        """See ShopClient."""
        with _reachable():
            rows = self._db.rows(
                "SELECT doc FROM orders WHERE customer_id = ? ORDER BY placed_at DESC LIMIT ?",
                customer_id,
                _at_most(limit),
            )
        return [Order.model_validate_json(doc) for (doc,) in rows]

    async def order(self, number: str) -> Order | None:
        """See ShopClient."""
        doc = self._doc("SELECT doc FROM orders WHERE number = ?", number)
        return Order.model_validate_json(doc) if doc is not None else None

    async def points(self, customer_id: str) -> PointsAccount | None:
        """See ShopClient."""
        with _reachable():
            if self._db.row("SELECT 1 FROM customers WHERE id = ?", customer_id) is None:
                return None
            return points.account(self._db, customer_id, day_of(self._clock()))

    async def rewards(self, max_points: int | None = None) -> list[Reward]:
        """See ShopClient."""
        dearest_first = sorted(self._data.rewards, key=lambda reward: -reward.points)
        return [r for r in dearest_first if max_points is None or r.points <= max_points]

    async def redeem(self, customer_id: str, reward_id: str, idempotency_key: str) -> Redemption:
        """See ShopClient."""
        return self._once(
            Redemption,
            idempotency_key,
            ("redeem", customer_id, reward_id),
            lambda: changes.redeem(self._db, self._data, customer_id, reward_id, self._clock()),
        )

    async def grant_coupon(
        self, customer_id: str, amount_fen: int, reason: str, idempotency_key: str
    ) -> Coupon:
        """See ShopClient."""
        reason = wire.encodable(reason)[: wire.MAX_REASON]
        return self._once(
            Coupon,
            idempotency_key,
            ("coupon", customer_id, amount_fen, reason),
            lambda: changes.grant_coupon(self._db, customer_id, amount_fen, reason, self._clock()),
        )

    async def tiers(self) -> list[TierInfo]:
        """See ShopClient."""
        return list(self._data.tiers)

    async def return_policies(self) -> list[ReturnPolicy]:
        """See ShopClient."""
        return list(self._data.policies)

    async def start_return(
        self,
        order_number: str,
        sku: str,
        reason: str,
        idempotency_key: str,
        *,
        opened: bool = False,
        defective: bool = False,
    ) -> ReturnRequest:
        """See ShopClient."""
        reason = wire.encodable(reason)[: wire.MAX_REASON]
        return self._once(
            ReturnRequest,
            idempotency_key,
            ("return", order_number, sku, reason, opened, defective),
            lambda: changes.start_return(
                self._db,
                self._data,
                order_number,
                sku,
                reason,
                self._clock(),
                opened=opened,
                defective=defective,
            ),
        )

    async def returns(self, order_number: str) -> list[ReturnRequest]:
        """See ShopClient."""
        with _reachable():
            rows = self._db.rows("SELECT doc FROM returns WHERE order_number = ?", order_number)
        found = [ReturnRequest.model_validate_json(doc) for (doc,) in rows]
        return sorted(found, key=lambda request: request.created_at, reverse=True)

    async def cancel_order(self, order_number: str, idempotency_key: str) -> Order:
        """See ShopClient."""
        return self._once(
            Order,
            idempotency_key,
            ("cancel", order_number),
            lambda: changes.cancel(self._db, order_number, self._clock()),
        )

    async def refund(self, order_number: str) -> Refund | None:
        """See ShopClient."""
        doc = self._doc("SELECT doc FROM refunds WHERE order_number = ?", order_number)
        return Refund.model_validate_json(doc) if doc is not None else None

    async def invoice(self, order_number: str) -> Invoice | None:
        """See ShopClient."""
        order = await self.order(order_number)
        if order is None:
            return None
        doc = self._doc("SELECT doc FROM invoices WHERE order_number = ?", order_number)
        if doc is not None:
            return Invoice.model_validate_json(doc)
        return Invoice(
            order_number=order_number, state=InvoiceState.NONE, amount_fen=order.total_fen
        )

    async def request_invoice(
        self, order_number: str, title: str, tax_id: str, email: str, idempotency_key: str
    ) -> Invoice:
        """See ShopClient."""
        title, tax_id, email = (wire.encodable(text) for text in (title, tax_id, email))
        return self._once(
            Invoice,
            idempotency_key,
            ("invoice", order_number, title, tax_id, email),
            lambda: changes.request_invoice(self._db, order_number, title, tax_id, email),
        )

    async def products(self, query: str | None = None, limit: int = 10) -> list[Product]:
        """See ShopClient."""
        return best_products(self._data.products, query)[: _at_most(limit)]

    async def stores(self, city: str | None = None) -> list[Store]:
        """See ShopClient."""
        wanted = city.strip().removesuffix("市") if city else None
        return [store for store in self._data.stores if wanted in (None, store.city)]

    async def stock(self, sku: str, city: str | None = None) -> list[Stock]:
        """See ShopClient."""
        with _reachable():
            rows = self._db.rows("SELECT store_id, quantity FROM stock WHERE sku = ?", sku)
        quantities: dict[str, int] = dict((str(store), int(count)) for store, count in rows)
        return [
            Stock(sku=sku, store_id=store.id, quantity=quantities[store.id])
            for store in await self.stores(city)
            if store.id in quantities
        ]

    async def close(self) -> None:
        """See ShopClient."""
        self._db.close()

    def named_orders(self) -> dict[tuple[str, str], Order]:
        """The orders of the personas: (persona key, name) → order."""
        rows = self._db.rows(
            "SELECT n.persona, n.name, o.doc FROM named_orders n JOIN orders o USING (number)"
        )
        return {(key, name): Order.model_validate_json(doc) for key, name, doc in rows}

    def refill(self) -> None:
        """Throw away what customers changed and fill the shop as of now.

        Raises:
            ShopUnavailable: the file cannot be written.
        """
        now = self._clock().astimezone(UTC)
        with _reachable(), self._db.transaction():
            _fill(self._db, self._data, now)

    @property
    def filled_on(self) -> date:
        """The shop's calendar day that its dates are relative to."""
        with _reachable():
            known = self._db.text("SELECT value FROM meta WHERE key = 'seed'") or ""
        return date.fromisoformat(known.rpartition("/")[2])

    @property
    def data(self) -> ShopData:
        """What the brand is."""
        return self._data

    def _doc(self, sql: str, number: str) -> str | None:
        with _reachable():
            return self._db.text(sql, number)

    def _once[T: ShopModel](
        self, kind: type[T], key: str, asked: tuple[object, ...], change: Callable[[], T]
    ) -> T:
        """Do a change once per key; the same key again gives the first answer, a refusal is not kept."""
        request = json.dumps(asked, ensure_ascii=False)
        with _reachable(), self._db.transaction():
            known = self._db.row("SELECT request, answer FROM changes WHERE key = ?", key)
            if known is not None:
                if known[0] != request:
                    raise ShopRefused(
                        "这次的内容和刚才提交的不一样，请重新办理一次。", "key_reused"
                    )
                return kind.model_validate_json(known[1])
            answer = change()
            self._db.run(
                "INSERT INTO changes VALUES (?, ?, ?, ?)",
                key,
                request,
                answer.model_dump_json(),
                self._clock().isoformat(),
            )
            return answer


def open_demo_shop(path: Path | str, clock: Clock = utc_now, *, reseed: bool = True) -> DemoShop:
    """Open the demo shop's file, creating and filling it when needed.

    A shop that was filled on another day, or from other data, is filled anew, so that "yesterday"
    in it is yesterday; within the day whatever customers changed stays.

    Args:
        path: the SQLite file; its folder is created.
        clock: current time, aware UTC.
        reseed: False opens a filled shop as it is, for tools that only look.

    Raises:
        ShopUnavailable: the file cannot be opened or filled.
    """
    data = load_data()
    now = clock().astimezone(UTC)
    with _reachable():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        database = Database(path)
        try:
            wanted = fingerprint(data, day_of(now))
            if not _is_fresh(database, wanted, reseed):
                with database.transaction():
                    database.ensure_schema()
                    if not _is_fresh(database, wanted, reseed):
                        _fill(database, data, now)
            database.opened()
        except BaseException:
            database.close()
            raise
    return DemoShop(database, data, clock)


def _fill(database: Database, data: ShopData, now: datetime) -> None:
    seed(database, data, now)
    database.run("REPLACE INTO meta VALUES ('seed', ?)", fingerprint(data, day_of(now)))


def _is_fresh(database: Database, wanted: str, reseed: bool) -> bool:
    if database.row("SELECT 1 FROM sqlite_master WHERE name = 'meta'") is None:
        return False
    known = database.text("SELECT value FROM meta WHERE key = 'seed'")
    if known is None or known.split("/")[0] != wanted.split("/")[0]:
        return False
    return known == wanted or not reseed


def _at_most(limit: int) -> int:
    return min(max(0, limit), wire.MAX_ITEMS)


@contextmanager
def _reachable() -> Iterator[None]:
    """A database that does not answer is a shop that cannot be asked."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ShopUnavailable("demo shop database") from error

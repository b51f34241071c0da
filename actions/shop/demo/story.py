"""The life of one order up to now, for every way in which an order's life may stand.

Kinds: unpaid, paid, packed, in_transit, delivering, stuck, split, signed, return_requested,
returned, refunding, refunded, cancelled (never paid), cancelled_refunding (paid, money on its way).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from actions.shop.demo.days import day_of, moment_on, office_hours
from actions.shop.demo.trace import Journey, parcel
from actions.shop.models import (
    Address,
    Invoice,
    InvoiceState,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    ParcelState,
    Product,
    Refund,
    RefundStep,
    ReturnRequest,
    ReturnState,
)

KINDS: dict[str, OrderState] = {
    "unpaid": OrderState.UNPAID,
    "paid": OrderState.PAID,
    "packed": OrderState.PACKED,
    "in_transit": OrderState.IN_TRANSIT,
    "delivering": OrderState.IN_TRANSIT,
    "stuck": OrderState.IN_TRANSIT,
    "split": OrderState.IN_TRANSIT,
    "signed": OrderState.SIGNED,
    "return_requested": OrderState.SIGNED,
    "returned": OrderState.RETURNED,
    "refunding": OrderState.REFUNDING,
    "refunded": OrderState.REFUNDED,
    "cancelled": OrderState.CANCELLED,
    "cancelled_refunding": OrderState.CANCELLED,
}
RETURN_ADDRESS = "浙江省嘉兴市南湖区凌公塘路 1688 号禾沐生活退货仓"
RETURN_REASONS = ("尺寸不合适", "颜色和想的不一样", "买重了", "收到有瑕疵", "不想要了")
_METHODS = ("原路退回微信支付", "原路退回支付宝", "原路退回付款银行卡")
_UNSENT = ("unpaid", "paid", "cancelled", "cancelled_refunding")


@dataclass(frozen=True)
class Plot:
    """What is decided about an order before its story is told; moments are aware UTC."""

    kind: str
    number: str
    customer_id: str
    ship_to: Address
    lines: tuple[tuple[Product, int], ...]
    placed_at: datetime
    now: datetime
    signed_day: date | None = None
    invoice: InvoiceState | None = None


@dataclass(frozen=True)
class Told:
    """An order with all that hangs on it."""

    order: Order
    refund: Refund | None = None
    returns: tuple[ReturnRequest, ...] = field(default=())
    invoice: Invoice | None = None


def tell(plot: Plot, rng: random.Random) -> Told:
    """Tell an order's story up to ``plot.now``; nothing in it lies in the future but plans."""
    paid_at = None
    if plot.kind not in ("unpaid", "cancelled"):
        paid_at = min(plot.placed_at + timedelta(minutes=rng.randint(1, 20)), plot.now)
    signed_at = None
    if plot.signed_day is not None:
        signed_at = moment_on(plot.signed_day, 10 + rng.randrange(540) / 60)
    lines = tuple(
        OrderLine(
            sku=product.sku,
            title=product.title,
            category=product.category,
            quantity=quantity,
            unit_price_fen=product.price_fen,
        )
        for product, quantity in plot.lines
    )
    order = Order(
        number=plot.number,
        customer_id=plot.customer_id,
        state=KINDS[plot.kind],
        placed_at=plot.placed_at,
        paid_at=paid_at,
        signed_at=signed_at,
        total_fen=sum(line.quantity * line.unit_price_fen for line in lines),
        lines=lines,
        parcels=_parcels(plot, paid_at, signed_at, rng),
        ship_to=plot.ship_to,
    )
    refund, returns = _money_back(plot, order, rng)
    return Told(order, refund, returns, _invoice(plot, order))


def _parcels(
    plot: Plot, paid_at: datetime | None, signed_at: datetime | None, rng: random.Random
) -> tuple[Parcel, ...]:
    if plot.kind in _UNSENT or paid_at is None:
        return ()
    now, today = plot.now, day_of(plot.now)
    end = signed_at or now
    packed_at = paid_at + (end - paid_at) * rng.uniform(0.10, 0.22)
    skus = tuple(product.sku for product, _ in plot.lines)

    def leg(state: ParcelState, last_at: datetime, eta: date | None) -> Journey:
        return Journey(state, packed_at, last_at, plot.ship_to.region, eta)

    hours_ago = timedelta(hours=rng.uniform(1.5, 7))
    moving = leg(
        ParcelState.IN_TRANSIT, now - hours_ago, today + timedelta(days=rng.choice((1, 2)))
    )
    match plot.kind:
        case "packed":
            return (
                parcel(leg(ParcelState.PACKED, packed_at, today + timedelta(days=3)), skus, rng),
            )
        case "in_transit":
            return (parcel(moving, skus, rng),)
        case "delivering":
            recent = now - timedelta(minutes=rng.randint(20, 90))
            return (parcel(leg(ParcelState.DELIVERING, recent, today), skus, rng),)
        case "stuck":
            silent = now - timedelta(days=rng.uniform(4.2, 5.4))
            late = today - timedelta(days=rng.choice((2, 3)))
            return (parcel(leg(ParcelState.STUCK, silent, late), skus, rng),)
        case "split":
            half = max(1, len(skus) // 2)
            there = moment_on(today - timedelta(days=1), 10 + rng.randrange(540) / 60)
            first = leg(ParcelState.SIGNED, there, None)
            return (parcel(first, skus[:half], rng), parcel(moving, skus[half:], rng))
        case _:
            back = plot.kind in ("returned", "refunding", "refunded")
            state = ParcelState.SENT_BACK if back else ParcelState.SIGNED
            return (parcel(leg(state, end, None), skus, rng),)


def _money_back(
    plot: Plot, order: Order, rng: random.Random
) -> tuple[Refund | None, tuple[ReturnRequest, ...]]:
    if plot.kind == "cancelled_refunding":
        asked = order.placed_at + (plot.now - order.placed_at) * 0.5
        steps = ((asked, "订单已取消"), (asked + timedelta(minutes=10), "退款已提交支付渠道"))
        return _refund(order, OrderState.REFUNDING, steps, plot.now, rng), ()
    if order.signed_at is None or plot.kind in ("signed", "split"):
        return None, ()
    span = plot.now - order.signed_at
    if plot.kind == "refunded":
        span = min(span, timedelta(days=rng.uniform(6, 9)))
    shares = (0.15, 0.25, 0.45, 0.7, 0.8, 0.95)
    signed_at = order.signed_at
    at = [min(max(office_hours(signed_at + span * share), signed_at), plot.now) for share in shares]
    story = (
        (at[0], "退货申请已提交"),
        (at[1], "审核通过，请寄回商品"),
        (at[2], "您已寄出商品"),
        (at[3], "退货仓已签收，正在质检"),
        (at[4], "质检通过，退款已提交支付渠道"),
        (at[5], "退款已到账"),
    )
    done, request_state = {
        "return_requested": (2, ReturnState.APPROVED),
        "returned": (4, ReturnState.SENT_BACK),
        "refunding": (5, ReturnState.INSPECTED),
        "refunded": (6, ReturnState.REFUNDED),
    }[plot.kind]
    reason = rng.choice(RETURN_REASONS)
    returns = tuple(
        return_request(order, line.sku, reason, request_state, at[0]) for line in order.lines
    )
    if plot.kind == "return_requested":
        return None, returns
    return _refund(order, order.state, story[:done], plot.now, rng), returns


def return_request(
    order: Order, sku: str, reason: str, state: ReturnState, asked_at: datetime
) -> ReturnRequest:
    """A return of one line of an order; the goods must be sent within seven days."""
    place = [line.sku for line in order.lines].index(sku)
    waiting = state is ReturnState.REQUESTED
    number = f"TH{order.number[2:]}{place}"
    return ReturnRequest(
        number=number,
        order_number=order.number,
        sku=sku,
        reason=reason,
        state=state,
        created_at=asked_at.replace(microsecond=0),
        send_by=None if waiting else day_of(asked_at) + timedelta(days=7),
        instructions=(
            "我们会在 24 小时内审核，请先保留商品和包装，准备好问题照片"
            if waiting
            else f"请把商品连同配件、赠品和包装寄到：{RETURN_ADDRESS}，包裹里写上退货单号 {number}"
        ),
    )


def _refund(
    order: Order,
    state: OrderState,
    steps: tuple[tuple[datetime, str], ...],
    now: datetime,
    rng: random.Random,
) -> Refund:
    waits = {OrderState.RETURNED: 4, OrderState.REFUNDING: 2}.get(state)
    return Refund(
        order_number=order.number,
        amount_fen=order.total_fen,
        state=state,
        method=rng.choice(_METHODS),
        expected_on=day_of(now) + timedelta(days=waits) if waits else None,
        steps=tuple(
            RefundStep(at=at.replace(second=0, microsecond=0), text=text) for at, text in steps
        ),
    )


def _invoice(plot: Plot, order: Order) -> Invoice | None:
    if plot.invoice is None:
        return None
    asked = order.signed_at or order.placed_at
    issued = plot.invoice is InvoiceState.ISSUED
    return Invoice(
        order_number=order.number,
        state=plot.invoice,
        title="个人",
        amount_fen=order.total_fen,
        issued_at=min(asked + timedelta(hours=20), plot.now) if issued else None,
        sent_to=f"member{order.customer_id[1:]}@example.com",
    )

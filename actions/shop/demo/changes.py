"""What customers may change in the demo shop, and when the shop says no.

Every function runs inside a transaction and raises ShopRefused with words for the customer.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from actions.shop import wire
from actions.shop.client import ShopRefused
from actions.shop.demo import points
from actions.shop.demo.data import ShopData
from actions.shop.demo.database import Database
from actions.shop.demo.days import day_of
from actions.shop.demo.story import return_request
from actions.shop.models import (
    Coupon,
    Invoice,
    InvoiceState,
    Order,
    OrderState,
    Redemption,
    Refund,
    RefundStep,
    ReturnPolicy,
    ReturnRequest,
    ReturnState,
)

# Worn next to the skin: once opened they cannot be sold again (说明见 data/shop/policies.yml).
_NEXT_TO_SKIN = ("内裤", "袜")
COUPON_DAYS = 30
_TAX_ID = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}|[0-9A-Z]{20}")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_NOT_SIGNED = {
    OrderState.UNPAID: "这笔订单还没有付款，不用退货，不付款会自动取消。",
    OrderState.PAID: "这笔订单还没有发货，可以直接取消，不用走退货。",
    OrderState.PACKED: "这笔订单还没有发货，可以直接取消，不用走退货。",
    OrderState.IN_TRANSIT: "商品还在路上，签收之后才能申请退货；也可以在派送时当面拒收。",
    OrderState.CANCELLED: "这笔订单已经取消了，不需要退货。",
}


def redeem(
    db: Database, data: ShopData, customer_id: str, reward_id: str, now: datetime
) -> Redemption:
    """Buy a reward with points."""
    reward = next((reward for reward in data.rewards if reward.id == reward_id), None)
    if reward is None:
        raise ShopRefused("这个兑换项目已经下架了，看看别的吧。", "not_found")
    if db.row("SELECT 1 FROM customers WHERE id = ?", customer_id) is None:
        raise ShopRefused("没有找到这位会员。", "not_found")
    if not points.spend(db, customer_id, reward.points, f"兑换：{reward.title}", now):
        balance = points.account(db, customer_id, day_of(now)).balance
        raise ShopRefused(
            f"兑换「{reward.title}」需要 {reward.points} 积分，还差 {reward.points - balance} 积分。",
            "not_enough_points",
        )
    return Redemption(
        number=f"DH{day_of(now):%y%m%d}{secrets.randbelow(10**6):06d}",
        reward=reward,
        balance_after=points.account(db, customer_id, day_of(now)).balance,
    )


def grant_coupon(
    db: Database, customer_id: str, amount_fen: int, reason: str, now: datetime
) -> Coupon:
    """Give a member a coupon."""
    if db.row("SELECT 1 FROM customers WHERE id = ?", customer_id) is None:
        raise ShopRefused("没有找到这位会员。", "not_found")
    if not wire.MIN_COUPON_FEN <= amount_fen <= wire.MAX_COUPON_FEN:
        raise ShopRefused(
            f"券的金额要在 {wire.MIN_COUPON_FEN // 100} 到 {wire.MAX_COUPON_FEN // 100} 元之间。",
            "invalid_amount",
        )
    coupon = Coupon(
        number=f"BC{day_of(now):%y%m%d}{secrets.randbelow(10**6):06d}",
        customer_id=customer_id,
        amount_fen=amount_fen,
        reason=reason,
        granted_at=now,
        valid_until=day_of(now) + timedelta(days=COUPON_DAYS),
    )
    db.run(
        "INSERT INTO coupons VALUES (?, ?, ?)",
        coupon.number,
        customer_id,
        coupon.model_dump_json(),
    )
    return coupon


def cancel(db: Database, number: str, now: datetime) -> Order:
    """Cancel an order that has not left the warehouse; what was paid goes back."""
    order = find_order(db, number)
    match order.state:
        case OrderState.CANCELLED:
            raise ShopRefused("这笔订单之前已经取消了。", "already_cancelled")
        case OrderState.UNPAID | OrderState.PAID | OrderState.PACKED:
            pass
        case OrderState.SIGNED:
            raise ShopRefused("这笔订单已经签收，不能取消了，可以申请退货。", "already_shipped")
        case OrderState.IN_TRANSIT:
            raise ShopRefused(
                "商品已经发出，不能取消了；可以在派送时拒收，或者签收后申请退货。",
                "already_shipped",
            )
        case _:
            raise ShopRefused("这笔订单已经在退货退款了，不用再取消。", "already_shipped")
    cancelled = order.model_copy(update={"state": OrderState.CANCELLED, "parcels": ()})
    _store_order(db, cancelled)
    if order.paid_at is not None:
        refund = Refund(
            order_number=number,
            amount_fen=order.total_fen,
            state=OrderState.REFUNDING,
            method="原路退回付款账户",
            expected_on=day_of(now) + timedelta(days=3),
            steps=(
                RefundStep(at=now, text="订单已取消"),
                RefundStep(at=now, text="退款已提交支付渠道"),
            ),
        )
        db.run("REPLACE INTO refunds VALUES (?, ?)", number, refund.model_dump_json())
    return cancelled


def start_return(
    db: Database,
    data: ShopData,
    number: str,
    sku: str,
    reason: str,
    now: datetime,
    *,
    opened: bool,
    defective: bool,
) -> ReturnRequest:
    """Ask to send one line of a signed order back, by its category's rule."""
    order = find_order(db, number)
    line = next((line for line in order.lines if line.sku == sku), None)
    if line is None:
        raise ShopRefused("这笔订单里没有这件商品，请核对一下。", "not_in_order")
    known = db.text("SELECT doc FROM returns WHERE order_number = ? AND sku = ?", number, sku)
    if known is not None:
        earlier = ReturnRequest.model_validate_json(known)
        raise ShopRefused(
            f"「{line.title}」已经申请过退货了，退货单号 {earlier.number}。", "already_requested"
        )
    if order.state is not OrderState.SIGNED or order.signed_at is None:
        message = _NOT_SIGNED.get(order.state, "这笔订单已经在退货退款了，不用重复申请。")
        raise ShopRefused(message, "not_signed")
    policy = data.policy_of(line.category)
    days = (day_of(now) - day_of(order.signed_at)).days
    _check_window(policy, line.title, days, opened=opened, defective=defective)
    state = ReturnState.REQUESTED if defective else ReturnState.APPROVED
    request = return_request(order, sku, reason, state, now)
    db.run(
        "INSERT INTO returns VALUES (?, ?, ?, ?)",
        request.number,
        number,
        sku,
        request.model_dump_json(),
    )
    return request


def _check_window(
    policy: ReturnPolicy, title: str, days: int, *, opened: bool, defective: bool
) -> None:
    if defective:
        if days > policy.days_defective:
            raise ShopRefused(
                f"{policy.category}的质量问题需在签收 {policy.days_defective} 天内反馈，"
                f"这件已经签收 {days} 天了。可以请人工同事帮您看看保修。",
                "window_passed",
            )
        return
    allowed = policy.days_opened if opened else policy.days_unopened
    if opened and any(word in title for word in _NEXT_TO_SKIN):
        allowed = 0
    if allowed == 0:
        raise ShopRefused(
            f"「{title}」拆封后不支持七天无理由退货；如果是质量问题，"
            f"签收 {policy.days_defective} 天内可以处理。",
            "opened",
        )
    if days > allowed:
        raise ShopRefused(
            f"「{title}」签收已经 {days} 天，超过了 {allowed} 天无理由退货的时间；"
            f"如果是质量问题，签收 {policy.days_defective} 天内可以处理。",
            "window_passed",
        )


def request_invoice(db: Database, number: str, title: str, tax_id: str, email: str) -> Invoice:
    """Ask for an electronic invoice over what was paid."""
    order = find_order(db, number)
    if order.state is OrderState.UNPAID:
        raise ShopRefused("这笔订单还没有付款，付款后就可以开发票。", "not_paid")
    if order.state not in (
        OrderState.PAID,
        OrderState.PACKED,
        OrderState.IN_TRANSIT,
        OrderState.SIGNED,
    ):
        raise ShopRefused("这笔订单已取消或退款，不能开发票了。", "not_paid")
    known = db.text("SELECT doc FROM invoices WHERE order_number = ?", number)
    if known is not None:
        issued = Invoice.model_validate_json(known).state is InvoiceState.ISSUED
        raise ShopRefused(
            "这笔订单的发票已经开好并发到您的邮箱了；要换抬头请找人工同事。"
            if issued
            else "这笔订单的发票已经在开了，24 小时内会发到您的邮箱。",
            "already_requested",
        )
    title, tax_id, email = title.strip(), tax_id.strip().upper(), email.strip()
    if not title or len(title) > 100:
        raise ShopRefused("请告诉我发票抬头，个人写姓名或「个人」，单位写全称。", "invalid_title")
    if tax_id and not _TAX_ID.fullmatch(tax_id):
        raise ShopRefused("税号应该是 15、18 或 20 位数字和字母，请核对一下。", "invalid_tax_id")
    if not _EMAIL.fullmatch(email):
        raise ShopRefused("邮箱好像不太对，请核对一下，例如 name@example.com。", "invalid_email")
    invoice = Invoice(
        order_number=number,
        state=InvoiceState.REQUESTED,
        title=title,
        amount_fen=order.total_fen,
        sent_to=email,
    )
    db.run("INSERT INTO invoices VALUES (?, ?)", number, invoice.model_dump_json())
    return invoice


def find_order(db: Database, number: str) -> Order:
    """An order that must exist."""
    doc = db.text("SELECT doc FROM orders WHERE number = ?", number)
    if doc is None:
        raise ShopRefused("没有找到这个订单号，请核对一下。", "not_found")
    return Order.model_validate_json(doc)


def _store_order(db: Database, order: Order) -> None:
    db.run(
        "UPDATE orders SET state = ?, doc = ? WHERE number = ?",
        order.state.value,
        order.model_dump_json(),
        order.number,
    )

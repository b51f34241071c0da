"""One worked example of every answer in the back-office contract (all people made up)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from actions.shop import models as m
from actions.shop import wire


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


_ORDER = m.Order(
    number="261119004217",
    customer_id="C000001",
    state=m.OrderState.IN_TRANSIT,
    placed_at=_at(19, 5, 20),
    paid_at=_at(19, 5, 31),
    total_fen=25_700,
    lines=(
        m.OrderLine(
            sku="XJ1001",
            title="静音加湿器 4L",
            category="小家电",
            quantity=1,
            unit_price_fen=15_900,
        ),
        m.OrderLine(
            sku="JF2008",
            title="纯棉毛巾三条装",
            category="家纺",
            quantity=2,
            unit_price_fen=4_900,
        ),
    ),
    parcels=(
        m.Parcel(
            carrier="顺禾速运",
            tracking_number="SH2272462042173",
            state=m.ParcelState.IN_TRANSIT,
            skus=("XJ1001", "JF2008"),
            eta=date(2026, 11, 23),
            trace=(
                m.TraceEvent(
                    at=_at(21, 10, 37), place="上海转运中心", text="快件到达【上海转运中心】"
                ),
                m.TraceEvent(at=_at(19, 23, 20), place="嘉兴仓", text="快递员已揽收"),
            ),
        ),
    ),
    ship_to=m.Address(
        name="林晓雨",
        phone="13800005678",
        region="上海市浦东新区",
        street="张杨路 500 弄 6 号 1203 室",
    ),
)
_REWARD = m.Reward(id="R01", title="5 元无门槛券", points=500)
_RETURN = m.ReturnRequest(
    number="TH11150042170",
    order_number="261115004217",
    sku="FS3004",
    reason="尺寸不合适",
    state=m.ReturnState.APPROVED,
    created_at=_at(20, 3, 5),
    send_by=date(2026, 11, 27),
    instructions="请把商品连同配件、赠品和包装寄到退货仓，包裹里写上退货单号 TH11150042170",
)
_INVOICE = m.Invoice(
    order_number="261119004217",
    state=m.InvoiceState.REQUESTED,
    title="上海禾沐贸易有限公司",
    amount_fen=25_700,
    sent_to="finance@example.com",
)

EXAMPLES: dict[str, m.ShopModel] = {
    "member": m.Member(
        customer_id="C000001",
        name="林晓雨",
        phone="13800005678",
        tier=m.Tier.GOLD,
        growth=8_620,
        next_tier=m.Tier.DIAMOND,
        growth_to_next=11_380,
        benefits=("消费 1 元积 1.5 分", "生日礼券 50 元"),
    ),
    "orders": wire.OrderList(items=(_ORDER,)),
    "points": m.PointsAccount(
        balance=3_280, expiring=(m.ExpiringPoints(points=500, on=date(2026, 11, 30)),)
    ),
    "redeem": m.Redemption(number="DH261122004217", reward=_REWARD, balance_after=2_780),
    "grantCoupon": m.Coupon(
        number="BC261122004217",
        customer_id="C000001",
        amount_fen=2_000,
        reason="包裹延误补偿",
        granted_at=_at(22, 3),
        valid_until=date(2026, 12, 22),
    ),
    "order": _ORDER,
    "mobileCheck": wire.PhoneMatch(customer_id="C000001"),
    "phoneCheck": wire.PhoneMatch(customer_id="C000001"),
    "cancel": _ORDER.model_copy(update={"state": m.OrderState.CANCELLED, "parcels": ()}),
    "returns": wire.ReturnList(items=(_RETURN,)),
    "startReturn": _RETURN,
    "refund": m.Refund(
        order_number="261107004217",
        amount_fen=17_900,
        state=m.OrderState.REFUNDING,
        method="原路退回微信支付",
        expected_on=date(2026, 11, 24),
        steps=(
            m.RefundStep(at=_at(13, 2), text="退货申请已提交"),
            m.RefundStep(at=_at(20, 6), text="质检通过，退款已提交支付渠道"),
        ),
    ),
    "invoice": _INVOICE,
    "requestInvoice": _INVOICE,
    "rewards": wire.RewardList(items=(_REWARD,)),
    "tiers": wire.TierList(
        items=(
            m.TierInfo(
                tier=m.Tier.REGULAR,
                name="普通会员",
                growth_from=0,
                benefits=("消费 1 元积 1 分", "生日当月双倍积分"),
            ),
        )
    ),
    "returnPolicies": wire.PolicyList(
        items=(
            m.ReturnPolicy(
                category="食品",
                days_unopened=7,
                days_opened=0,
                days_defective=15,
                freight_note="无理由退货运费由您承担，质量问题由我们承担",
                note="拆封后不支持无理由",
            ),
        )
    ),
    "products": wire.ProductList(
        items=(
            m.Product(
                sku="XJ1001",
                title="静音加湿器 4L",
                aliases=("加湿器", "静音加湿器"),
                category="小家电",
                price_fen=15_900,
                blurb="上加水，夜间低至 28 分贝，一箱水用一整夜",
            ),
        )
    ),
    "stock": wire.StockList(items=(m.Stock(sku="XJ1001", store_id="S001", quantity=8),)),
    "stores": wire.StoreList(
        items=(
            m.Store(
                id="S001",
                name="禾沐生活·上海静安店",
                city="上海",
                address="上海市静安区南京西路 1266 号 B1 层 18 号",
                hours="10:00–22:00",
                phone="021-5550 1001",
            ),
        )
    ),
}
"""Operation id → its answer."""

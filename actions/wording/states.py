"""Names of states and tiers for customers."""

from __future__ import annotations

from actions.shop.models import InvoiceState, OrderState, ParcelState, Tier

ORDER_STATES: dict[OrderState, str] = {
    OrderState.UNPAID: "待付款",
    OrderState.PAID: "已付款，待发货",
    OrderState.PACKED: "已打包，等待快递揽收",
    OrderState.IN_TRANSIT: "运输中",
    OrderState.SIGNED: "已签收",
    OrderState.RETURNED: "退货已寄回",
    OrderState.REFUNDING: "退款处理中",
    OrderState.REFUNDED: "已退款",
    OrderState.CANCELLED: "已取消",
}

PARCEL_STATES: dict[ParcelState, str] = {
    ParcelState.PACKED: "已打包",
    ParcelState.IN_TRANSIT: "运输中",
    ParcelState.STUCK: "物流停滞",
    ParcelState.DELIVERING: "派送中",
    ParcelState.SIGNED: "已签收",
    ParcelState.SENT_BACK: "已退回",
}

TIERS: dict[Tier, str] = {
    Tier.REGULAR: "普通会员",
    Tier.SILVER: "银卡会员",
    Tier.GOLD: "金卡会员",
    Tier.DIAMOND: "钻石会员",
}

INVOICE_STATES: dict[InvoiceState, str] = {
    InvoiceState.NONE: "还没有开发票",
    InvoiceState.REQUESTED: "发票开具中",
    InvoiceState.ISSUED: "发票已开具",
}

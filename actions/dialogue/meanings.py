"""What each request is called when we speak of it: in a question, in a button, in "先…，再…"."""

MEANINGS: dict[str, str] = {
    "query_order": "查订单",
    "query_logistics": "查物流",
    "query_points": "查积分",
    "redeem_points": "用积分兑换",
    "return_policy": "了解退换货规则",
    "request_return": "申请退货",
    "query_refund": "查退款进度",
    "invoice": "开发票",
    "member_tier": "看会员等级",
    "store_info": "查门店",
    "product_question": "问商品",
    "promotion": "问优惠活动",
    "change_order": "修改订单",
    "cancel_order": "取消订单",
    "ask_human": "找人工同事",
}

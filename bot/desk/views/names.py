"""What things are called on the desk, in Chinese."""

from __future__ import annotations

CHANNELS = {"app_chat": "网页/App", "wechat": "微信", "phone": "电话"}

INTENTS = {
    "greet": "打招呼",
    "goodbye": "告别",
    "thanks": "感谢",
    "affirm": "肯定",
    "deny": "否定",
    "query_order": "查订单",
    "query_logistics": "查物流",
    "query_points": "查积分",
    "redeem_points": "兑换积分",
    "return_policy": "退换货规则",
    "request_return": "申请退货",
    "query_refund": "查退款",
    "invoice": "开发票",
    "member_tier": "会员等级",
    "store_info": "查门店",
    "product_question": "商品咨询",
    "promotion": "优惠活动",
    "change_order": "修改订单",
    "cancel_order": "取消订单",
    "complaint": "投诉",
    "ask_human": "转人工",
    "out_of_scope": "无关问题",
    "abuse": "辱骂",
    "nlu_fallback": "没听懂",
    "faq": "常见问题",
}

LEVELS = {"anonymous": "未验证", "linked": "曾验证，本次未验证", "verified": "已验证"}

OUTCOMES = {
    "automated_confirmed": "机器人解决（客户确认）",
    "automated_fulfilled": "机器人解决",
    "handed_off": "人工处理",
    "handoff_failed": "转人工未接通",
    "abandoned": "客户离开",
    "bot_error": "系统出错",
    "unresolved": "未解决",
}

DISPOSITIONS = {
    "solved": "已解决",
    "explained": "已解释说明",
    "compensated": "已补偿",
    "return_started": "已办退换货",
    "follow_up": "需后续跟进",
    "no_answer": "客户无回应",
    "spam": "无效会话",
}

CASE_KINDS = {
    "left_message": "离线留言",
    "call_back": "电话回访",
    "emotion": "情绪安抚",
    "complaint": "投诉处理",
    "follow_up": "后续跟进",
    "refund": "退款跟进",
    "quality": "质量问题",
    "other": "其他",
}
CASE_STATES = {"open": "待处理", "doing": "处理中", "done": "已办结"}
GRADES = {"urgent": "紧急", "important": "重要", "ordinary": "一般"}

PRESENCES = {"online": "在线", "away": "小休", "offline": "离线"}

RETURN_STATES = {
    "requested": "待审核",
    "approved": "已同意，待寄回",
    "sent_back": "已寄回",
    "inspected": "已质检",
    "refunded": "已退款",
    "rejected": "未通过",
}


def channel_name(channel: str) -> str:
    """What a channel is called; an unknown one by its own name."""
    return CHANNELS.get(channel, channel)


def intent_name(intent: str | None) -> str | None:
    """What an intent is called; ``faq/…`` are all 常见问题."""
    if intent is None:
        return None
    return INTENTS.get(intent.partition("/")[0], intent)

"""What channels, intents and outcomes are called, in Chinese."""

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

COURTESIES = ("greet", "goodbye", "thanks", "affirm", "deny")
"""Intents with which nobody asks for anything."""

OUTCOMES = {
    "automated_confirmed": "机器人解决（客户确认）",
    "automated_fulfilled": "机器人解决",
    "handed_off": "人工处理",
    "handoff_failed": "转人工未接通",
    "abandoned": "客户离开",
    "bot_error": "系统出错",
    "unresolved": "未解决",
}

EXCLUSIONS = {
    "greeting_only": "只打了招呼",
    "spam": "无效会话",
    "test": "内部测试",
    "proactive": "我方主动发起",
}

REASONS = {
    "asked_for_human": "客户要求人工",
    "frustration": "情绪激动",
    "complex_intent": "复杂诉求",
    "repeated_failure": "多次没听懂",
    "vip_policy": "高等级会员优先",
    "sensitive": "敏感事项",
    "engine_down": "系统故障",
    "action_failed": "操作失败",
    "off_hours": "非工作时间",
}

TIERS = {
    "none": "未识别会员",
    "regular": "普通",
    "silver": "银卡",
    "gold": "金卡",
    "diamond": "钻石",
}


def channel_name(channel: str) -> str:
    """What a channel is called; an unknown one by its own name."""
    return CHANNELS.get(channel, channel)


def intent_name(intent: str | None) -> str | None:
    """What an intent is called; ``faq/…`` are all 常见问题."""
    if intent is None:
        return None
    return INTENTS.get(intent.partition("/")[0], intent)

"""What things are called on the desk, in Chinese."""

from __future__ import annotations

from bot.names import CHANNELS, INTENTS, OUTCOMES, channel_name, intent_name

__all__ = [
    "CASE_KINDS",
    "CASE_STATES",
    "CHANNELS",
    "DISPOSITIONS",
    "GRADES",
    "INTENTS",
    "LEVELS",
    "OUTCOMES",
    "PRESENCES",
    "RETURN_STATES",
    "channel_name",
    "intent_name",
]

LEVELS = {"anonymous": "未验证", "linked": "曾验证，本次未验证", "verified": "已验证"}

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
    "satisfaction": "低分回访",
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

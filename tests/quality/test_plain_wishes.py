"""The commonest wishes in their plainest words, in combinations that nobody wrote down for training.

Colourful lines are what a writer of examples thinks of; "帮我查快递" is what most customers type.
"""

from __future__ import annotations

from tests.nlu.test_data import examples, plain
from tests.quality.sets import Understand

OPENINGS = (
    *("我要", "我想", "想", "我想要", "我现在要", "那我要", "你好我想", "需要"),
    *("帮我", "请帮我", "麻烦帮我", "能帮我", "给我", "怎么", "我要求"),
)
WISHES = {
    "change_order": "改地址 改收货地址 改收货人电话 改尺码 改颜色 改数量 修改订单 改配送时间",
    "cancel_order": "取消订单 撤单 取消刚拍的 取消这个订单",
    "request_return": "退货 退款 换货 申请售后 申请退货 报修 补发一个",
    "invoice": "开发票 补开发票 改发票抬头 下载发票 开专票 重开发票 开电子发票",
    "query_order": "查订单 查一下订单 看看订单 查订单状态 看订单详情",
    "query_logistics": "查快递 查物流 查一下物流 查包裹 看物流信息",
    "query_refund": "查退款 查退款进度 查一下退款到哪了",
    "query_points": "查积分 查一下积分 查积分余额",
    "redeem_points": "兑换积分 用积分换东西 用积分抵钱",
    "member_tier": "查会员等级 看会员等级 升级会员",
    "store_info": "找附近门店 查门店地址 查附近的门店",
    "ask_human": "转人工 找人工 转人工客服 找真人客服",
    "complaint": "投诉 投诉你们 投诉快递员",
}
UNDERSTOOD = 0.96


def test_plain_wishes_are_understood(understand: Understand) -> None:
    trained = {plain(text) for text, _ in examples()}
    said = {
        opening + wish: intent
        for intent, wishes in WISHES.items()
        for wish in wishes.split()
        for opening in OPENINGS
        if plain(opening + wish) not in trained
    }
    answers = zip(said.items(), understand(list(said)), strict=True)
    missed = [
        f"{text}: {found['intent']}"
        for (text, intent), found in answers
        if found["intent"] != intent
    ]
    assert len(missed) <= (1 - UNDERSTOOD) * len(said), "\n".join(missed)

"""The commonest wishes and questions in their plainest words, in combinations that nobody wrote down for training.

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
SUBJECTS = "快递 我的快递 包裹 东西 货 我买的东西 我的东西".split()
OF_SUBJECTS = {
    "query_logistics": "到哪了 到哪里了 什么时候到 什么时候能到 啥时候到 几天能到 多久到 到了吗 到了没 怎么还没到 怎么还不到 还没收到 没收到 还有多久到 "
    "今天能到吗 明天能到吗 在哪 走到哪了 是什么快递 单号是多少 怎么不动了 丢了吗 几点能到",
    "query_order": "发货了吗 发货了没 什么时候发货 啥时候发 怎么还没发货 怎么还不发货 今天能发货吗",
}
GOODS = "裤子 鞋子 被子 杯子 面膜 零食 毛巾 吹风机 水壶 床单 枕头 口红 洗发水 充电器 书包 台灯 椅子 玩具 电饭煲 行李箱".split()
OF_GOODS = {
    "request_return": "坏了 破了 发错了 少发了 有瑕疵 不能用 用不了 收到是坏的 我要退",
    "return_policy": "能退吗 可以退吗 能换吗 拆了能退吗 退货运费谁出",
    "query_logistics": "到哪了 什么时候到 还没到 怎么还没到 几天能到 没收到 还没收到",
    "query_order": "发货了吗 什么时候发货 怎么还没发货 发了没",
    "product_question": "有货吗 怎么用 好用吗 什么材质",
    "promotion": "多少钱 能便宜点吗 打折吗",
}
FALLS_TOGETHER = {
    "query_logistics": {"query_order"},
    "query_order": {"query_logistics"},
    "product_question": {"promotion", "store_info"},
    "promotion": {"product_question"},
}
"""Either is answered alike: both look the order up, both tell the price."""
UNDERSTOOD = 0.96
QUESTIONS_UNDERSTOOD = 0.97


def _missed(said: dict[str, str], understand: Understand) -> list[str]:
    answers = zip(said.items(), understand(list(said)), strict=True)
    return [
        f"{text}: {found['intent']}"
        for (text, intent), found in answers
        if found["intent"] not in {intent, *FALLS_TOGETHER.get(intent, ())}
    ]


def _untrained(texts: dict[str, str]) -> dict[str, str]:
    trained = {plain(text) for text, _ in examples()}
    return {text: intent for text, intent in texts.items() if plain(text) not in trained}


def test_plain_wishes_are_understood(understand: Understand) -> None:
    said = _untrained(
        {
            opening + wish: intent
            for intent, wishes in WISHES.items()
            for wish in wishes.split()
            for opening in OPENINGS
        }
    )
    missed = _missed(said, understand)
    assert len(missed) <= (1 - UNDERSTOOD) * len(said), "\n".join(missed)


def test_plain_questions_are_understood(understand: Understand) -> None:
    asked = {
        subject + question: intent
        for subjects, of_them in ((SUBJECTS, OF_SUBJECTS), (GOODS, OF_GOODS))
        for intent, questions in of_them.items()
        for question in questions.split()
        for subject in subjects
    }
    said = _untrained(asked)
    missed = _missed(said, understand)
    assert len(said) > 600
    assert len(missed) <= (1 - QUESTIONS_UNDERSTOOD) * len(said), "\n".join(missed)

"""What a customer objects to the refund that we told: not there, too little, the wrong account."""

from __future__ import annotations

import re
from typing import Literal

from actions.dialogue import Turn
from actions.shop.models import Order, OrderState, Refund
from actions.wording import full_day, moment

Objection = Literal["card", "method", "amount", "missing"]

TOLD = "refund"
"""Where ``Memory.about`` keeps the order whose refund was told last."""
_OBJECTED = "objected"
"""Where it keeps the order to whose refund something was objected already."""
_BARE_MISSING = re.compile(
    r"[我但可是还都也真的就，,。！!？?~ ]*(没有?|没(收到|到账?|看到|见到?))([啊呀呢哦嘛的，,。！!？?~ ]|我?(刚|都)?[查看]过?了)*"
)
_OBJECTIONS: tuple[tuple[re.Pattern[str], Objection], ...] = (
    (
        re.compile(
            r"卡.{0,5}(注销|销户|挂失|丢了|不用了|停用|冻结|换了|过期)|(注销|停用|换)(了|掉)?.{0,2}卡"
        ),
        "card",
    ),
    (
        re.compile(
            r"[付用走刷花]的?(明明)?是?(微信|支付宝|花呗|银行卡|信用卡|云闪付|礼品卡|零钱)|(微信|支付宝|花呗|信用卡|云闪付)付的?"
            r"|(怎么|为什么|为啥|咋).{0,4}(退|打)到?(银行卡|微信|支付宝|卡|零钱)|没(有|绑)(过)?银行卡"
        ),
        "method",
    ),
    (
        re.compile(
            r"(只|才|就|少)退|退少|退(得|的|了)?(这么|那么|太|就这)(一?点|少)|金额.{0,3}(不对|不符|错)|退款?(怎么|咋|为什么|为啥|好像)?(变|退|给)?少了|(付|花)(了|的)?(是)?\d{2,}|(少|差)(退)?了?.{0,4}(钱|元|块)|不止这"
        ),
        "amount",
    ),
    (
        re.compile(
            r"(卡里?|微信|支付宝|零钱|余额|账户|账单|银行|流水|明细|查了|看了).{0,5}没(?!问题|事)|没(有)?(收到|到账|看到|见到|退到)|钱.{0,3}没(有)?到|再(查|核)|查查"
        ),
        "missing",
    ),
)


def objection_in(text: str) -> Objection | None:
    """What is objected to a refund, if something is."""
    if _BARE_MISSING.fullmatch(text.strip()):
        return "missing"
    return next((kind for pattern, kind in _OBJECTIONS if pattern.search(text)), None)


def answer_objection(turn: Turn, kind: Objection, order: Order, refund: Refund) -> None:
    """Say what the shop knows about it; the second time, offer a person who can look into it."""
    about = turn.memory.about
    again = about.get(_OBJECTED) == order.number
    about[_OBJECTED] = order.number
    last = refund.steps[-1] if refund.steps else None
    values = {
        "amount": turn.yuan(refund.amount_fen),
        "total": turn.yuan(order.total_fen),
        "method": refund.method,
        "at": moment(last.at, turn.today) if last else "之前",
        "by": full_day(refund.expected_on, turn.today) if refund.expected_on else "近几天",
    }
    done = refund.state is OrderState.REFUNDED
    late = not done and refund.expected_on is not None and refund.expected_on < turn.today
    if kind == "card":
        turn.offer_human("utter_refund_card", "complex_intent", **values)
    elif again or late:
        turn.offer_human("utter_refund_check_offer", "complex_intent", **values)
    elif kind == "method":
        turn.offer_human("utter_refund_method", "complex_intent", **values)
    else:
        whole = refund.amount_fen == order.total_fen
        amount = "utter_refund_whole" if whole else "utter_refund_part"
        missing = "utter_refund_not_seen" if done else "utter_refund_not_yet"
        turn.use(amount if kind == "amount" else missing, **values)
        turn.fulfil()

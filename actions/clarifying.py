"""Not understood: first the two likeliest meanings as quick replies, then a person."""

from __future__ import annotations

import re

from actions.dialogue import FALLBACK, Request, Skill, Task, Turn
from actions.reading import answer_in, ordinal_in
from actions.wording import Button

PLAUSIBLE = 0.06
"""Below this a meaning is not worth asking about."""

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


class Clarify(Skill):
    """nlu_fallback: two stages, and never twice the same sentence."""

    intent = FALLBACK
    topical = False

    async def start(self, turn: Turn, request: Request) -> None:
        """Ask which of two meanings, or offer a person at the second failure in a row."""
        turn.memory.misses += 1
        if turn.memory.misses >= 2:
            turn.offer_human("utter_fallback_offer", "repeated_failure")
            return
        options = [
            name
            for name, confidence in turn.message.ranking
            if name in MEANINGS and confidence >= PLAUSIBLE
        ][:2]
        if len(options) < 2 or not re.search(r"[一-鿿A-Za-z]{2}", request.text):
            turn.use("utter_rephrase")
            return
        first, second = (MEANINGS[name] for name in options)
        data = {"options": options, "request": request.as_dict()}
        turn.memory.push(Task(self.intent, "clarify", data))
        turn.use("utter_clarify", first=first, second=second)
        buttons = [Button(MEANINGS[name], f"/{name}") for name in options]
        turn.offer([*buttons, Button("都不是", "/deny")])

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take "第一个", the words of an option, or "都不是"."""
        options = [str(name) for name in task.data.get("options") or []]
        text = turn.message.text
        index = ordinal_in(text, len(options))
        if index is None:
            index = {"前者": 0, "前一个": 0, "后者": 1, "后一个": 1}.get(text.strip("。，！ "))
        if index is None:
            named = [i for i, n in enumerate(options) if MEANINGS[n] == text.strip("。，！? ")]
            index = named[0] if len(named) == 1 else None
        if index is not None and index < len(options):
            turn.memory.drop(task)
            turn.redirect = (options[index], Request.from_dict(task.data.get("request") or {}))
            return True
        if answer_in(text, turn.message.intent) == "no":
            turn.memory.drop(task)
            turn.memory.misses = 1
            turn.use("utter_rephrase")
            return True
        return False

"""What happened, in one Chinese paragraph, by rule: from intents, slots and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from actions.shop.models import Member, Order
from actions.wording import ORDER_STATES, TIERS, joined, mask_name
from bot.handoff.known import Known
from bot.handoff.messages import say_moment
from bot.handoff.policy import Policy
from bot.privacy import mask_shown

WISHES = {
    "query_order": "查询订单",
    "query_logistics": "查询物流进度",
    "query_points": "查询积分",
    "redeem_points": "兑换积分",
    "return_policy": "了解退换货规则",
    "request_return": "申请退换货",
    "query_refund": "查询退款进度",
    "invoice": "办理发票",
    "member_tier": "了解会员等级",
    "store_info": "查询门店",
    "product_question": "咨询商品",
    "promotion": "了解优惠活动",
    "change_order": "修改订单",
    "cancel_order": "取消订单",
    "complaint": "投诉",
    "faq": "咨询常见问题",
}
"""What a customer wants, by intent; others ask for nothing that could be done."""

_CHANNELS = {"app_chat": "在线客服", "wechat": "微信", "wecom_kf": "微信客服", "phone": "电话"}
_LEVELS = {"light": "略有不满", "medium": "明显不满", "severe": "情绪激烈"}
_QUOTE = 60


def wish_of(intent: str | None) -> str | None:
    """The wish behind an intent; None for greetings, answers and the like."""
    return WISHES.get((intent or "").partition("/")[0])


def summarise(
    known: Known, member: Member | None, orders: Sequence[Order], policy: Policy, now: datetime
) -> str:
    """The paragraph at the top of the packet."""
    sentences = [_who(known, member), _wants(known, orders), _results(known)]
    sentences += [_mood(known), _reason(known, policy)]
    if known.earlier:
        last = known.earlier[0]
        agent = last.name or "同事"
        note = f"：{mask_shown(last.note)}" if last.note else ""
        when = say_moment(last.closed_at, now)
        sentences.append(f"{when}，{agent}曾经处理过{note}")
    return "。".join(sentence.strip("。") for sentence in sentences if sentence) + "。"


def tried(known: Known) -> list[dict[str, Any]]:
    """What the assistant did for each request, and what came of it."""
    done = []
    for line in known.episode_lines:
        turn = known.turns.get(line.seq)
        if line.author != "customer" or turn is None:
            continue
        wish = wish_of(line.intent)
        if line.intent == "nlu_fallback":
            done.append({"seq": line.seq, "what": "理解客户的话", "result": "没听懂"})
        elif turn.get("errors"):
            done.append({"seq": line.seq, "what": wish or "回答", "result": "系统出错，没有办成"})
        elif wish is not None:
            result = "已答复" if turn.get("fulfilled") else "还没办完"
            done.append({"seq": line.seq, "what": wish, "result": result})
    return done


def readable_slots(known: Known, titles: Mapping[str, str]) -> dict[str, str]:
    """What the assistant knows, by names that people read; ``titles`` are products' by SKU.

    A SKU without a name says nothing to an agent, and would stand in a reply to the customer.
    """
    slots = known.snapshot.get("slots") or {}
    about: dict[str, Any] = slots.get("about") or {}
    product = str(slots.get("product") or "")
    is_code = bool(product) and product.isascii()
    named = {
        "订单号": slots.get("order_number"),
        "商品": titles.get(product, "" if is_code else product),
        "城市": about.get("city"),
        "品类": about.get("category"),
        "正在谈": wish_of(slots.get("topic")),
        "没办完": "、".join(filter(None, map(_task, slots.get("tasks") or ()))),
        "已谈好": about.get("agreed"),
    }
    return {name: mask_shown(str(value)) for name, value in named.items() if value}


def _task(task: Any) -> str | None:
    return wish_of(str(task.get("skill"))) if isinstance(task, dict) else None


def _who(known: Known, member: Member | None) -> str:
    channel = _CHANNELS.get(known.handoff.channel, known.handoff.channel)
    if member is not None:
        return f"{mask_name(member.name)}（{TIERS[member.tier]}，身份已验证）从{channel}来"
    if known.level == "verified":
        return f"一位身份已验证的会员从{channel}来"
    return f"一位未验证身份的客户从{channel}来"


def _wants(known: Known, orders: Sequence[Order]) -> str:
    wishes = [wish_of(line.intent) for line in known.episode_lines if line.author == "customer"]
    wanted = list(dict.fromkeys(wish for wish in wishes if wish))
    slots = known.snapshot.get("slots") or {}
    number = slots.get("order_number")
    order = next((order for order in orders if order.number == number), None)
    about = ""
    if order is not None:
        goods = joined([line.title for line in order.lines][:2])
        about = f"，说的是订单 {number}（{goods}，{ORDER_STATES[order.state]}）"
    elif number:
        about = f"，说的是订单 {number}"
    if not wanted:
        return f"还没有说清具体要办什么{about}"
    return f"想{joined(wanted)}{about}"


def _results(known: Known) -> str:
    results = [entry["result"] for entry in tried(known)]
    answered, missed = results.count("已答复"), results.count("没听懂")
    parts = [f"小禾答复了 {answered} 次"] if answered else []
    if open_ones := [e["what"] for e in tried(known) if e["result"] == "还没办完"]:
        parts.append(f"{joined(dict.fromkeys(open_ones))}还没办完")
    if failed := sum("出错" in result for result in results):
        parts.append(f"有 {failed} 次因系统问题没有办成")
    if missed:
        parts.append(f"有 {missed} 次没听懂")
    return "，".join(parts)


def _mood(known: Known) -> str:
    levels = [
        _LEVELS.get(str((line.emotion or {}).get("level")))
        for line in known.episode_lines
        if line.author == "customer"
    ]
    if not any(levels):
        return "客户情绪平稳"
    moods = list(dict.fromkeys(level for level in levels if level))
    if len(moods) == 1 or levels[-1] == moods[0]:
        return f"客户{levels[-1] or moods[-1]}"
    return f"客户从{moods[0]}到{levels[-1] or moods[-1]}"


def _reason(known: Known, policy: Policy) -> str:
    said = [line for line in known.episode_lines if line.author == "customer"]
    why = policy.reasons[known.handoff.reason].text
    reasons = list(dict.fromkeys(str(e["why"]) for e in known.handoff.evidence))
    detail = f"（{joined(reasons)}）" if reasons and reasons != [why] else ""
    quote = ""
    if said:
        words = " ".join(mask_shown(said[-1].text).split())
        quote = f"，最后一句是“{words[:_QUOTE]}{'…' if len(words) > _QUOTE else ''}”"
    return f"转人工原因：{why}{detail}{quote}"

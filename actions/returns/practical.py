"""Practical questions about sending something back: short answers, or that we cannot say for certain."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.returns.articles import rule_meant
from actions.returns.running import LATE
from actions.shop.models import ReturnPolicy
from actions.wording import TIERS

_FREIGHT = re.compile(
    r"运费|邮费|快递费|运输费|退.{0,4}(费用|[花收]钱|要.{0,2}钱|(出|付)多少钱)|寄回?.{0,4}(费用|[要花收].{0,2}钱)"
)
_PAID_BEFORE = re.compile(
    r"垫|报销|谁报|报给|(运费|邮费|快递费)(我)?花了|(运费|邮费|快递费).{0,4}(返|退)(还|回)?给?|运费险.{0,4}(怎么|如何|咋)"
)
_AT_ORDERING = re.compile(r"包邮|免邮|免运费|满多少|下单|结账|凑单|发货")

_UNSURE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"到付"), "utter_practical_collect"),
    (
        re.compile(
            r"上门.{0,3}(取|拿|收|揽|接)|(?<![后本原寄发送])(来|派人).{0,3}(取(?!消|得)|拿(?!到|了)|收(?!货|到|了))"
            r"|取件|(约|叫|喊)(个|一下)?快递"
        ),
        "utter_practical_pickup",
    ),
    (
        re.compile(
            r"(什么|哪家|哪个|哪种|啥|任何|随便|指定).{0,3}快递|快递.{0,4}(都行|都可以|有要求|随便|指定)"
            r"|(用|走|叫)(顺丰|邮政|中通|圆通|韵达|申通|京东|极兔)|(顺丰|邮政|中通|圆通|韵达|申通|京东|极兔)(行|可以|寄回|退回)"
        ),
        "utter_practical_carrier",
    ),
    (
        re.compile(
            r"(盒子?|包装|箱子|袋子|小票|说明书|配件).{0,3}(扔|丢|没(?![拆开动打撕坏破用])|不在|不见|坏|破|烂|找不到|不全)"
            r"|(吊牌|标签)(我|都|已经|被|给|被我)?(扔|丢|没(?![拆动撕坏剪])|不在|不见|剪|撕|拆|掉|找不到)"
            r"|(没有?|缺|少)(了|个)?(原|外|商品)?(包装|盒子?|箱子|吊牌|标签|小票|配件)|原包装"
        ),
        "utter_practical_packaging",
    ),
    (
        re.compile(
            r"(门店|实体店|店里|专柜|线下).{0,6}退|退(货|款)?(到|去|在|回|给).{0,5}(店|专柜)|去店里"
        ),
        "utter_practical_store",
    ),
    (re.compile(r"拒收(?!.{0,8}(多久|几天|什么时候|啥时候|到账))"), "utter_practical_refuse"),
    (
        re.compile(
            r"换(货|新|好|到|不到)(?!了吗).{0,6}(几天|多久|多长|什么时候|啥时候|先|寄|吗|不|么|怎|咋)"
            r"|(几天|多久).{0,3}换(货|新|好|到)|能.{0,2}换新"
        ),
        "utter_practical_exchange",
    ),
    (LATE, "utter_practical_late"),
)
_GIFT = re.compile(
    r"(赠品|赠送的)(?!.{0,3}[坏破没少]).{0,6}[退寄留折]|[退寄留].{0,8}(赠品|赠送的)|不要赠品"
)
_NEEDED = re.compile(r"包装|吊牌|封签|配件")
"""What a clause of a rule names that has to come back with the goods."""


_FREE_RETURN = "退货免运费"
"""How a tier's benefit says that returns are free (data/shop/tiers.yml)."""


def is_freight(text: str) -> bool:
    """Whether it is asked who pays the freight, and not what an order costs to be sent."""
    asked = _FREIGHT.search(text) or _PAID_BEFORE.search(text)
    return bool(asked) and not _AT_ORDERING.search(text)


def is_practical(text: str) -> bool:
    """Whether it is one of the questions that are answered here."""
    return bool(_GIFT.search(text)) or any(pattern.search(text) for pattern, _ in _UNSURE)


async def answer_freight(turn: Turn, request: Request) -> bool:
    """Say who pays the freight of this return, and what we know of paying it back.

    Returns:
        Whether that was asked.
    """
    if not is_freight(request.text):
        return False
    tier = await _tier_sent_free(turn)
    if tier:
        turn.use("utter_policy_freight_free", tier=tier)
    else:
        turn.use("utter_policy_freight")
    if _PAID_BEFORE.search(request.text):
        turn.offer_human("utter_practical_paid_before", "complex_intent")
    turn.fulfil()
    return True


async def _tier_sent_free(turn: Turn) -> str:
    """The name of the speaker's tier, if it sends goods back free of charge; empty otherwise."""
    who = await turn.who()
    member = await turn.shop.member(who.customer_id) if who.verified and who.customer_id else None
    free = member is not None and any(_FREE_RETURN in benefit for benefit in member.benefits)
    return TIERS[member.tier] if member and free else ""


async def answer_practical(turn: Turn, request: Request) -> bool:
    """Answer what the rules say, and offer a person for what they do not say.

    Returns:
        Whether it was a practical question.
    """
    if _GIFT.search(request.text):
        turn.use("utter_practical_gift")
        turn.fulfil()
        return True
    name = next((name for pattern, name in _UNSURE if pattern.search(request.text)), None)
    if name is None:
        return False
    if name == "utter_practical_packaging":
        rule = await rule_meant(turn, request)
        if rule and (needed := _needed(rule)):
            turn.say(f"{rule.category}的规则是：{needed}。")
    elif name == "utter_practical_collect":
        turn.use("utter_policy_freight")
    turn.offer_human(name, "complex_intent")
    return True


def _needed(rule: ReturnPolicy) -> str:
    clauses = [c for c in rule.note.split("；") if _NEEDED.search(c)]
    return "；".join(clauses)

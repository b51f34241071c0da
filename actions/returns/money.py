"""Money by the rules: how much comes back, where it goes and how long that takes."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.returns.articles import open_form
from actions.returns.running import has_refund

_MONEY = (
    (
        re.compile(
            r"(退|到).{0,6}(哪里|哪儿|哪去|哪$|什么账户|余额|卡里|银行卡|微信|支付宝|原路|账户)"
            r"|(能|会|可以)(全部|全额|全)?退回来"
        ),
        "utter_policy_money",
    ),
    (
        re.compile(
            r"(退|审核|到账|售后|处理).{0,8}(多久|几天|多长时间|什么时候|多少天|这么久|这么慢)"
            r"|(多久|几天|什么时候|啥时候).{0,6}(到账|退给|退钱|退到钱|退款|退回|退[呢啊呀吗]?$)|还在(处理|审核)"
        ),
        "utter_policy_time",
    ),
)
_CASH = re.compile(r"退到?钱|到账|[的那]?钱.{0,3}(几天|多久|什么时候)")
_AMOUNT = re.compile(
    r"(退|退款|退货).{0,3}(多少|几块|几多)钱?|(多少|几块)钱.{0,3}退|退款?的?金额|退的钱.{0,2}(多|少)"
)
WINDOW = re.compile(r"天(之)?内|还能|(能|可以)退(?!回来)|退货期|期限|无理由")
"""Asks whether something can go back, and not when its money comes."""


def asks_money(text: str) -> bool:
    """Whether it is asked where the money goes or how long that takes."""
    return any(pattern.search(text) for pattern, _ in _MONEY)


async def answer_amount(turn: Turn, request: Request) -> bool:
    """Answer how much comes back: of a refund if there is one, else by the rule; False if not asked."""
    if not _AMOUNT.search(request.text) or WINDOW.search(request.text):
        return False
    if any(has_refund(o) for o in await turn.orders()) and open_form(turn) is None:
        turn.redirect = ("query_refund", request)
        return True
    turn.use("utter_policy_amount")
    turn.fulfil()
    return True


def answer_money(turn: Turn, request: Request) -> bool:
    """Answer where the money goes and how long it takes; False if not asked."""
    if WINDOW.search(request.text) and not _CASH.search(request.text):
        return False
    found = next((name for pattern, name in _MONEY if pattern.search(request.text)), None)
    if found is None:
        return False
    turn.use(found)
    turn.fulfil()
    return True

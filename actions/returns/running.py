"""Questions about a return that runs: where to send it, its number, until when, and withdrawing it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from actions.dialogue import Request, Turn
from actions.orders import (
    SENT_BACK,
    Search,
    find_order,
    mentions,
    order_name,
    same_product,
    short_title,
)
from actions.returns.articles import SUBJECTS, open_form, remember_article
from actions.returns.progress import spared_rule, tell_return
from actions.shop.models import Order, OrderLine, OrderState, ReturnRequest, ReturnState
from actions.wording import full_day

Asked = Literal["withdraw", "number", "tracking", "until", "late", "sent", "where"]

MAX_LOOKED_AT = 5
_TO_SEND = frozenset({ReturnState.REQUESTED, ReturnState.APPROVED})
_RUNNING = _TO_SEND | {ReturnState.SENT_BACK, ReturnState.INSPECTED}
_WITHDRAWS = re.compile(
    r"(撤回?|撤销|撤掉|取消|作废)(掉|一?下|了)?((这个|那个|刚才|刚刚|我)的?)?(退货|退款|退换|退单|售后|(的)?申请)"
    r"|(退货|退款|退换货?|售后)(申请|单)?.{0,4}(撤|取消|作废)|申请.{0,2}(撤|作废)"
    r"|(?<![还么啥])(不|别)(想|要|用)?再?退(货|款|掉)?(了|啦|吧|呗|$|[\s，,。！!])|^[我还是就先那算了，, ]*留着(了|吧|用)"
)
_NOT_WITHDRAWN = re.compile(
    r"怎么|为什么|为啥|凭什么|凭啥|被(取消|撤|拒|驳)|到哪|多久|到账|几天|什么时候|不退(钱|赠品|运费|券)|只退款|仅退款"
)
_SENT = re.compile(
    r"(?<![没有不想用要再能去])(寄(出|走|回|过|给你们?)?(去|来)?|发(走|出去?|回去?))了(?!吗|没|么|怎|会|多|几|一?[周个天]|[三四五六两])"
)
LATE = re.compile(
    r"(超过|过了|超了?|误了).{0,5}(时间|期|时|日子).{0,4}寄|来不及寄|忘(了|记)寄|没寄.{0,3}(会|怎|咋|算|行)|晚.{0,3}寄|寄晚"
)
"""What becomes of goods that are sent back too late, or not at all."""
_QUESTIONS: tuple[tuple[re.Pattern[str], Asked], ...] = (
    (re.compile(r"退货?单?(单号|编号|号码)|退货号|售后单号"), "number"),
    (
        re.compile(
            r"(快递|物流|运单|寄件)单?号?(码)?(是|为|:|：)?\s*[A-Za-z]{0,4}\d{8,}|^\s*[A-Za-z]{2,4}\d{8,}[。 ]*$"
            r"|单号.{0,6}(填|写|发|给|报|告诉|录|登记|上传|哪)|(填|报|登记|上传).{0,4}单号|有(了)?单号"
        ),
        "tracking",
    ),
    (
        re.compile(
            r"(最晚|最迟|截止|几号|哪天|哪一天|什么时候|啥时候|最后|(?<!好)几天内?|多久内?).{0,5}寄"
            r"|寄.{0,5}(最晚|最迟|几号|哪天|截止|期限|什么时候|啥时候|(?<!好)几天(?!了)|多久(?!了))"
        ),
        "until",
    ),
    (LATE, "late"),
    (_SENT, "sent"),
    (
        re.compile(
            r"寄(回|到|给|往|去|过)?(去|来|到)?(哪(?!里?儿?了)|什么地[方址]|谁)|往哪里?儿?寄|(退货|退回|寄回|回寄)的?(收货|收件)?地址"
            r"|(收件|收货)人?(人|电话|是谁|写谁|叫什么)|写谁的?(名|电话|收)"
        ),
        "where",
    ),
)
_BARE_WHERE = re.compile(
    r"地址.{0,4}(呢|是|发|给|多少|告诉|有吗|哪)|(怎么|咋)寄|(要不要|用不用|需不需要|要|用|需要).{0,2}寄|寄(过|回)?去(吗|不|么)"
)


@dataclass(frozen=True)
class Running:
    """A return that is not finished, and what it is about."""

    order: Order
    line: OrderLine
    asked: ReturnRequest


def withdraws(text: str) -> bool:
    """Whether somebody takes a return back that was asked for ("不退了", "撤销退货")."""
    return bool(_WITHDRAWS.search(text)) and not _NOT_WITHDRAWN.search(text)


def asked_about(turn: Turn, request: Request) -> Asked | None:
    """What is asked about a running return; bare questions only where returns were spoken of."""
    text = request.text
    spoken_of = turn.memory.topic in SUBJECTS or turn.message.intent in SUBJECTS
    if withdraws(text):
        return "withdraw"
    found = next((asked for pattern, asked in _QUESTIONS if pattern.search(text)), None)
    if found is None and _BARE_WHERE.search(text):
        found = "where"
        return found if spoken_of or "退" in text else None
    return found if spoken_of or "退" in text or request.points_at_order else None


def has_refund(order: Order) -> bool:
    """Whether money of this order goes back or has gone back."""
    if order.state in SENT_BACK:
        return True
    return order.state is OrderState.CANCELLED and order.paid_at is not None


async def running_returns(turn: Turn, request: Request) -> list[Running]:
    """The returns of the speaker that are not finished; only of the goods that are named, if any are.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    orders = await turn.orders()
    if request.order_number:
        orders = [o for o in orders if o.number == request.order_number]
    elif any(mentions(o, request) for o in orders) or request.products:
        orders = [o for o in orders if mentions(o, request)]
    else:
        focus = [o for o in orders if o.number == turn.memory.order_number]
        found = [run for order in focus for run in await _of(turn, request, order)]
        if found:
            return found
    signed = [o for o in orders if o.state is OrderState.SIGNED][:MAX_LOOKED_AT]
    back = [o for o in orders if o.state in (OrderState.RETURNED, OrderState.REFUNDING)]
    return [run for order in signed + back for run in await _of(turn, request, order)]


async def _of(turn: Turn, request: Request, order: Order) -> list[Running]:
    lines = {line.sku: line for line in order.lines}
    runs = [
        Running(order, lines[asked.sku], asked)
        for asked in await turn.shop.returns(order.number)
        if asked.state in _RUNNING and asked.sku in lines
    ]
    named = [r for r in runs if same_product(r.line.title, r.line.sku, request)]
    return named or runs


async def runs_asked_about(turn: Turn, request: Request) -> list[Running]:
    """The running returns that a message asks about; empty if it asks about none.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    asked = asked_about(turn, request)
    if asked is None or (open_form(turn) and not request.points_at_order):
        return []
    runs = await running_returns(turn, request)
    to_send = [r for r in runs if r.asked.state in _TO_SEND]
    if asked in ("where", "until") and not to_send and not request.points_at_order:
        return []  # asked of what shall go back, and not of what has come back
    return to_send or runs


async def answer_about_running(turn: Turn, request: Request) -> bool:
    """Answer a question about a running return from that return.

    Returns:
        False when nothing is asked about one or none runs; nothing was said then.
    """
    asked, runs = asked_about(turn, request), await runs_asked_about(turn, request)
    if asked is None or not runs:
        return False
    numbers = {r.order.number for r in runs}
    if len(numbers) > 1:
        await _ask_which(turn, request, numbers)
        return True
    remember_article(turn, runs[0].order, runs[0].line)
    for run in runs if asked != "withdraw" else runs[:1]:
        await _answer(turn, run, asked)
    return True


async def _ask_which(turn: Turn, request: Request, numbers: set[str]) -> None:
    search = Search(
        "query_refund", wanted=lambda o: o.number in numbers, ask="utter_choose_running"
    )
    turn.memory.order_number = None
    await find_order(turn, replace(request, products=[]), search)


async def _answer(turn: Turn, run: Running, asked: Asked) -> None:
    values = {
        "goods": short_title(run.line.title),
        "number": run.asked.number,
        "by": full_day(run.asked.send_by, turn.today) if run.asked.send_by else "7 天内",
    }
    sent, waiting = run.asked.state not in _TO_SEND, run.asked.state is ReturnState.REQUESTED
    if asked == "withdraw":
        name = "utter_return_withdraw_sent" if sent else "utter_return_withdraw"
        turn.offer_human(name, "complex_intent", **values)
    elif asked == "tracking":
        turn.offer_human("utter_return_tracking", "complex_intent", **values)
    elif asked == "sent" and not waiting and not sent:
        turn.use("utter_return_sent_said", **values)
        turn.fulfil()
    elif asked == "late" and not sent and not waiting:
        turn.offer_human("utter_return_late", "complex_intent", **values)
    else:
        await _tell(turn, run, asked, values)
        turn.fulfil()


async def _tell(turn: Turn, run: Running, asked: Asked, values: dict[str, str]) -> None:
    """Say what the return itself knows."""
    if asked == "number":
        turn.use("utter_return_number", **values)
    elif run.asked.state not in _TO_SEND:
        tell_return(turn, order_name(run.order, heard=turn.on_phone), run.asked)
    elif run.asked.state is ReturnState.REQUESTED:
        await _tell_waiting(turn, run, values)
    else:
        turn.use("utter_return_until" if asked == "until" else "utter_return_where", **values)
        if asked == "where" and run.asked.instructions and not turn.on_phone:
            turn.say(run.asked.instructions.rstrip("。") + "。")


async def _tell_waiting(turn: Turn, run: Running, values: dict[str, str]) -> None:
    """Say what there is to send while a return is examined: nothing yet, or nothing at all."""
    rule = await spared_rule(turn, run.line.category, run.asked.reason)
    if rule:
        turn.use("utter_return_spared", rule=rule, **values)
    else:
        turn.use("utter_return_waiting", **values)

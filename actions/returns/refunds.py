"""How a refund, or the return before it, comes along."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import LOOKS_UP, Request, Turn
from actions.dialogue.turn import LAST
from actions.orders import OrderSkill, Search, offer_to_urge, order_name
from actions.returns.articles import open_form
from actions.returns.money import WINDOW
from actions.returns.objections import TOLD, answer_objection, objection_in
from actions.returns.progress import tell_return
from actions.returns.running import (
    MAX_LOOKED_AT,
    answer_about_running,
    has_refund,
    runs_asked_about,
)
from actions.shop.models import Order, OrderState, Refund
from actions.wording import full_day, moment

_GOES_ON = re.compile(r"慢|多久|还没|什么时候|啥时候|到账|催|哪天")
_IN_GENERAL = re.compile(
    r"(退|到账).{0,4}(多久|几天|多长时间|哪里|哪儿|哪去|哪$|什么账户|原路)|(多久|几天).{0,4}(到账|退)|(钱|款)(退哪|.{0,2}(多久|几天|什么时候|啥时候))"
)
_WHERE_TO = re.compile(
    r"(哪张|哪个|什么)(卡|账户|账号)|(退|打|到)(到|回|去)?(哪(?!儿?里?了|一步)|银行卡|微信|支付宝|零钱|余额|卡里)"
)
_TOO_LITTLE = re.compile(r"退款?(怎么|咋|为什么|为啥|好像)?(变|退|给)?少了")
_NOT_YET = re.compile(r"什么时候|啥时候|几号|哪天|多久|几天|(还|都)?(没有?|不)到|没收到|还没")
_OF_PARCEL = re.compile(r"快递|包裹|物流|货|东西|派送|订单|发票|\d{4}")
_HOW_MUCH = re.compile(r"(那|能|会|一共|总共|到底)*退(给)?我?(多少|几块)钱?[啊呀呢？?]*")
_AMOUNT = re.compile(r"多少|几块|金额|全额")


class RefundProgress(OrderSkill):
    """query_refund: where the money is."""

    intent = "query_refund"
    follow_ups = re.compile(
        r"(是|退)?(多少|几块)钱?|金额|(要|得|需要)?((什么|啥)时候|几号|哪天|几天|多久|多长时间)(才|能|会)*(到|到账|退|退到|收到|拿到|好|下来)?"
        r"|(怎么|为什么|为啥|咋)?(都|还|这么久|现在)*(没有?|不)(到|退|收到)(账|钱|款|位)?|(怎么)?(这么|那么)(慢|久)"
        r"|(是|退)?(到|回)?(哪|什么)(张|个)?(卡|账户|账号|银行)?(里|上)?"
        r"|为什么|为啥|怎么回事|(退)?(到|回)?(银行卡|微信|支付宝|余额|零钱|卡里?)(还是.{2,4})?"
        r"|(\d{1,2}[号日]|今天|明天|后天|这周|下周)(之前|前)?(能|会)?(到|到账|退)(得了)?[不没]?"
    )
    search: ClassVar[Search] = Search(
        "query_refund", wanted=has_refund, none="utter_no_refund", ask="utter_choose_refund"
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Without a hint, a refund under way comes first, then a return that was asked for."""
        if await answer_about_running(turn, request):
            return
        orders = await turn.orders()
        if _IN_GENERAL.search(request.text) and not request.points_at_order:
            if not any(has_refund(o) for o in orders):
                turn.redirect = ("return_policy", request)
                return
        if orders and not request.points_at_order and not request.other:
            focus = next((o for o in orders if o.number == turn.memory.order_number), None)
            focused = focus is not None and (
                has_refund(focus) or bool(await turn.shop.returns(focus.number))
            )
            if focus and focused:
                request.order_number = focus.number
            if focus and focus.state is OrderState.CANCELLED and focus.paid_at is None:
                if turn.memory.topic in LOOKS_UP:
                    turn.use("utter_nothing_paid")
                    turn.fulfil()
                    return
            running = [o for o in orders if has_refund(o) and o.state is not OrderState.REFUNDED]
            if not focused and len(running) == 1:
                request.order_number = running[0].number
            elif not focused and not any(has_refund(o) for o in orders):
                signed = [o for o in orders if o.state is OrderState.SIGNED][:MAX_LOOKED_AT]
                for order in signed:
                    if await turn.shop.returns(order.number):
                        request.order_number = order.number
                        break
        await super().start(turn, request)

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "为啥这么慢", and with "没有啊" right after the refund was told."""
        if WINDOW.search(request.text):
            return False  # "春秋被还能退吗" asks for the rule
        if _GOES_ON.search(request.text) or self._objects(turn, request):
            return True
        return await super().continues(turn, request)

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Whether it is about a return that runs, whatever the classifier says."""
        asks_on = self._just_told(turn) and self.asks_on(request.text)
        if (asks_on or self._objects(turn, request)) and not _OF_PARCEL.search(request.text):
            return True
        return open_form(turn) is None and bool(await runs_asked_about(turn, request))

    def _objects(self, turn: Turn, request: Request) -> bool:
        """Whether something is said against the refund of our last words."""
        return self._just_told(turn) and objection_in(request.text) is not None

    def _just_told(self, turn: Turn) -> bool:
        """Whether our last words were of a refund."""
        told = turn.memory.topic == self.intent and turn.memory.about.get(TOLD)
        return bool(told) and bool(re.search(r"退|到账", turn.memory.about.get(LAST, "")))

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Tell the refund's last step and when the money comes."""
        name = order_name(order, heard=turn.on_phone)
        refund = await turn.shop.refund(order.number)
        told = turn.memory.about.get(TOLD) == order.number
        objection = objection_in(request.text)
        if not (told and self._objects(turn, request)) and not _TOO_LITTLE.search(request.text):
            objection = None
        if refund is not None and objection is not None:
            turn.memory.about[TOLD] = order.number
            answer_objection(turn, objection, order, refund)
            return
        if refund is not None:
            turn.memory.about[TOLD] = order.number
            if not (told and _tell_asked(turn, request.text, refund)):
                _tell_refund(turn, name, refund)
        else:
            asked = await turn.shop.returns(order.number)
            if asked:
                tell_return(turn, name, asked[0])
                if _AMOUNT.search(request.text):
                    turn.use("utter_policy_amount")
            else:
                turn.use("utter_order_no_refund", order=name)
        turn.fulfil()
        if refund is not None and refund.state is not OrderState.REFUNDED:
            offer_to_urge(turn, request)


def _tell_asked(turn: Turn, text: str, refund: Refund) -> bool:
    """Answer only what is asked of a refund that was told before; False when that is not known."""
    if _WHERE_TO.search(text):
        turn.use(
            "utter_refund_method_only", amount=turn.yuan(refund.amount_fen), method=refund.method
        )
    elif _HOW_MUCH.fullmatch(text):
        turn.use(
            "utter_refund_amount_only", amount=turn.yuan(refund.amount_fen), method=refund.method
        )
    elif _NOT_YET.search(text) and refund.expected_on and refund.expected_on >= turn.today:
        if refund.state is OrderState.REFUNDED:
            return False
        turn.use("utter_refund_day_only", by=full_day(refund.expected_on, turn.today))
    else:
        return False
    return True


def _tell_refund(turn: Turn, name: str, refund: Refund) -> None:
    amount = turn.yuan(refund.amount_fen)
    last = refund.steps[-1] if refund.steps else None
    by = full_day(refund.expected_on, turn.today) if refund.expected_on else "近几天"
    if refund.state is OrderState.REFUNDED:
        at = moment(last.at, turn.today) if last else "已经"
        turn.use("utter_refund_done", order=name, amount=amount, method=refund.method, at=at)
        return
    sentence = (
        "utter_refund_waiting" if refund.state is OrderState.RETURNED else "utter_refund_running"
    )
    turn.use(sentence, order=name, amount=amount, method=refund.method, by=by)
    if last and not turn.on_phone:
        turn.use("utter_refund_last_step", step=last.text, at=moment(last.at, turn.today))

"""Changing an order: address, receiver, size, quantity …; only a colleague can, before it is sent."""

from __future__ import annotations

import re

from actions.dialogue import (
    FALLBACK,
    UNHEARD,
    Request,
    Skill,
    Task,
    Turn,
    read_request,
    require_identity,
)
from actions.dialogue.fragments import asks_beside_no, bare_product
from actions.orders.matching import named_by
from actions.orders.naming import order_name
from actions.orders.stages import NOT_SENT, UNDER_WAY
from actions.reading import answer_in
from actions.shop.models import Order
from actions.wording import ORDER_STATES

MAX_VALUE = 60
MAX_VALUES = 4
MAX_EVIDENCE = 200
_TOLD = re.compile(r"[改换][成为](?!什么|啥|别)")
_CHANGED_TO = re.compile(r"^[那就我想要给帮再，, ]*(?:[改换][成为到]|送到|寄到)(?=.{2})")
_WRONG = re.compile(
    r"(地址|电话|手机号?|收[件货]人|名字|门牌号?).{0,4}(填|写|留|选|输|弄|搞)?错了?"
)
_THAT_ONE = re.compile(r"^.{1,10}[那这]一?[个单笔件双条](的?订单)?[的吧呀啊。]*$")
"""A text that only says which order."""
_NO_VALUE = re.compile(r"[吗？?]|什么|怎么|多少|为啥|哪|退|取消|物流|快递|到了没")
_LEADS = re.compile(
    r"^(?:[我要想就那嗯哦是的吧也还再把，,\s]|应该|改[成为到]?|换[成为到]?|新|地址|电话|尺码|尺寸|颜色|数量|收[件货]人)*"
)
_VALUE = re.compile(
    r"\d{2,3}(?:码|号|cm|厘米)?|[xX]*[sSmMlL]码?|(?:加?[大小]|最[大小])[一两半]?[码号]|[大中小]号"
    r"|[深浅]?(?:[红橙黄绿青蓝紫黑白灰粉棕]|米白|卡其|咖啡|藏青|豆沙)色?"
    r"|[一两二三四五六七八九十\d]{1,2}[个件条双套瓶盒包袋支台床片]"
)
_TAIL = re.compile(r"^(?:[的吧呀啊了就行好，,。！!\s]|谢谢|那[个款件])*")
_ADDRESS = re.compile(
    r"[省市区县镇乡村路街巷弄].{0,20}[\d一二三四五六七八九十]+(?:号|弄|栋|幢|楼|单元|室)?|小区|门牌"
)
_PHONE = re.compile(r"1[3-9]\d{9}")


class ChangeOrder(Skill):
    """change_order: address, receiver, size, quantity …: only a colleague can change them."""

    intent = "change_order"

    async def claims(self, turn: Turn, request: Request) -> bool:
        """What is wrong on an order, where nothing else was heard in it ("月饼地址填错了")."""
        text = request.text
        unheard = turn.message.intent in UNHEARD and "拦" not in text
        return unheard and bool(_WRONG.search(text))

    async def start(self, turn: Turn, request: Request) -> None:
        """Say what is possible for the order that is meant, and offer a person."""
        if request.order_number and await require_identity(turn, self.intent, request) is None:
            return
        order = await self._order(turn, request)
        if order is None:
            self._offer(turn, request, "utter_change_order")
            return
        turn.memory.order_number = order.number
        turn.memory.product = order.lines[0].sku
        name = order_name(order, heard=turn.on_phone)
        if order.state in NOT_SENT:
            told = bool(_TOLD.search(request.text))
            self._offer(
                turn, request, "utter_change_told" if told else "utter_change_this", order=name
            )
        else:
            state = ORDER_STATES[order.state]
            self._offer(turn, request, "utter_change_too_late", order=name, state=state)

    def _offer(self, turn: Turn, request: Request, sentence: str, **values: str) -> None:
        """Offer a person; what it shall be changed to may be said instead of yes."""
        turn.memory.push(Task(self.intent, "value", {"asked": request.text}))
        turn.offer_human(sentence, "complex_intent", **values)

    async def _order(self, turn: Turn, request: Request) -> Order | None:
        """The order named in the message, else the one spoken of; None if neither is known."""
        who = await turn.who()
        if not who.verified or who.customer_id is None:
            return None
        if not request.order_number:
            orders = await turn.orders()
            named = named_by(request, orders)
            if named or request.products:
                under_way = [o for o in named if o.state in UNDER_WAY]
                return next(iter(under_way or named), None)
            under_way = [o for o in orders if o.state in UNDER_WAY]
            if len(under_way) == 1 and not turn.memory.order_number:
                return under_way[0]
        number = request.order_number or turn.memory.order_number
        order = await turn.shop.order(number) if number else None
        return order if order and order.customer_id == who.customer_id else None

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take what it shall be changed to, for the colleague who does it."""
        text = turn.message.text
        if turn.message.chosen:
            return False
        if is_value(text) or (_CHANGED_TO.match(text) and not _NO_VALUE.search(text)):
            turn.offer_human("utter_change_noted", "complex_intent")
            self._pass_on(turn, task)
            return True
        request = read_request(turn.message, turn.today)
        intent = turn.message.intent
        names_one = intent == FALLBACK or _THAT_ONE.search(text) or bare_product(turn.message)
        if intent == self.intent or (names_one and await self.continues(turn, request)):
            turn.memory.drop(task)
            await self.start(turn, request)
            self._keep(turn, str(task.data.get("asked") or ""))
            return True
        return False

    def _keep(self, turn: Turn, asked: str) -> None:
        """Let what was wished before the order was named be read with it."""
        for task in turn.memory.tasks:
            if task.skill == self.intent:
                task.data["asked"] = f"{asked}，{task.data['asked']}"[:MAX_EVIDENCE]
            elif task.skill == "ask_human":
                task.data["evidence"] = f"{asked}，{turn.whole.original}"[:MAX_EVIDENCE]

    @staticmethod
    def _pass_on(turn: Turn, task: Task) -> None:
        """Let the colleague read the wish and its value together."""
        offer = turn.memory.task
        if offer is not None:
            asked = task.data.get("asked", "")
            offer.data["evidence"] = f"{asked} → {turn.whole.original}"[:MAX_EVIDENCE]

    def remind(self, turn: Turn, task: Task) -> bool:
        """Ask again for what was not understood; after another subject the offer is gone.

        Whoever wants no person leaves the order as it is: nobody else can change it.
        """
        refuses = turn.answer() == "no" and answer_in(turn.message.text) == "no"
        if refuses and not asks_beside_no(turn.message):
            turn.memory.drop(task)
            turn.forget_replies()  # the refusal of a person was answered with going on, but with what?
            turn.use("utter_change_left")
            return True
        if not task.tries:
            return False
        turn.use("utter_change_ask_again")
        return True

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Another order of the speaker ("那毛巾呢")."""
        if request.order_number:
            return True
        return bool(named_by(request, await turn.orders()))


def is_value(text: str) -> bool:
    """Whether a text is nothing but a size, a colour, an amount, a telephone or an address."""
    if len(text) > MAX_VALUE or _NO_VALUE.search(text):
        return False
    rest = text.strip()
    if _ADDRESS.search(rest) or _PHONE.search(rest):
        return True
    for _ in range(MAX_VALUES):
        value = _VALUE.match(_LEADS.sub("", rest))
        if not value:
            return False
        rest = _TAIL.sub("", value.string[value.end() :], count=1)
        if not rest:
            return True
    return False

"""Cancelling an order: confirmed, whole, and only if the shop permits."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import LOOKS_UP, Request, Task, Turn, read_request
from actions.dialogue.fragments import bare_question, not_wanted
from actions.orders.answering import offer_interception
from actions.orders.choosing import SIZES
from actions.orders.consent import consent_in, refuses_cancelling
from actions.orders.ended import refund_sentence
from actions.orders.excluding import divided
from actions.orders.finding import Search, find_order, wait_in_turn
from actions.orders.matching import hinted, named_by
from actions.orders.naming import order_name, same_product, short_title
from actions.orders.skill import OrderSkill, offer_to_ask_courier
from actions.orders.stages import NOT_SENT, SENT_BACK
from actions.shop.client import ShopRefused
from actions.shop.models import Order, OrderState
from actions.wording import ORDER_STATES, joined

_RESTORE = re.compile(
    r"恢复|[买拍要]回来|后悔|(?<!我)(?<!我要)(?<!我想)(重新|再)(买|拍|下单)[^。，]*[吗么？?]"
)
_WANTS_IT = re.compile(
    r"(那|还是|就|我|又|先|算了|[，, ])*(要(?!不)|留着|收下|不取消|不拒收|不退|再等(一?等|等看|[几两]天|一下))(它|了|吧|的|看|再说|算了|[。！])*"
)
_GIVES_UP = re.compile(r"取消|不要|不想要|退|撤|拒收|拦")
_THIS_ONE = re.compile(r"[这那该][个单笔件]|它")
_NOT_ANY_MORE = re.compile(r"不等了|等不|不要了|不想要|拒收|不收")
_ANY_OF_MINE = re.compile(r"[一哪有][个单笔些]|有没有|(?:能|可以)取消的|我的订单|其他|别的|另")
_TELLS = LOOKS_UP | {"cancel_order", "change_order"}
_REFUSES_PARCEL = re.compile(r"拒收|不收(?!费|钱|到)|拦")
_STOPS = re.compile(r"拦")
_NOT_THIS = re.compile(r"不是(?!.*取消)")
_MONEY = re.compile(
    r"[那我这的]*(钱|款|退款|退钱|多久|几天|什么时候|啥时候|哪天).{0,6}(退|到|哪|回|账).{0,6}|[那我这的]*(什么时候|啥时候|多久|几天)(能|会)?(退|到账).{0,4}|[那我这的]*(钱|款)|(钱|款)?(能不能|会不会|能|会|可以)(全部|全额|全)?退(回来?|给我|款)?"
)
"""After a cancellation it is asked what becomes of the money."""
_ONCE_CANCELLED = re.compile(
    r"^(如果|要是|那|我|现在|[，, ])*取消(了|掉|的话|以后|之后|后)+[，, ]*"
)
_FIRST_THIS = re.compile(r"[，,。 ]*(我)?(再|先)(确认|决定|考虑|说|看|取消)(吧|一?下)?[。！]*$")
"""Said around what is asked before a yes."""
_COSTS = re.compile(
    r"扣(我|掉|多少|什么)*(钱|费)|手续费|违约金|(要|收)(什么|多少)?(费|钱)(用)?[吗么]|免费取消"
)
_PART = re.compile(
    r"只(?:要|退|取消|留|买|发|不要|想[要退取])(?!了|吧)|单独|其中|部分|取消?[一两][件个瓶条盒双]|剩下|不是全"
)
_NAME = 8
_MORE_THAN_A_NAME = re.compile(r"[不别留只取退改吗？?怎什哪几多]|[一两]件")
_WHOLE = re.compile(r"[这那整一][单笔]|订单")
_SO_MANY = re.compile(r"[两三四几][个单笔]|所有|全部")
_ALL_OF_THEM = re.compile(r"都|全|一[起块并]")
_LEFT_OUT = re.compile(r"不要|不想要|取消|退|留|照.?发|别发|不发|去掉|删")


class CancelOrder(OrderSkill):
    """cancel_order: cancel what has not left the warehouse."""

    intent = "cancel_order"
    search: ClassVar[Search] = Search(
        "cancel_order",
        wanted=lambda order: order.state in NOT_SENT,
        none="utter_nothing_to_cancel",
        ask="utter_choose_cancel",
    )
    on_its_way: ClassVar[Search] = Search(
        "cancel_order",
        wanted=lambda order: order.state is OrderState.IN_TRANSIT,
        none="utter_nothing_to_cancel",
    )

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Also a bare "不想要了" that opens a conversation, and what becomes of the money afterwards."""
        if turn.memory.topic is None and not turn.memory.tasks and not_wanted(request.text):
            return True
        if turn.memory.topic == self.intent and _WANTS_IT.fullmatch(request.text):
            return True
        return await self._asked_for_money(turn, request) is not None

    async def _asked_for_money(self, turn: Turn, request: Request) -> Order | None:
        """The order just cancelled, or too late to cancel, if its money is asked for."""
        number = turn.memory.order_number
        if turn.memory.topic != self.intent or not number or request.points_at_order:
            return None
        if not _asks_for_money(request.text):
            return None
        order = await turn.shop.order(number)
        gone = order and order.state in (OrderState.CANCELLED, OrderState.IN_TRANSIT)
        return order if gone else None

    async def _tell_money(self, turn: Turn, order: Order) -> None:
        if order.state is OrderState.IN_TRANSIT:
            turn.use("utter_refused_money", order=order_name(order, heard=turn.on_phone))
        elif order.paid_at is None:
            turn.use("utter_nothing_paid")
        else:
            turn.say(await refund_sentence(turn, order))
        turn.fulfil()

    async def start(self, turn: Turn, request: Request) -> None:
        """Taking a cancellation back is not possible; "this one" is the order spoken of."""
        spoken_of = await self._asked_for_money(turn, request)
        if spoken_of is not None:
            await self._tell_money(turn, spoken_of)
            return
        if await self._keeps(turn, request) or await self._regrets(turn, request):
            return
        search = self.search
        if _REFUSES_PARCEL.search(request.text) or await self._one_is_coming(turn, request):
            search = self.on_its_way
        if await self._means_this(turn, request):
            request.order_number = turn.memory.order_number
        await self._all_at_once(turn, request)
        order = await find_order(turn, request, search)
        if order is not None:
            await self.answer(turn, request, order)

    async def _all_at_once(self, turn: Turn, request: Request) -> None:
        """Begin with the first where all that can be cancelled shall be ("两个没发货的都取消")."""
        said = _SO_MANY.search(request.text)
        if not _ALL_OF_THEM.search(request.text) or divided(turn, request).refused:
            return
        if request.points_at_order or not (said or turn.memory.order_number is None):
            return
        numbers = [order.number for order in await turn.orders() if self.search.wanted(order)]
        size = SIZES.get(said[0][0], len(numbers)) if said else len(numbers)
        if len(numbers) != size or size < 2:
            return
        request.order_number = numbers[0]
        wait_in_turn(turn, self.intent, request.text, numbers[1:])
        turn.use("utter_one_by_one")

    async def _one_is_coming(self, turn: Turn, request: Request) -> bool:
        """Whether none can be cancelled any more, and a single one is on its way."""
        if request.points_at_order:
            return False
        orders = await turn.orders()
        coming = [order for order in orders if self.on_its_way.wanted(order)]
        return len(coming) == 1 and not any(self.search.wanted(order) for order in orders)

    async def _keeps(self, turn: Turn, request: Request) -> bool:
        """Answer "先别取消" and "恢复订单", where nothing else shall be cancelled instead."""
        wants_it = turn.memory.topic == self.intent and _WANTS_IT.fullmatch(request.text)
        if not (wants_it or refuses_cancelling(request.text) or _RESTORE.search(request.text)):
            return False
        sides = divided(turn, request)
        if sides.refused and "取消" in sides.wanted.text:
            return False
        number = turn.memory.order_number
        order = await turn.shop.order(number) if number else None
        gone = order is not None and order.state is OrderState.CANCELLED
        turn.use("utter_cannot_uncancel" if gone else "utter_kept_order")
        return True

    async def _regrets(self, turn: Turn, request: Request) -> bool:
        """Offer a person after a cancellation, where nothing is said of another one to be cancelled."""
        number = turn.memory.order_number
        if turn.memory.topic != self.intent or not number or turn.message.chosen:
            return False
        if request.points_at_order or request.other or _GIVES_UP.search(request.text):
            return False
        order = await turn.shop.order(number)
        if order is None or order.state is not OrderState.CANCELLED:
            return False
        turn.offer_human("utter_what_now_offer", "complex_intent")
        return True

    async def _means_this(self, turn: Turn, request: Request) -> bool:
        """Whether the order spoken of is meant, though it may be too late for it.

        Another one must never be offered in its place.
        """
        memory = turn.memory
        names_another = request.points_at_order or request.other or request.exclude
        if not memory.order_number or names_another or _ANY_OF_MINE.search(request.text):
            return False
        order = await turn.shop.order(memory.order_number)
        if order is None or hinted(request, await turn.orders()):
            return False
        if _THIS_ONE.search(request.text):
            return True
        just_told = memory.topic in _TELLS
        on_its_way = order.state is OrderState.IN_TRANSIT
        return just_told and (on_its_way or bool(_NOT_ANY_MORE.search(request.text)))

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Ask for confirmation, or say why it is too late."""
        name = order_name(order, heard=turn.on_phone)
        if order.state in NOT_SENT:
            self._confirm(turn, request, order, name)
            return
        if _STOPS.search(request.text):
            offer_interception(turn, request, order)
            return
        if order.state is OrderState.CANCELLED:
            turn.use("utter_already_cancelled", order=name)
        elif order.state is OrderState.IN_TRANSIT:
            turn.use("utter_cannot_cancel_sent", order=name)
        elif order.state in SENT_BACK:
            turn.use("utter_cannot_cancel_returning", order=name, state=ORDER_STATES[order.state])
        else:
            turn.use("utter_cannot_cancel", order=name, state=ORDER_STATES[order.state])
        turn.fulfil()
        if order.state is OrderState.IN_TRANSIT:
            offer_to_ask_courier(turn, request, order)

    def _confirm(self, turn: Turn, request: Request, order: Order, name: str) -> None:
        """Ask whether to cancel; whoever names one article hears that the others go with it."""
        turn.memory.push(
            Task(self.intent, "confirm", {"order_number": order.number, "order": name})
        )
        if _of_several(order) and _PART.search(request.text):
            turn.offer_human("utter_cancel_whole", "complex_intent")
            return
        rest = _not_named(order, request)
        if rest:
            turn.use("utter_cancel_with", rest=rest)
        turn.use("utter_confirm_cancel", order=name, total=turn.yuan(order.total_fen))

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Cancel on yes."""
        if await self._corrected(turn, task):
            return True
        if await self._names_it_again(turn, task):
            return self.ask_again(turn, task)
        if await self._part_asked(turn, task):
            turn.offer_human("utter_cancel_whole", "complex_intent")
            return True
        if not turn.message.chosen and await self._answers_before(turn, task):
            return self.ask_again(turn, task)
        text = turn.message.text.strip()
        consent = None if turn.message.chosen else consent_in(text)
        if consent == "unclear":
            return self.ask_again(turn, task)
        keeps = not turn.message.chosen and _WANTS_IT.fullmatch(text)
        answer = "no" if keeps else consent or (None if "取消" in text else turn.answer())
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_kept_order")
            return True
        await self._cancel(turn, str(task.data["order_number"]))
        return True

    async def _corrected(self, turn: Turn, task: Task) -> bool:
        """Whether another order is meant than the one to be confirmed ("不是防晒")."""
        if turn.message.chosen or not _NOT_THIS.search(turn.message.text):
            return False
        request = read_request(turn.message, turn.today)
        refused = divided(turn, request).refused
        if refused is None or not named_by(refused, await turn.orders()):
            return False
        turn.memory.drop(task)
        request.exclude = str(task.data["order_number"])
        await self.start(turn, request)
        return True

    async def _names_it_again(self, turn: Turn, task: Task) -> bool:
        """Whether there is nothing but the name of what is to be confirmed already."""
        text = turn.message.text.strip()
        if turn.message.chosen or len(text) > _NAME or _MORE_THAN_A_NAME.search(text):
            return False
        order = await turn.shop.order(str(task.data["order_number"]))
        return order is not None and bool(named_by(read_request(turn.message, turn.today), [order]))

    async def _answers_before(self, turn: Turn, task: Task) -> bool:
        """Answer what is asked before a yes: what becomes of the money, and whether it can be undone."""
        text = turn.message.text
        if _RESTORE.search(text) and not refuses_cancelling(text):
            turn.use("utter_cannot_uncancel")
        elif _COSTS.search(text):
            turn.use("utter_cancel_no_fee")
        elif _asks_for_money(text):
            order = await turn.shop.order(str(task.data["order_number"]))
            paid = order is not None and order.paid_at is not None
            turn.use("utter_cancel_money" if paid else "utter_nothing_paid")
        else:
            return False
        turn.fulfil()
        return True

    async def _cancel(self, turn: Turn, number: str) -> None:
        try:
            order = await turn.shop.cancel_order(number, turn.key("cancel", number))
        except ShopRefused as refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
            return
        turn.use(
            "utter_cancelled_paid" if order.paid_at else "utter_cancelled_unpaid",
            order=order_name(order, heard=turn.on_phone),
            total=turn.yuan(order.total_fen),
        )
        turn.fulfil()

    async def _part_asked(self, turn: Turn, task: Task) -> bool:
        """Whether only some of the order shall be cancelled ("只取消一件", "台灯留着就行")."""
        text = turn.message.text
        if turn.message.chosen or not (_PART.search(text) or _LEFT_OUT.search(text)):
            return False
        order = await turn.shop.order(str(task.data["order_number"]))
        if order is None or not _of_several(order):
            return False
        if _PART.search(text) or _WHOLE.search(text):
            return bool(_PART.search(text))
        return bool(_not_named(order, read_request(turn.message, turn.today)))

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat the confirmation."""
        turn.use("utter_confirm_cancel_again", order=task.data.get("order", ""))
        return True


def _asks_for_money(text: str) -> bool:
    """Whether it is only asked what becomes of the money ("取消了钱多久退回来啊")."""
    asked = _FIRST_THIS.sub("", _ONCE_CANCELLED.sub("", text.strip()))
    return bool(_MONEY.fullmatch(bare_question(asked)))


def _of_several(order: Order) -> bool:
    return sum(line.quantity for line in order.lines) > 1


def _not_named(order: Order, request: Request) -> str:
    """The articles of an order that a text leaves out while it names others; else empty."""
    named = [line for line in order.lines if same_product(line.title, line.sku, request)]
    rest = [short_title(line.title) for line in order.lines if line not in named]
    return joined(rest) if named and rest else ""

"""Going on with the order just told of: its questions, days and goods name no other one."""

from __future__ import annotations

import re
from abc import abstractmethod

from actions.dialogue import LOOKS_UP, Request, Task, Turn, bare_question
from actions.orders.answering import answer_question, answer_without_order
from actions.orders.coming import hoped_day, speaks_of_arrival
from actions.orders.finding import Search, find_order
from actions.orders.hoping import asks_for_day
from actions.orders.matching import by_word
from actions.orders.missing import may_be_missing
from actions.orders.naming import mentions_kind
from actions.orders.parcels import may_miss_goods, named_lines
from actions.orders.parts import tell_meant_of_parts
from actions.orders.questions import MAX_QUESTION, elsewhere, question_in
from actions.orders.skill import MOST_TOLD, OrderSkill, offer_to_urge
from actions.orders.stages import ON_THE_WAY
from actions.orders.tails import order_by_tail
from actions.orders.together import meant_by, tell_together
from actions.shop.models import Order

_SAYS_LITTLE = frozenset({"nlu_fallback", "out_of_scope", "affirm", "deny", "greet", "thanks"})
_WHAT_OF = re.compile(r"(?:那|还有|另外)?(.{1,8}?)呢[？?。]?")
_ALL = re.compile(
    r"(都|全部|全都|每[个单笔]|一起|分别|所有的?).{0,3}(查|看|说|告诉|到哪|(什么时候|啥时候|几号)(能|会)?到)|(查|看)一?[下遍]?.{0,3}(全部|所有)"
)
_OTHER_PARCEL = re.compile(r"(另外?|还有)一?[个件](包裹)?")
_DAY = re.compile(r"[明后今]天|今晚|[周期拜][一二三四五六日天末]|[号日]")
_AFRESH = re.compile(r"我的?(快递|物流|包裹|订单|东西)|[查看]一?下|别的|其他|所有")


def goes_on(text: str) -> bool:
    """Whether a text, after an order was told of, is about that order, whatever it says on its own."""
    if len(text) > MAX_QUESTION:
        return False
    if question_in(text):
        return True
    if elsewhere(text):
        return False
    if may_be_missing(text) or may_miss_goods(text):
        return True
    return asks_for_day(text) or (speaks_of_arrival(text) and bool(_DAY.search(text)))


class FollowedOrder(OrderSkill):
    """Tells where an order is or stands, and takes the questions that follow from that."""

    keeps_order = False
    """Whether whatever names no other order is about the one told of, not only its questions."""

    def asks_on(self, text: str) -> bool:
        """Also what is asked of a parcel in any words ("用的什么快递", "放哪了")."""
        return super().asks_on(text) or goes_on(text)

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Also what begins like a correction and is none ("不是我签的")."""
        on = goes_on(request.text) and not request.points_at_order
        return on or await super().continues(turn, request)

    def search_for(self, request: Request) -> Search:
        """Which orders the request can be about."""
        del request
        return self.search

    async def start(self, turn: Turn, request: Request) -> None:
        """Find the order; what only sounded like a question about it goes where it belongs."""
        if await tell_meant_of_parts(turn, self.intent, self.answer):
            return
        request.order_number = request.order_number or await order_by_tail(turn, request.text)
        if not request.points_at_order and answer_without_order(turn, request.text):
            return
        if await self._told_all(turn, request):
            return
        await self._stay(turn, request)
        await self._named_by_a_word(turn, request)
        order = await find_order(turn, request, self.search_for(request))
        if order is None or await self._answered(turn, request, order):
            return
        if self._strayed(turn, request):
            turn.redirect = (turn.message.intent, request)
        else:
            await self.tell(turn, request, order)

    async def _told_all(self, turn: Turn, request: Request) -> bool:
        """Tell about all that there are, where all are asked for at once ("没到的都查一遍")."""
        if turn.on_phone or request.points_at_order or not _ALL.search(request.text):
            return False
        wanted = self.search_for(request).wanted
        orders = [order for order in await turn.orders() if wanted(order)][:MOST_TOLD]
        if len(orders) < 2:
            return False
        tell_together(turn, request.text, orders)
        return True

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Answer the question about the order, or tell how it stands."""
        if not await self._answered(turn, request, order):
            await self.tell(turn, request, order)

    @staticmethod
    async def _answered(turn: Turn, request: Request, order: Order) -> bool:
        if not await answer_question(turn, request, order):
            return False
        task = turn.memory.task
        if order.state in ON_THE_WAY and (task is None or task.skill != "ask_human"):
            offer_to_urge(turn, request)
        return True

    async def insist(self, turn: Turn, task: Task) -> bool:
        """Tell about those of the orders offered that the question can be about, in one message."""
        offered = task.data.get("offered") or []
        if task.awaits != "order" or turn.on_phone or len(offered) < 2:
            return await super().insist(turn, task)
        found = [await turn.shop.order(str(entry["number"])) for entry in offered]
        text = turn.message.text
        if answer_without_order(turn, text):
            return True
        orders = meant_by(text, [order for order in found if order])
        if not orders:
            return False
        turn.memory.drop(task)
        if len(orders) > 1:
            tell_together(turn, text, orders)
        else:
            turn.memory.order_number = orders[0].number
            await self.answer(turn, Request(text=text), orders[0])
        return True

    @abstractmethod
    async def tell(self, turn: Turn, request: Request, order: Order) -> None:
        """Tell how the order stands."""

    @staticmethod
    async def _named_by_a_word(turn: Turn, request: Request) -> None:
        """Take another order that is named by a piece of its title alone: the engine knows no such product."""
        asked = _WHAT_OF.fullmatch(request.text.strip())
        number = turn.memory.order_number
        order = await turn.shop.order(number) if asked and number else None
        if asked is None or order is None or request.products or by_word(asked[1], [order]):
            return
        orders = await turn.orders()
        found = by_word(asked[1], orders) or [o for o in orders if mentions_kind(o, asked[1])]
        if found:
            request.order_number = found[0].number

    async def _stay(self, turn: Turn, request: Request) -> None:
        memory = turn.memory
        text = request.text
        if request.exclude == memory.order_number and not request.points_at_order and goes_on(text):
            request.exclude = None  # it only began like a correction
        if request.other and _OTHER_PARCEL.fullmatch(bare_question(text)):
            told = await turn.shop.order(memory.order_number) if memory.order_number else None
            if told and memory.topic == self.intent and len(told.parcels) > 1:
                request.other, request.exclude = False, None
                request.order_number = told.number
        if request.order_number or request.other or request.exclude or request.latest:
            return
        if memory.topic not in LOOKS_UP or not memory.order_number:
            return
        kept = self.keeps_order and memory.topic == self.intent
        if _AFRESH.search(request.text) or not (kept or goes_on(request.text)):
            return
        order = await turn.shop.order(memory.order_number)
        # A day of delivery is not the day that an order was placed on.
        arrives = speaks_of_arrival(request.text) or hoped_day(request, turn.today)
        day_of_order = bool(request.start) and not arrives
        names_another = bool(request.products) or day_of_order
        if order and (not names_another or named_lines(order, request)):
            request.order_number = order.number

    @staticmethod
    def _strayed(turn: Turn, request: Request) -> bool:
        """Whether it came here by its words only, while the engine heard something else in it."""
        intent = turn.message.intent
        if turn.message.chosen or intent in LOOKS_UP | _SAYS_LITTLE:
            return False
        return turn.message.text.startswith(request.text) and goes_on(request.text)

"""A base for skills about one order: find it, then answer; a choice in between is taken up."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import ClassVar

from actions.dialogue import LOOKS_UP, Request, Skill, Task, Turn
from actions.orders.choosing import read_choice, take_choice
from actions.orders.finding import Search, find_order, remind_which, says_wrong_one, wait_in_turn
from actions.orders.naming import mentions, mentions_kind
from actions.orders.parts import (
    MORE,
    go_on_telling,
    meant_of_parts,
    tell_in_parts,
    tell_meant_of_parts,
)
from actions.orders.stages import ON_THE_WAY
from actions.orders.tails import order_by_tail
from actions.orders.tracking import stuck_parcel
from actions.reading import urges
from actions.shop.models import Order

_MINE = re.compile(r"我(自己|本人|名下|账号)*(里|下)?的")
MAX_FRAGMENT = 16
MOST_TOLD = 5


def offer_to_urge(turn: Turn, request: Request) -> None:
    """Offer that a person hurries those who are slow, where that was asked."""
    if urges(request.text):
        turn.offer_human("utter_urge_offer", "complex_intent")


def offer_to_ask_courier(turn: Turn, request: Request, order: Order) -> None:
    """Offer a person for a parcel that does not move, or for an order that shall hurry."""
    if stuck_parcel(order):
        turn.offer_human("utter_stuck_help", "complex_intent")
    elif order.state in ON_THE_WAY:
        offer_to_urge(turn, request)


class OrderSkill(Skill):
    """Answers something about one order of the verified speaker."""

    about_orders = True
    search: ClassVar[Search]

    tells_several: ClassVar[bool] = False
    """Whether "都查一下" is answered for every order offered (only what just tells)."""

    async def start(self, turn: Turn, request: Request) -> None:
        """Find the order, then answer."""
        if await tell_meant_of_parts(turn, self.intent, self.answer):
            return
        request.order_number = request.order_number or await order_by_tail(turn, request.text)
        order = await find_order(turn, request, self.search)
        if order is not None:
            await self.answer(turn, request, order)

    @abstractmethod
    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Say what was asked about the order."""

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take a choice of order; skills with more questions handle theirs in ``answered``."""
        if task.awaits == MORE:
            return await go_on_telling(turn, task, self.answer)
        if task.awaits != "order":
            return await self.answered(turn, task)
        if not task.data.get("offered") and _MINE.search(turn.message.text):
            # The number was nobody's that we may tell of; their own orders they may choose from.
            turn.memory.drop(task)
            await self.start(turn, Request.from_dict(task.data["request"]))
            return True
        choice = await read_choice(turn, task, telling=self.tells_several)
        if choice and choice.every and len(choice.numbers) > 1:
            return await self._take_several(turn, task, choice.numbers)
        request = await take_choice(turn, task, self.search, choice)
        if request is None:
            return False
        if turn.silent:
            await self.start(turn, request)
        return True

    async def insist(self, turn: Turn, task: Task) -> bool:
        """Tell about the only order that was offered, or about all where telling is all we do."""
        offered = task.data.get("offered") or []
        if task.awaits != "order" or turn.on_phone or not offered:
            return False
        if not self.tells_several and len(offered) > 1:
            return False
        return await self._take_several(turn, task, [str(entry["number"]) for entry in offered])

    async def _take_several(self, turn: Turn, task: Task, numbers: list[str]) -> bool:
        """Tell about several orders, or begin with the first where each needs a question."""
        turn.memory.drop(task)
        if not self.tells_several and len(numbers) > 1:
            request = Request.from_dict(dict(task.data.get("request") or {}))
            request.order_number = numbers[0]
            wait_in_turn(turn, self.intent, request.text, numbers[1:])
            turn.use("utter_one_by_one")
            await self.start(turn, request)
            return True
        if turn.on_phone:
            await tell_in_parts(turn, self.intent, numbers, self.answer)
            return not turn.silent
        for number in numbers[:MOST_TOLD]:
            order = await turn.shop.order(number)
            if order is not None:
                await self.answer(turn, Request(), order)
        return not turn.silent

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take the end of an order's number; on the phone also "还有呢" and "第二个呢" after several were told."""
        if await super().claims(turn, request):
            return True
        if self.intent == (turn.memory.topic if turn.memory.topic in LOOKS_UP else "query_order"):
            number = await order_by_tail(turn, request.text, alone=True)
            request.order_number = request.order_number or number
            if number:
                return True
        told = self.tells_several and turn.memory.topic == self.intent
        return told and bool(meant_of_parts(turn))

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Take the answer to another question than which order."""
        del turn, task
        return False

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Another order, product or day; a product is also looked for among the customer's."""
        if request.points_at_order or request.other or says_wrong_one(request.text):
            return True
        if len(request.text) > MAX_FRAGMENT:
            return False
        return any(
            mentions(order, request) or mentions_kind(order, request.text)
            for order in await turn.orders()
        )

    def remind(self, turn: Turn, task: Task) -> bool:
        """Ask again which order."""
        return remind_which(turn, task) if task.awaits == "order" else self.ask_again(turn, task)

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat another question than which order."""
        del turn, task
        return False

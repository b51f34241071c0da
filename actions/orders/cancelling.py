"""Cancelling an order (confirmed, and only if the shop permits) and changing one (a person)."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Skill, Task, Turn
from actions.orders.finding import Search
from actions.orders.naming import order_name
from actions.orders.skill import OrderSkill
from actions.shop.client import ShopRefused
from actions.shop.models import Order, OrderState
from actions.wording import ORDER_STATES

_CANCEL_IT = re.compile(
    r"^(嗯|对|是的?|好的?|确认|确定|就|要|那|我|帮|给|请|先)*[，,]?取消(这个)?(订单)?(重新?[拍买下]单?)?[吧掉了的。！]*$"
)
_NOT_CANCEL = re.compile(r"不(想|要|用)?取消|别取消|恢复")
NOT_SENT = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.PACKED})


class CancelOrder(OrderSkill):
    """cancel_order: cancel what has not left the warehouse."""

    intent = "cancel_order"
    search: ClassVar[Search] = Search(
        "cancel_order",
        wanted=lambda order: order.state in NOT_SENT,
        none="utter_nothing_to_cancel",
        ask="utter_choose_cancel",
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Taking a cancellation back is not possible."""
        if _NOT_CANCEL.search(request.text):
            number = turn.memory.order_number
            order = await turn.shop.order(number) if number else None
            gone = order is not None and order.state is OrderState.CANCELLED
            turn.use("utter_cannot_uncancel" if gone else "utter_kept_order")
            return
        await super().start(turn, request)

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Ask for confirmation, or say why it is too late."""
        name = order_name(order, heard=turn.on_phone)
        if order.state is OrderState.CANCELLED:
            turn.use("utter_already_cancelled", order=name)
            turn.fulfil()
        elif order.state not in NOT_SENT:
            turn.use("utter_cannot_cancel", order=name, state=ORDER_STATES[order.state])
            turn.fulfil()
        else:
            task = Task(self.intent, "confirm", {"order_number": order.number, "order": name})
            turn.memory.push(task)
            turn.use("utter_confirm_cancel", order=name, total=turn.yuan(order.total_fen))

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Cancel on yes."""
        answer = turn.answer()
        if _CANCEL_IT.match(turn.message.text.strip()):
            answer = "yes"
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_kept_order")
            return True
        number = str(task.data["order_number"])
        try:
            order = await turn.shop.cancel_order(number, turn.key("cancel", number))
        except ShopRefused as refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
            return True
        turn.use(
            "utter_cancelled_paid" if order.paid_at else "utter_cancelled_unpaid",
            order=order_name(order, heard=turn.on_phone),
            total=turn.yuan(order.total_fen),
        )
        turn.fulfil()
        return True

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat the confirmation."""
        turn.use("utter_confirm_cancel_again", order=task.data.get("order", ""))
        return True


class ChangeOrder(Skill):
    """change_order: address, receiver, size, quantity …: only a colleague can change them."""

    intent = "change_order"

    async def start(self, turn: Turn, request: Request) -> None:
        """Say what is possible in the order's state, and offer a person."""
        who = await turn.who()
        number = request.order_number or turn.memory.order_number
        if who.verified and number:
            order = await turn.shop.order(number)
            if order and order.customer_id == who.customer_id and order.state not in NOT_SENT:
                turn.offer_human(
                    "utter_change_too_late", "complex_intent", state=ORDER_STATES[order.state]
                )
                return
        turn.offer_human("utter_change_order", "complex_intent")

"""Several orders told of in one message, each in a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.dialogue import Turn
from actions.orders.naming import order_name
from actions.orders.parcels import coming_parcels
from actions.orders.parts import leave
from actions.orders.questions import Question, question_in
from actions.orders.stages import IN_THE_WAREHOUSE, ON_THE_WAY
from actions.orders.tracking import quiet_days
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import ORDER_STATES, day, mask_trace

_SENDING = re.compile(r"发货|发出|没发|不发|备货|什么时候发|还没发")
_ON_ITS_WAY = re.compile(r"到|送|发|快递|物流|寄|一起|慢|催|多久|几天|哪天|几号|几点")


def meant_by(text: str, orders: Sequence[Order]) -> list[Order]:
    """Those of the orders that a question can be about; all where it tells nothing."""
    coming = [o for o in orders if o.state in ON_THE_WAY]
    unsent = [o for o in coming if o.state in IN_THE_WAREHOUSE]
    if question_in(text) is Question.CANCELLED:
        return [o for o in orders if o.state is OrderState.CANCELLED] or list(orders)
    if question_in(text) is Question.FROM:
        return coming or list(orders)
    if _SENDING.search(text):
        return unsent or coming or list(orders)
    return (coming if _ON_ITS_WAY.search(text) else []) or list(orders)


def tell_together(turn: Turn, text: str, orders: Sequence[Order]) -> None:
    """Tell in one bubble how each order stands."""
    lines = [
        f"{i}. {order_name(order, heard=False)}：{ORDER_STATES[order.state]}。{_brief(turn, order, text)}"
        for i, order in enumerate(orders, 1)
    ]
    turn.use("utter_together", count=len(orders))
    leave(turn, [order.number for order in orders], [])
    turn.say("\n".join(lines))
    turn.fulfil()


def _brief(turn: Turn, order: Order, text: str) -> str:
    brief = _stands(turn, order)
    sent = next((parcel for parcel in order.parcels if parcel.trace), None)
    if question_in(text) is Question.FROM and sent:
        place = mask_trace(sent.trace[-1].place)
        return turn.text("utter_brief_from", place=place) + brief
    return brief


def _stands(turn: Turn, order: Order) -> str:
    coming = coming_parcels(order)
    stuck = next((parcel for parcel in coming if parcel.state is ParcelState.STUCK), None)
    etas = [parcel.eta for parcel in coming if parcel.eta and parcel.eta >= turn.today]
    match order.state:
        case OrderState.UNPAID:
            return turn.text("utter_brief_unpaid")
        case OrderState.PAID:
            return turn.text("utter_brief_paid")
        case OrderState.PACKED | OrderState.IN_TRANSIT if stuck:
            return turn.text("utter_brief_stuck", days=quiet_days(turn, stuck))
        case OrderState.PACKED | OrderState.IN_TRANSIT if etas:
            return turn.text("utter_brief_expected", eta=day(max(etas), turn.today))
        case OrderState.PACKED | OrderState.IN_TRANSIT:
            return turn.text("utter_brief_coming")
        case _:
            return turn.text("utter_brief_ended")

"""Where an order stands."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Turn
from actions.orders.cards import order_card
from actions.orders.ended import refund_sentence
from actions.orders.finding import Search
from actions.orders.following import FollowedOrder
from actions.orders.naming import order_name
from actions.orders.news import tell_again, times_told
from actions.orders.skill import offer_to_ask_courier
from actions.orders.stages import ON_THE_WAY
from actions.orders.tracking import parcel_sentences
from actions.shop.models import Order, OrderState
from actions.wording import (
    ORDER_STATES,
    business_day,
    day,
    moment,
)

MORE_OF_MINE = (
    r"有(没有)?(别|其[他它])的?(订单|单子|快递|包裹)?(没有)?"
    r"|(是)?我?(老婆|老公|媳妇|爱人|对象|[爸妈]妈?|家人|家里人|孩子|儿子|女儿|朋友|同事|[男女]朋友)(帮我|给我|替我)?(买|下单|下|拍)的?(单|订单)?"
    r"|(我?明明|不可能|怎么(会|可能)没有?).*|我?(都|确实)?(买|下单|下了单|付款)(过|了)"
)
"""What goes on with the orders of the speaker: others, and orders where none were found."""
_SENDING = re.compile(r"发货|发出|没发|不发|备货")
_NOT_THERE = re.compile(
    r"[不没]到|没(个|有)?(动静|消息|信儿?|反应|进展)|到哪|时候到|几天到|能到|快递|物流"
)
_COMING = Search(
    "query_order",
    wanted=lambda order: order.state in ON_THE_WAY,
    or_latest=True,
)
_UNSENT = Search(
    "query_order",
    wanted=lambda order: order.state in (OrderState.PAID, OrderState.PACKED),
    or_latest=True,
)


class OrderStatus(FollowedOrder):
    """query_order: what became of an order."""

    intent = "query_order"
    follow_ups = re.compile(
        r"(多少|几块)钱?|总价|(要|得|还要)?((什么|啥)时候|几号|哪天|几天|多久|多长时间)(能|会)?(到|发|发货|好)?|为什么|为啥|怎么回事"
        rf"|{MORE_OF_MINE}"
    )
    tells_several = True
    search: ClassVar[Search] = Search("query_order")

    def search_for(self, request: Request) -> Search:
        """Asked "还没发货", it is about what has not been sent; else any order will do."""
        if _NOT_THERE.search(request.text):
            return _COMING
        return _UNSENT if _SENDING.search(request.text) else self.search

    async def tell(self, turn: Turn, request: Request, order: Order) -> None:
        """Say state and what comes next, and show the card; to whoever waits only what is new."""
        if tell_again(turn, request, order, times_told(turn, order)):
            if turn.fulfilled:
                offer_to_ask_courier(turn, request, order)
            return
        placed = day(business_day(order.placed_at), turn.today)
        total = turn.yuan(order.total_fen)
        text = turn.text(
            "utter_order_status",
            order=order_name(order, heard=turn.on_phone),
            placed=placed,
            total=total,
            state=ORDER_STATES[order.state],
        )
        turn.say(text + await _next_step(turn, order), order_card(order))
        if order.state is OrderState.UNPAID:
            turn.use("utter_how_to_pay")
        turn.fulfil()
        offer_to_ask_courier(turn, request, order)


async def _next_step(turn: Turn, order: Order) -> str:
    match order.state:
        case OrderState.UNPAID:
            return turn.text("utter_next_unpaid")
        case OrderState.PAID:
            return turn.text("utter_next_paid")
        case OrderState.PACKED:
            return turn.text("utter_next_packed")
        case OrderState.IN_TRANSIT:
            return "\n" + "\n".join(parcel_sentences(turn, order))
        case OrderState.SIGNED if order.signed_at:
            return turn.text("utter_next_signed", signed=moment(order.signed_at, turn.today))
        case OrderState.CANCELLED:
            return turn.text("utter_next_cancelled")
        case OrderState.RETURNED | OrderState.REFUNDING | OrderState.REFUNDED:
            return await refund_sentence(turn, order)
        case _:
            return ""

"""Where the parcels are, and why they do not come."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Turn
from actions.orders import (
    OrderSkill,
    Search,
    find_order,
    order_card,
    order_name,
    parcel_sentences,
    stuck_parcel,
)
from actions.shop.models import Order, OrderState
from actions.wording import moment

_MISSING = re.compile(
    r"(签收|妥投|送达|送到|配送完成|已完成|收货).{0,12}(没|未|不是我|谁)|(没|未).{0,8}(签收|妥投|送达|收货)|不是我签|谁签|自己收货|显示.{0,4}(签收|妥投|配送完成|收货)"
)
_NOT_THERE = re.compile(r"没(有)?(收到|拿到|见到|看到|签收)|未收到|不是我签|谁签|没到")
ON_THE_WAY = frozenset({OrderState.PAID, OrderState.PACKED, OrderState.IN_TRANSIT})

_DELIVERED = Search(
    "query_logistics",
    wanted=lambda order: order.state is OrderState.SIGNED,
    ask="utter_choose_order",
    or_latest=True,
)


class Logistics(OrderSkill):
    """query_logistics: where a parcel is and when it comes."""

    intent = "query_logistics"
    tells_several = True
    search: ClassVar[Search] = Search(
        "query_logistics",
        wanted=lambda order: order.state in ON_THE_WAY,
        none="utter_nothing_on_the_way",
        ask="utter_choose_parcel",
        or_latest=True,
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Said to be delivered but not there: that is about a signed order."""
        search = _DELIVERED if _MISSING.search(request.text) else self.search
        order = await find_order(turn, request, search)
        if order is not None:
            await self.answer(turn, request, order)

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Say where every parcel is; a stuck one is explained and a person offered."""
        name = order_name(order, heard=turn.on_phone)
        if order.state is OrderState.UNPAID:
            turn.say(turn.text("utter_not_sent_unpaid", order=name), order_card(order))
        elif order.state is OrderState.CANCELLED:
            turn.say(turn.text("utter_not_sent_cancelled", order=name), order_card(order))
        elif not order.parcels:
            turn.say(turn.text("utter_not_sent_yet", order=name), order_card(order))
        elif order.state is OrderState.SIGNED and order.signed_at:
            signed = moment(order.signed_at, turn.today)
            if _MISSING.search(request.text) or _NOT_THERE.search(request.text):
                turn.offer_human(
                    "utter_signed_not_received", "complex_intent", order=name, signed=signed
                )
                return
            turn.say(turn.text("utter_was_signed", order=name, signed=signed), order_card(order))
        else:
            sentences = parcel_sentences(turn, order)
            intro = turn.text("utter_logistics_intro", order=name)
            separator = "\n" if len(sentences) > 1 else ""
            turn.say(intro + separator + "\n".join(sentences), order_card(order))
        turn.fulfil()
        if stuck_parcel(order):
            turn.offer_human("utter_stuck_help", "complex_intent")

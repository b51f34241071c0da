"""Where the parcels are, and why they do not come."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import LOOKS_UP, Request, Turn
from actions.orders import (
    MORE_OF_MINE,
    ON_THE_WAY,
    SENT_BACK,
    FollowedOrder,
    Search,
    answer_without_order,
    asks_for_delivered,
    may_be_missing,
    notice_signed,
    offer_to_ask_courier,
    order_card,
    order_name,
    parcel_sentences,
    scan_text,
    tell_named_parcel,
    tell_no_news,
    tell_returned,
    tell_when,
    times_told,
)
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import moment

_PLACE = re.compile(
    r"驿站|快递柜|丰巢|柜子|门口|家门|自提|代收|门卫|不在家|没人在|放(到|在)?(物业|前台)"
)
"""Where it shall be left: a wish to the courier, written in no trace."""
_IS_THERE = re.compile(r"[到在放搁].{0,6}了")
"""With this it is asked whether it is there already, and the trace knows."""
_MAY_BE = re.compile(
    r"(行|可以|好|成)[吗么不嘛]|能不能|能[放搁]|[帮给]我[放搁]|[放搁].{0,8}(就行|就好|就可以|吧)"
)

_WHEN = r"((什么|啥|么子|啥子|哪个)时候|几时|几[号天]|哪天)"
_ASKS_WHERE = re.compile(r"到哪|时候|几[天点号]|多久|[没不]到|到了|快递呢|物流")
_DELIVERED = Search(
    "query_logistics",
    wanted=lambda order: (
        order.state is OrderState.SIGNED
        or any(parcel.state is ParcelState.SIGNED for parcel in order.parcels)
    ),
    ask="utter_choose_order",
    or_latest=True,
)


class Logistics(FollowedOrder):
    """query_logistics: where a parcel is and when it comes."""

    intent = "query_logistics"
    tells_several = True
    keeps_order = True
    follow_ups = re.compile(
        rf"{MORE_OF_MINE}|(大概|还|到底)?(要|得|需要)?(等|等到|等着)?({_WHEN}|多久|多长时间)(才|能|会)*(到[齐货]?|来|送|送到|收到|拿到)?"
    )
    search: ClassVar[Search] = Search(
        "query_logistics",
        wanted=lambda order: order.state in ON_THE_WAY,
        none="utter_nothing_on_the_way",
        ask="utter_choose_parcel",
        or_latest=True,
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Where it can be left is the same for every parcel and needs no order."""
        text = request.text
        any_order = not (request.points_at_order or request.other or turn.memory.order_number)
        if any_order and _wishes_place(text) and not asks_for_delivered(text):
            if not answer_without_order(turn, text):
                turn.use("utter_courier_place")
                turn.fulfil()
            return
        await super().start(turn, request)

    def search_for(self, request: Request) -> Search:
        """Said to be delivered but not there: that is about what has been signed for."""
        return _DELIVERED if asks_for_delivered(request.text) else self.search

    async def tell(self, turn: Turn, request: Request, order: Order) -> None:
        """Say where every parcel is; a stuck one is explained and a person offered."""
        name = order_name(order, heard=turn.on_phone)
        if order.state in SENT_BACK:
            await tell_returned(turn, order)
            return
        if order.state is OrderState.UNPAID:
            turn.say(turn.text("utter_not_sent_unpaid", order=name), order_card(order))
        elif order.state is OrderState.CANCELLED:
            turn.say(turn.text("utter_not_sent_cancelled", order=name), order_card(order))
        elif not order.parcels:
            turn.say(turn.text("utter_not_sent_yet", order=name), order_card(order))
        elif order.state is OrderState.SIGNED and order.signed_at:
            self._signed(turn, order, name, moment(order.signed_at, turn.today))
        elif self._on_the_way(turn, request, order, name):
            return
        turn.fulfil()
        offer_to_ask_courier(turn, request, order)

    def _signed(self, turn: Turn, order: Order, name: str, signed: str) -> None:
        record = scan_text(order.parcels[0]) if len(order.parcels) == 1 else ""
        sentence = "utter_was_signed_as" if record else "utter_was_signed"
        text = turn.text(sentence, order=name, signed=signed, record=record)
        turn.say(text, order_card(order))
        notice_signed(turn, order)

    def _on_the_way(self, turn: Turn, request: Request, order: Order, name: str) -> bool:
        """Say where every parcel is, once; asked again without news, only that there is none.

        Returns:
            Whether all is said, the offer of a person included.
        """
        before = turn.memory.topic in LOOKS_UP
        times = times_told(turn, order)
        notice_signed(turn, order)
        if _wishes_place(request.text):
            turn.use("utter_courier_place")
            turn.fulfil()
            if (before and times) or not _ASKS_WHERE.search(request.text):
                return True
        elif times and turn.memory.topic == self.intent:
            part = len(order.parcels) > 1 and tell_when(turn, request.text, order)
            named = part or tell_named_parcel(turn, request, order)
            return named or tell_no_news(turn, order, times)
        sentences = parcel_sentences(turn, order)
        intro = turn.text("utter_logistics_intro", order=name)
        separator = "\n" if len(sentences) > 1 else ""
        turn.say(intro + separator + "\n".join(sentences), order_card(order))
        return False


def _wishes_place(text: str) -> bool:
    if not _PLACE.search(text) or may_be_missing(text):
        return False
    return bool(_MAY_BE.search(text)) or not _IS_THERE.search(text)

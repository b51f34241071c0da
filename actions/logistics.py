"""Where the parcels are, and why they do not come."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Turn
from actions.orders import (
    ON_THE_WAY,
    OrderSkill,
    Search,
    find_order,
    offer_to_ask_courier,
    order_card,
    order_name,
    parcel_sentences,
)
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import day, mask_trace, moment

_MISSING = re.compile(
    r"(签收|妥投|送达|送到|配送完成|已完成|收货).{0,12}(没|未|不是我|谁)|(没|未).{0,8}(签收|妥投|送达|收货)|不是我签|谁签|自己收货|显示.{0,4}(签收|妥投|配送完成|收货)"
)
_NOT_THERE = re.compile(
    r"没(有)?(收到|拿到|见到|看到|签收|见着|找到)|未收到|不是我签|谁签|没到|(家里|门口|驿站|柜子|门卫|楼下|前台).{0,4}没|没人"
)
_AFRESH = re.compile(r"我的?(快递|物流|包裹|订单|东西)|[查看]一?下|别的|其他|所有")
_NOTES = (
    (
        re.compile(
            r"(快递员|派送员|配送员|小哥|师傅|骑手|派件员).{0,6}(电话|联系方式|号码|手机)|电话.{0,4}(快递员|派送员|小哥|师傅)"
        ),
        "utter_courier_phone",
    ),
    (
        re.compile(
            r"驿站|快递柜|丰巢|柜子|门口|自提|代收|门卫|送上?(门|楼)|不在家|没人在|放(到|在)?(物业|前台)"
        ),
        "utter_courier_place",
    ),
    (
        re.compile(r"几点|[上下]午|晚上|早上|中午|周末|星期[六日天]|礼拜[六日天]|具体时间|时间段"),
        "utter_courier_hour",
    ),
)
"""What is asked of a courier and not written in a trace."""

_NEEDS_NO_ORDER = frozenset({"utter_courier_phone", "utter_courier_place"})

_TOLD = "told"
"""Where ``Memory.about`` keeps which news of which order we told last."""

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
        """Said to be delivered but not there: that is about a signed order.

        What follows an answer goes on with its order, whatever became of it.
        """
        memory = turn.memory
        names_none = not (request.points_at_order or request.other or request.exclude)
        if memory.topic == self.intent and names_none and not _AFRESH.search(request.text):
            request.order_number = memory.order_number
        note = _note(request.text)
        if note in _NEEDS_NO_ORDER and names_none and not memory.order_number:
            turn.use(note)
            turn.fulfil()
            return
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
            self._on_the_way(turn, request, order, name)
        turn.fulfil()
        offer_to_ask_courier(turn, request, order)

    def _on_the_way(self, turn: Turn, request: Request, order: Order, name: str) -> None:
        """Say where every parcel is, once; asked again without news, only that there is none."""
        coming = [parcel for parcel in order.parcels if parcel.state is not ParcelState.SIGNED]
        last = next((parcel.trace[0] for parcel in coming if parcel.trace), None)
        news = f"{order.number} {last.at.isoformat() if last else ''}"
        note = _note(request.text)
        told = turn.memory.topic == self.intent and turn.memory.about.get(_TOLD) == news
        turn.memory.about[_TOLD] = news
        if note:
            turn.use(note)
        if told and last:
            eta = next((parcel.eta for parcel in coming if parcel.eta), None)
            turn.use(
                "utter_no_news",
                order=name,
                at=moment(last.at, turn.today),
                last=mask_trace(last.text),
            )
            if eta and eta >= turn.today:
                turn.use("utter_eta", eta=day(eta, turn.today))
            return
        sentences = parcel_sentences(turn, order)
        intro = turn.text("utter_logistics_intro", order=name)
        separator = "\n" if len(sentences) > 1 else ""
        turn.say(intro + separator + "\n".join(sentences), order_card(order))


def _note(text: str) -> str:
    """The sentence that answers what no trace can; empty where nothing of the kind was asked."""
    return next((sentence for asked, sentence in _NOTES if asked.search(text)), "")

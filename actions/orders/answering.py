"""Answers questions about the order or parcel just shown, each from its record or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable

from actions.dialogue import Request, Turn
from actions.orders.ended import explain_cancelled
from actions.orders.hoping import tell_hope
from actions.orders.missing import tell_missing
from actions.orders.naming import number_of, order_name, short_title
from actions.orders.news import just_told
from actions.orders.parcels import coming_parcels, named_parcels, tell_other_parcel
from actions.orders.questions import Question, question_in
from actions.orders.stages import NOT_SENT, SENT_BACK
from actions.orders.tracking import goods_in, parcel_sentence, quiet_days, say_eta
from actions.shop.models import Order, OrderState, Parcel, ParcelState
from actions.wording import (
    mask_name,
    mask_phone,
    mask_region,
    mask_trace,
    mask_tracking,
    moment,
)

_DOOR_REFUSED = re.compile(
    r"不(肯|愿|给|想)|非要|非得|只(肯|放|送)|又(放|丢|扔)|老是?|总是?|每次|(放|丢|扔).{0,4}了"
)
_COMPENSATION = re.compile(r"赔")
_SENDING = re.compile(r"发货|发出|[没不]发")
_STOP = re.compile(r"拦")
_PHONE = re.compile(r"电话|热线|号码|联系方式")
_WITHOUT_ORDER = {
    Question.MISSED_CALL: "utter_missed_call",
    Question.COURIER_UNREACHABLE: "utter_courier_unreachable",
    Question.COURIER_PHONE: "utter_courier_phone",
    Question.DOOR: "utter_courier_door",
    Question.HUB: "utter_hub",
    Question.HOURS: "utter_sending_time",
    Question.OTHER_CARRIER: "utter_other_carrier",
}
"""What is the same for every parcel, and for somebody who has none."""


async def answer_question(turn: Turn, request: Request, order: Order) -> bool:
    """Answer what is asked about an order beyond where it is.

    Returns:
        False when nothing of the kind was asked, or it makes no sense of this order.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    if not request.text:
        return False
    if order.state is OrderState.CANCELLED:
        return await explain_cancelled(turn, request, order)
    if order.state in SENT_BACK:
        return False
    if tell_other_parcel(turn, request, order) or tell_missing(turn, request, order):
        return True
    question = question_in(request.text)
    if _PHONE.search(request.text) and _names_carrier(request.text, order):
        question = Question.CARRIER_PHONE
    answer = _ANSWERS.get(question) if question else None
    return answer(turn, request, order) if answer else tell_hope(turn, request, order)


def _names_carrier(text: str, order: Order) -> bool:
    """Whether a carrier of the order is named, if only by its first characters ("顺禾")."""
    return any(parcel.carrier[:2] in text for parcel in order.parcels)


def answer_without_order(turn: Turn, text: str) -> bool:
    """Answer what is the same for every parcel.

    Returns:
        False when it depends on the order; nothing was said then.
    """
    question = question_in(text)
    sentence = _WITHOUT_ORDER.get(question) if question else None
    if not sentence:
        return False
    if question is Question.COURIER_UNREACHABLE:
        turn.offer_human(sentence, "complex_intent")
    elif question is Question.DOOR and _DOOR_REFUSED.search(text):
        turn.offer_human("utter_door_offer", "complex_intent")
    else:
        turn.use(sentence)
        turn.fulfil()
    return True


def tell_refusal(turn: Turn, request: Request, order: Order) -> bool:
    """Refusing a parcel at the door: possible while it is on its way; before that it is cancelled."""
    name = order_name(order, heard=turn.on_phone)
    if order.state in NOT_SENT:
        turn.redirect = ("cancel_order", _of(request, order))
    elif coming_parcels(order):
        turn.use("utter_can_refuse", order=name)
        turn.fulfil()
    else:
        turn.use("utter_too_late_to_refuse", order=name)
        turn.fulfil()
    return True


def offer_interception(turn: Turn, request: Request, order: Order) -> bool:
    """A wrong address, or a parcel to be stopped: a person asks the courier once it is on its way."""
    name = order_name(order, heard=turn.on_phone)
    if order.state in NOT_SENT:
        intent = "cancel_order" if _STOP.search(request.text) else "change_order"
        turn.redirect = (intent, _of(request, order))
    elif coming_parcels(order):
        turn.offer_human("utter_intercept_offer", "complex_intent", order=name)
    else:
        turn.offer_human("utter_wrong_place_offer", "complex_intent", order=name)
    return True


def _of(request: Request, order: Order) -> Request:
    return request.merged(Request(text=request.text, order_number=order.number))


def _not_refused(turn: Turn, request: Request, order: Order) -> bool:
    del request
    turn.offer_human(
        "utter_not_refused_offer", "complex_intent", order=order_name(order, heard=turn.on_phone)
    )
    return True


def _same_for_all(turn: Turn, request: Request, order: Order) -> bool:
    del order
    return answer_without_order(turn, request.text)


def _plain(sentence: str) -> Callable[[Turn, Request, Order], bool]:
    def answer(turn: Turn, request: Request, order: Order) -> bool:
        del request, order
        turn.use(sentence)
        turn.fulfil()
        return True

    return answer


def _carrier_phone(turn: Turn, request: Request, order: Order) -> bool:
    parcel = _parcel(request, order)
    carrier = parcel.carrier if parcel else "快递公司"
    turn.offer_human("utter_carrier_phone", "complex_intent", carrier=carrier)
    return True


def _carrier(turn: Turn, request: Request, order: Order) -> bool:
    del request
    name = order_name(order, heard=turn.on_phone)
    if not order.parcels:
        turn.use("utter_carrier_unknown", order=name)
    for parcel in order.parcels:
        turn.use(
            "utter_carrier",
            what=goods_in(order, parcel) or name,
            carrier=parcel.carrier,
            number=mask_tracking(parcel.tracking_number),
        )
    turn.fulfil()
    return True


def _lost(turn: Turn, request: Request, order: Order) -> bool:
    parcel = _parcel(request, order)
    if _COMPENSATION.search(request.text):
        turn.offer_human("utter_lost_compensation", "complex_intent")
    elif parcel is None or not parcel.trace:
        return False
    elif parcel.state is ParcelState.STUCK:
        days = quiet_days(turn, parcel)
        turn.offer_human("utter_maybe_lost", "complex_intent", days=days)
    else:
        last = parcel.trace[0]
        at, record = moment(last.at, turn.today), mask_trace(last.text)
        turn.use("utter_not_lost", at=at, last=record)
        say_eta(turn, parcel.eta)
        turn.fulfil()
    return True


def _goods(turn: Turn, request: Request, order: Order) -> bool:
    del request
    lines = [f"{short_title(line.title)} {line.quantity} 件" for line in order.lines]
    turn.use("utter_goods", order=number_of(order, heard=turn.on_phone), goods="、".join(lines))
    turn.fulfil()
    return True


def _from(turn: Turn, request: Request, order: Order) -> bool:
    del request
    name = order_name(order, heard=turn.on_phone)
    sent = [parcel for parcel in order.parcels if parcel.trace]
    if not sent:
        turn.use("utter_from_unknown", order=name)
    for parcel in sent:
        place = mask_trace(parcel.trace[-1].place)
        turn.use("utter_from", what=goods_in(order, parcel) or name, place=place)
    turn.fulfil()
    return True


def _to(turn: Turn, request: Request, order: Order) -> bool:
    del request
    turn.use(
        "utter_goes_to",
        order=order_name(order, heard=turn.on_phone),
        region=mask_region(order.ship_to.region),
        name=mask_name(order.ship_to.name),
        phone=mask_phone(order.ship_to.phone),
    )
    turn.fulfil()
    return True


def _split(turn: Turn, request: Request, order: Order) -> bool:
    del request
    name = order_name(order, heard=turn.on_phone)
    if len(order.parcels) > 1:
        turn.use("utter_split_why", count=len(order.parcels))
    else:
        turn.use("utter_not_together", order=name)
    turn.fulfil()
    return True


def _slow(turn: Turn, request: Request, order: Order) -> bool:
    parcel = _parcel(request, order)
    if order.state is not OrderState.IN_TRANSIT or parcel is None or not parcel.trace:
        return False
    if _SENDING.search(request.text):
        return False  # it has been sent
    late = parcel.eta is not None and parcel.eta < turn.today
    if parcel.state is ParcelState.STUCK or late:
        if not just_told(turn, order):
            turn.say(parcel_sentence(turn, order, parcel))
        turn.offer_human("utter_slow_offer", "complex_intent")
        return True
    last = parcel.trace[0]
    turn.use("utter_slow", at=moment(last.at, turn.today), last=mask_trace(last.text))
    say_eta(turn, parcel.eta)
    turn.fulfil()
    return True


def _parcel(request: Request, order: Order) -> Parcel | None:
    """The parcel asked about: of the goods named, else one still to come, else any."""
    parcels = named_parcels(order, request) or coming_parcels(order) or list(order.parcels)
    stuck = (p for p in parcels if p.state is ParcelState.STUCK)
    return next(stuck, next(iter(parcels), None))


_ANSWERS: dict[Question, Callable[[Turn, Request, Order], bool]] = {
    Question.NOT_REFUSED: _not_refused,
    Question.REFUSE: tell_refusal,
    Question.INTERCEPT: offer_interception,
    Question.DOOR: _same_for_all,
    Question.MISSED_CALL: _same_for_all,
    Question.COURIER_UNREACHABLE: _same_for_all,
    Question.COURIER_PHONE: _plain("utter_courier_phone"),
    Question.CARRIER_PHONE: _carrier_phone,
    Question.OTHER_CARRIER: _plain("utter_other_carrier"),
    Question.CARRIER: _carrier,
    Question.GOODS: _goods,
    Question.LOST: _lost,
    Question.FROM: _from,
    Question.TO: _to,
    Question.SPLIT: _split,
    Question.HUB: _plain("utter_hub"),
    Question.HOURS: _plain("utter_sending_time"),
    Question.SLOW: _slow,
}
"""What is asked of a cancelled order only has no answer here."""

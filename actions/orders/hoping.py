"""Whether a parcel comes by the day that is hoped for."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.orders.coming import Hope, asks_when_sent, hoped_day
from actions.orders.naming import order_name
from actions.orders.parcels import coming_parcels, named_parcels
from actions.orders.stages import IN_THE_WAREHOUSE
from actions.orders.tracking import goods_in, quiet_days
from actions.shop.models import Order, OrderState, Parcel, ParcelState
from actions.wording import ORDER_STATES, day, full_day, joined

_HOUR = re.compile(r"几点|[上下]午|晚上|早上|中午|时间段|时段|什么时间|具体时间")
_COMES = re.compile(
    r"[到送派来收]|在家|^[那大概具体]{0,4}几点[呢啊吧呀]?(大概|左右)?$|[点午晚早]钟?(以后|之后|左右|行|可以)|[上下]班后"
)
_ARRIVES = re.compile(
    r"能(不能)?(按时|准时|及时|赶)?(送?到|来)[得吗么不嘛吧]|到得了|赶得[上及]|来得及|提前(送|到|[吗么吧]?$)|早(一?[点些])(送|到)"
)
_AWAY = re.compile(
    r"不在家|家里?没人|没人在|出差|我.{0,4}上班|不方便收|收不了"
    r"|(晚点|晚些|过(两|几)?天|改天|延[迟后]|推迟|下班后?|周末)(时候)?(再|才)?(派?送|配送|派件)"
)


def asks_for_day(text: str) -> bool:
    """Whether it may be asked if a parcel comes in time, beyond a day that is named."""
    hour = _HOUR.search(text) and _COMES.search(text)
    return bool(hour or _ARRIVES.search(text) or _AWAY.search(text))


def tell_hope(turn: Turn, request: Request, order: Order) -> bool:
    """Compare the day hoped for with the day expected; an hour is never promised.

    Returns:
        False when no day or hour is asked about, or nothing is on its way; nothing was said then.
    """
    text = request.text
    hope = hoped_day(request, turn.today)
    if asks_when_sent(text):
        return hope is not None and order.state in IN_THE_WAREHOUSE and _sending(turn, order, hope)
    if not (hope or asks_for_day(text)):
        return False
    if order.state is OrderState.PAID and not order.parcels:
        return _not_sent(turn, order, hope)
    parcels = _meant(request, order)
    if not parcels or order.state not in (OrderState.PACKED, OrderState.IN_TRANSIT):
        return False
    parcel = max(parcels, key=_least_sure)
    if hope is None and _HOUR.search(text) and parcel.state is ParcelState.DELIVERING:
        hope = Hope(turn.today, before=False)
    _say(turn, parcel, hope, _values(turn, order, parcels, parcel, hope), text)
    turn.fulfil()
    if parcel.state is ParcelState.STUCK or _late(turn, parcel):
        turn.offer_human("utter_stuck_help", "complex_intent")
    return True


def _say(
    turn: Turn, parcel: Parcel, hope: Hope | None, values: dict[str, object], text: str
) -> None:
    if parcel.state is ParcelState.STUCK:
        turn.use("utter_hope_stuck", **values)
    elif parcel.state is ParcelState.DELIVERING:
        turn.use("utter_hope_delivering", **values)
    elif parcel.eta is None:
        turn.use("utter_hope_unknown", **values)
    elif _late(turn, parcel):
        turn.use("utter_hope_late", **values)
    elif hope is None or _AWAY.search(text):
        turn.use("utter_hope_expected", **values)
    elif parcel.eta > hope.day:
        turn.use("utter_hope_no", **values)
    elif parcel.eta == hope.day and hope.before:
        turn.use("utter_hope_same_day", **values)
    else:
        turn.use("utter_hope_yes", **values)
    if _AWAY.search(text):
        turn.use("utter_courier_away")
    elif _HOUR.search(text):
        turn.use("utter_courier_hour")


def _late(turn: Turn, parcel: Parcel) -> bool:
    return parcel.eta is not None and parcel.eta < turn.today


def _sending(turn: Turn, order: Order, hope: Hope) -> bool:
    name = order_name(order, heard=turn.on_phone)
    state, named = ORDER_STATES[order.state], _day(turn, hope)
    turn.use("utter_hope_sending", what=name, state=state, day=named)
    turn.fulfil()
    return True


def _not_sent(turn: Turn, order: Order, hope: Hope | None) -> bool:
    name = order_name(order, heard=turn.on_phone)
    turn.use("utter_hope_not_sent", what=name, day=_day(turn, hope))
    turn.fulfil()
    return True


def _meant(request: Request, order: Order) -> list[Parcel]:
    coming = coming_parcels(order)
    named = named_parcels(order, request)
    return [parcel for parcel in coming if parcel in named] or coming


def _least_sure(parcel: Parcel) -> tuple[bool, bool, int]:
    """Orders parcels so that the one that may come last is the greatest."""
    eta = parcel.eta.toordinal() if parcel.eta else 0
    return parcel.state is ParcelState.STUCK, parcel.eta is None, eta


def _values(
    turn: Turn, order: Order, parcels: list[Parcel], parcel: Parcel, hope: Hope | None
) -> dict[str, object]:
    goods = joined(name for name in (goods_in(order, p) for p in parcels) if name)
    return {
        "what": goods or order_name(order, heard=turn.on_phone),
        "eta": day(parcel.eta, turn.today) if parcel.eta else "",
        "day": _day(turn, hope),
        "days": quiet_days(turn, parcel),
    }


def _day(turn: Turn, hope: Hope | None) -> str:
    if hope is None:
        return "具体哪天"
    past = hope.day < turn.today
    named = full_day(hope.day, turn.today) if past else day(hope.day, turn.today)
    return named + ("之前" if hope.before else "")

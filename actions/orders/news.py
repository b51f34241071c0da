"""What was told of an order last, and what to say when it is asked again and nothing is new."""

from __future__ import annotations

import re
from datetime import timedelta

from actions.dialogue import LOOKS_UP, Request, Turn
from actions.orders.naming import number_of, order_name
from actions.orders.parcels import coming_parcels
from actions.orders.stages import IN_THE_WAREHOUSE
from actions.orders.tracking import goods_in, say_eta
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import ORDER_STATES, day, mask_trace, moment

SENT_WITHIN = timedelta(hours=48)
"""How long after the payment an order leaves the warehouse at the latest."""

_TOLD = "told"
"""Where ``Memory.about`` keeps which news of which order we told last, and how often."""
_OFTEN = 2
"""So many times there is no news; then a person is offered instead."""
_WAITS = re.compile(
    r"[到发送动催急慢快久]|几?天|怎么|为什么|为啥|咋|还[没不]|回事|时候|情况|多长时间"
)
_ASKS_FACTS = re.compile(r"多少钱|几块|总价|金额|单号|[查看]一?下|订单(号|详情|信息)|快递是|哪家")
_WHEN = re.compile(r"时候|几天|多久|哪天|几号|多长时间")


def times_told(turn: Turn, order: Order) -> int:
    """How often in a row the same news of the order was told before; counts this time, too."""
    last = next((parcel.trace[0].at for parcel in coming_parcels(order) if parcel.trace), None)
    news = f"{order.number} {order.state.value} {last.isoformat() if last else ''}"
    about = turn.memory.about
    told, _, times = about.get(_TOLD, "").partition("#")
    count = int(times or 1) if told == news and turn.memory.topic in LOOKS_UP else 0
    about[_TOLD] = f"{news}#{count + 1}"
    return count


def tell_again(turn: Turn, request: Request, order: Order, times: int) -> bool:
    """Answer somebody who waits and has just been told how the order stands.

    Returns:
        False when the whole is to be told; nothing was said then.
    """
    text = request.text
    if not times or not _WAITS.search(text) or _ASKS_FACTS.search(text):
        return False
    if order.state in IN_THE_WAREHOUSE:
        _still_unsent(turn, order)
        return True
    if order.state is not OrderState.IN_TRANSIT:
        return False
    if tell_when(turn, text, order):
        return True
    if len(order.parcels) != 1:
        return False
    return tell_no_news(turn, order, times) or True


def tell_when(turn: Turn, text: str, order: Order) -> bool:
    """Say when the only parcel that is still to come is expected; False where that was not asked or is unknown."""
    coming = coming_parcels(order)
    if not _WHEN.search(text) or len(coming) != 1:
        return False
    parcel = coming[0]
    if parcel.state is ParcelState.STUCK or parcel.eta is None or parcel.eta < turn.today:
        return False
    heard = turn.on_phone
    what = order_name(order, heard=heard)
    if len(order.parcels) > 1 and (part := goods_in(order, parcel)):
        what = f"{number_of(order, heard=heard)}{'里的' if heard else ' 里的'}{part}"
    turn.use("utter_hope_expected", what=what, eta=day(parcel.eta, turn.today))
    turn.fulfil()
    return True


def tell_no_news(turn: Turn, order: Order, times: int) -> bool:
    """Say that nothing is new about the parcels that are to come; a person is offered in the end.

    Returns:
        Whether a person was offered.
    """
    name = order_name(order, heard=turn.on_phone)
    coming = [parcel for parcel in coming_parcels(order) if parcel.trace]
    if times >= _OFTEN or not coming:
        turn.offer_human("utter_no_news_offer", "complex_intent", order=name)
        return True
    last = coming[0].trace[0]
    turn.use(
        "utter_no_news", order=name, at=moment(last.at, turn.today), last=mask_trace(last.text)
    )
    say_eta(turn, next((parcel.eta for parcel in coming if parcel.eta), None))
    turn.fulfil()
    return False


def just_told(turn: Turn, order: Order) -> bool:
    """Whether the order is the one that was told of last."""
    told = turn.memory.about.get(_TOLD, "")
    return turn.memory.topic in LOOKS_UP and told.startswith(order.number)


def _still_unsent(turn: Turn, order: Order) -> None:
    name = order_name(order, heard=turn.on_phone)
    turn.use("utter_still_unsent", order=name, state=ORDER_STATES[order.state])
    due = (order.paid_at or order.placed_at) + SENT_WITHIN
    if due < turn.context.now():
        turn.offer_human("utter_send_late", "complex_intent")
    else:
        turn.use("utter_send_by", by=moment(due, turn.today))
        turn.fulfil()

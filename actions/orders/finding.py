"""Which order is meant: by number, product, day, "the latest", the one spoken of, or by asking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from actions.dialogue import Request, Task, Turn, read_request, require_identity
from actions.orders.naming import choose_button, mentions, mentions_kind, order_line
from actions.reading import ordinal_in
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import Button, business_day

LOOK_BACK = 20
MAX_CHOICES = 5
MAX_NOTICED = 40
_BOUGHT = re.compile(r"买|下单|下的|拍|订|购|付|那[个单笔件]|的(?:订单|单子|那)")
_DELIVERING = re.compile(r"派送|正在送|派件")
_STATES = (
    (re.compile(r"[没未待]付款"), (OrderState.UNPAID,)),
    (re.compile(r"[没未待](发货|发的|发出)"), (OrderState.PAID, OrderState.PACKED)),
    (re.compile(r"路上|运输|没到"), (OrderState.IN_TRANSIT,)),
    (re.compile(r"退款"), (OrderState.RETURNED, OrderState.REFUNDING, OrderState.REFUNDED)),
    (re.compile(r"签收|收到|到货"), (OrderState.SIGNED,)),
)
_NONE_OF_THEM = re.compile(r"都不是|都不对|不在(里面|这里|上面)|没有我(要|想|问)|以上都|一个都不")
_SIGNED = re.compile(r"签收|收到|到货|拿到")

Wanted = Callable[[Order], bool]


def any_order(order: Order) -> bool:
    """Every order will do."""
    del order
    return True


@dataclass(frozen=True)
class Search:
    """How a skill looks for an order.

    Attributes:
        skill: intent that goes on once the order is known.
        wanted: orders that the skill can do something about; others only when named outright.
        none: sentence for a customer who has none of those.
        ask: sentence that asks which one.
        or_latest: without any wanted order, take the newest of all.
    """

    skill: str
    wanted: Wanted = any_order
    none: str = "utter_no_orders"
    ask: str = "utter_choose_order"
    or_latest: bool = False


async def find_order(turn: Turn, request: Request, search: Search) -> Order | None:
    """The order meant; None when the customer has been told or asked something instead.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    who = await require_identity(turn, search.skill, request)
    if who is None or who.customer_id is None:
        return None
    if request.order_number is None and turn.memory.order_number and not request.points_at_order:
        # The identity gate may just have been passed with an order number.
        if not request.other and request.exclude != turn.memory.order_number:
            request.order_number = await _still_fits(turn, search)
    if request.order_number:
        return await _by_number(turn, request.order_number, who.customer_id, search)
    orders = await turn.shop.orders(who.customer_id, limit=LOOK_BACK)
    if not orders:
        turn.use("utter_no_orders")
        turn.fulfil()
        return None
    fitting = [o for o in orders if search.wanted(o) and o.number != request.exclude]
    hinted = _hinted(request, [o for o in orders if o.number != request.exclude])
    if request.exclude and hinted == []:
        # "不是，我说的是昨天那个": it was the right one, and what we said of it was not wanted.
        hinted = _hinted(request, orders)
    if hinted is None:
        hinted = fitting or (orders[:1] if search.or_latest and not request.exclude else [])
        if not hinted:
            turn.use(search.none)
            turn.fulfil()
            return None
    elif not hinted:
        turn.use("utter_no_such_order")
        hinted = fitting or orders
        ask_which(turn, request, search, hinted)
        return None
    if len(hinted) > 1:
        hinted = [o for o in hinted if search.wanted(o)] or hinted
    if len(hinted) == 1:
        return _known(turn, hinted[0])
    ask_which(turn, request, search, hinted)
    return None


async def notice_order(turn: Turn, request: Request) -> None:
    """Remember the order that a message names, though nobody knows yet what is wanted of it.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    who = await turn.who()
    if not who.verified or who.customer_id is None or len(request.text) > MAX_NOTICED:
        return
    orders = await turn.shop.orders(who.customer_id, limit=LOOK_BACK)
    named = [order for order in orders if mentions(order, request)]
    if len(named) == 1:
        _known(turn, named[0])


async def _still_fits(turn: Turn, search: Search) -> str | None:
    """The order spoken of last, if the skill can do something about it."""
    number = turn.memory.order_number
    order = await turn.shop.order(number) if number else None
    return order.number if order and search.wanted(order) else None


async def _by_number(turn: Turn, number: str, customer_id: str, search: Search) -> Order | None:
    order = await turn.shop.order(number)
    # Another customer's order and one that does not exist look the same from outside.
    if order is None or order.customer_id != customer_id:
        turn.use("utter_order_not_yours")
        turn.memory.push(Task(search.skill, "order", {"offered": [], "request": {}}))
        return None
    return _known(turn, order)


def _known(turn: Turn, order: Order) -> Order:
    turn.memory.order_number = order.number
    turn.memory.product = order.lines[0].sku
    return order


def _hinted(request: Request, orders: Sequence[Order]) -> list[Order] | None:
    """Orders that fit what was said; None when nothing was said about which."""
    found = list(orders)
    period = request.period
    if period:
        found = [o for o in found if period.holds(_day_meant(o, request))]
        if not found and not _BOUGHT.search(request.text):
            # "昨天就说到了": the day is of something else than the purchase.
            period, found = None, list(orders)
    named = [o for o in orders if mentions(o, request)]
    if not named and not request.products:
        named = [o for o in orders if mentions_kind(o, request.text)]
    if request.products or named:
        # Which product it was is remembered better than when it was bought.
        found = [o for o in found if o in named] or named
    if period or request.products or named:
        return found[:1] if request.latest else found
    return found[:1] if request.latest else None


def _day_meant(order: Order, request: Request) -> date:
    """The day that a named day is compared with: of signing if that is spoken of."""
    if order.signed_at and _SIGNED.search(request.text):
        return business_day(order.signed_at)
    return business_day(order.placed_at)


def ask_which(turn: Turn, request: Request, search: Search, orders: Sequence[Order]) -> None:
    """Offer orders to choose from and wait for the choice."""
    offered = [
        {
            "number": o.number,
            "line": order_line(o, turn.today, heard=turn.on_phone),
            "title": choose_button(search.skill, o, turn.today).title,
        }
        for o in orders[:MAX_CHOICES]
    ]
    data = {"offered": offered, "request": {"text": request.text}}
    if request.choice:
        data["request"] = {"text": request.text, "choice": request.choice}
    task = Task(search.skill, "order", data)
    turn.memory.push(task)
    turn.use(search.ask, count=len(orders), order=offered[0]["line"])
    _list(turn, task)


def remind_which(turn: Turn, task: Task) -> bool:
    """Ask again which order is meant."""
    offered = task.data.get("offered") or []
    if not offered:
        turn.use("utter_ask_order_again")
        return True
    turn.use("utter_choose_order_again", order=offered[0]["line"])
    _list(turn, task)
    return True


def _list(turn: Turn, task: Task) -> None:
    offered = task.data["offered"]
    if not turn.on_phone:
        turn.say("\n".join(f"{i}. {o['line']}" for i, o in enumerate(offered, 1)))
    turn.offer(
        Button(o["title"], f'/{task.skill}{{"order_number":"{o["number"]}"}}') for o in offered
    )


async def take_choice(turn: Turn, task: Task) -> Request | None:
    """The request with the order chosen among those offered; None if the message names none.

    Number, position, product and day all count. On the phone one order at a time is proposed:
    there yes takes it and no proposes the next, which is answered with an empty request.
    """
    offered: list[dict[str, str]] = list(task.data.get("offered") or [])
    request = Request.from_dict(dict(task.data.get("request") or {}))
    newer = read_request(turn.message, turn.today)
    number = newer.order_number or await _picked(turn, newer, offered)
    if number:
        turn.memory.drop(task)
        request.order_number = number
        return request
    if turn.on_phone and offered:
        said = turn.answer()
        if said == "yes":
            turn.memory.drop(task)
            request.order_number = offered[0]["number"]
            return request
        if said == "no" and not newer.points_at_order and len(offered) > 1:
            task.data["offered"] = offered[1:]
            turn.use("utter_choose_order_next", order=offered[1]["line"])
            return Request()
    if offered and _NONE_OF_THEM.search(turn.message.text) and not newer.points_at_order:
        task.data["offered"] = []
        turn.use("utter_none_of_them")
        return Request()
    if offered and newer.other and not newer.points_at_order:
        await _offer_more(turn, task, request)
        return Request()
    if newer.points_at_order and turn.message.intent in (task.skill, "nlu_fallback", "deny"):
        turn.memory.drop(task)
        return newer
    return None


def in_state(text: str, order: Order) -> bool:
    """Whether a text names the order by where it stands ("派送中那个", "没付款的")."""
    parcels = {parcel.state for parcel in order.parcels}
    if _DELIVERING.search(text):
        return ParcelState.DELIVERING in parcels
    states = next((states for words, states in _STATES if words.search(text)), ())
    return order.state in states


async def _offer_more(turn: Turn, task: Task, request: Request) -> None:
    """Offer the orders that are not in the list yet."""
    who = await turn.who()
    seen = {o["number"] for o in task.data["offered"]} | set(task.data.get("seen") or ())
    orders = await turn.shop.orders(who.customer_id, LOOK_BACK) if who.customer_id else []
    more = [o for o in orders if o.number not in seen]
    if not more:
        turn.use("utter_no_more_orders")
        return
    ask_which(turn, request, Search(task.skill, ask="utter_choose_order_more"), more)
    if turn.memory.task:
        turn.memory.task.data["seen"] = sorted(seen)


async def _picked(turn: Turn, newer: Request, offered: list[dict[str, str]]) -> str | None:
    if turn.message.chosen:
        return None
    index = ordinal_in(turn.message.text, len(offered)) if offered else None
    if index is not None:
        return offered[index]["number"]
    who = await turn.who()
    if who.customer_id is None or newer.other:
        return None
    numbers = {o["number"] for o in offered}
    orders = await turn.shop.orders(who.customer_id, LOOK_BACK)
    stated = [o for o in orders if o.number in numbers and in_state(turn.message.text, o)]
    if len(stated) == 1:
        return stated[0].number
    # What was offered comes first, but a customer may name another order of theirs.
    for among in ([o for o in orders if o.number in numbers], orders):
        found = _hinted(newer, among)
        if found and len(found) == 1:
            return found[0].number
    return None

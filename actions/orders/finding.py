"""Which order is meant: by number, product, day, "the latest", the one spoken of, or by asking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from actions.dialogue import LOOKS_UP, Request, Task, Turn, require_identity
from actions.orders.excluding import GIVES_UP, Sides, divided, named_products
from actions.orders.matching import by_word, hinted, in_state, named_by, pointed_at
from actions.orders.naming import choose_button, mentions, order_line
from actions.orders.tracking import stuck_parcel
from actions.shop.models import Order
from actions.wording import Button

MAX_CHOICES = 5
MAX_NOTICED = 40
_WRONG_ONE = re.compile(
    r"(我|说|问|要|的|[，, ])*(不是|不对|错了|搞错了?|弄错了?)[，, ]*(这|那|它)?(一?[个单笔件])?(订单)?[啊呀吧的了呢。！]*"
)
_THAT_ONE = re.compile(r"那[单个笔件]")
_GIVEN_UP = re.compile(r"取消|退|不要|不想要|撤")

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
    sides = divided(turn, request)
    if request.order_number is None and not (sides.refused or request.points_at_order):
        # The identity gate may just have been passed with an order number.
        if not request.other and request.exclude != turn.memory.order_number:
            request.order_number = await _still_fits(turn, search)
    if request.order_number:
        return await _by_number(turn, request.order_number, who.customer_id, search)
    orders = await turn.orders()
    if not orders:
        _say_none(turn)
        return None
    if request.exclude and says_wrong_one(request.text):
        _ask_for_another(turn, request, search, orders)
        return None
    if name_apart(turn, request, search, orders):
        return await _by_number(turn, str(request.order_number), who.customer_id, search)
    return _settled(turn, request, search, _candidates(sides, search, orders), orders)


def _say_none(turn: Turn) -> None:
    """Say that there are no orders; whoever insists is offered a person."""
    if turn.memory.topic in LOOKS_UP:
        turn.offer_human("utter_no_orders_offer", "complex_intent")
    else:
        turn.use("utter_no_orders")
        turn.fulfil()


def says_wrong_one(text: str) -> bool:
    """Whether another order is meant than the one told of, and nothing more is said."""
    return bool(_WRONG_ONE.fullmatch(text.strip()))


def _ask_for_another(turn: Turn, request: Request, search: Search, orders: Sequence[Order]) -> None:
    """Ask which of the other orders is meant, or what it is if there are none."""
    others = [o for o in orders if o.number != request.exclude]
    if others:
        again = replace(search, ask="utter_choose_order_other")
        ask_which(turn, Request(), again, [o for o in others if search.wanted(o)] or others)
        return
    turn.use("utter_no_other_order")
    turn.memory.push(Task(search.skill, "order", {"offered": [], "request": {}}))


def _candidates(sides: Sides, search: Search, orders: Sequence[Order]) -> list[Order] | None:
    """The orders that may be meant; None when the customer named others than there are."""
    request, out = sides.wanted, _not_meant(sides, orders)
    left = [o for o in orders if o.number not in out]
    found = hinted(request, left)
    if request.exclude and found == [] and not sides.refused:
        # "不是，我说的是昨天那个": it was the right one, and what we said of it was not wanted.
        found = hinted(request, orders)
    if found is None and request.exclude and request.exclude not in out:
        found = [o for o in orders if o.number == request.exclude]
    if found is None:
        found = pointed_at(request.text, left) or None
    if found is None:
        fitting = [o for o in left if search.wanted(o)]
        return fitting or (left[:1] if search.or_latest and not out else [])
    if not found:
        return None
    return [o for o in found if search.wanted(o)] or found if len(found) > 1 else found


def _not_meant(sides: Sides, orders: Sequence[Order]) -> set[str]:
    """Numbers of the orders that are not meant.

    Whoever refuses another order than the one we took ("不是毛巾", and it was the quilt) holds on to it.
    """
    exclude = sides.wanted.exclude
    refused = named_by(sides.refused, orders) if sides.refused else None
    return {o.number for o in refused} if refused else {exclude} if exclude else set()


def _settled(
    turn: Turn,
    request: Request,
    search: Search,
    found: list[Order] | None,
    orders: Sequence[Order],
) -> Order | None:
    """The only one of the candidates, or None after saying that there is none or asking which."""
    if found is None:
        turn.use("utter_no_such_order")
        found = [o for o in orders if search.wanted(o) and o.number != request.exclude]
        ask_which(turn, request, search, found or orders)
        return None
    if not found:
        turn.use(search.none)
        turn.fulfil()
        return None
    if len(found) == 1:
        return _known(turn, found[0])
    ask_which(turn, request, search, found)
    return None


def name_apart(turn: Turn, request: Request, search: Search, orders: Sequence[Order]) -> bool:
    """Take the first of several orders that a message names one by one; the others wait in the queue.

    "月饼什么时候到，挂烫机呢" names two; "四件套" that fits two orders does not.

    Returns:
        Whether there are several; the request then has the first one's number.
    """
    apart: dict[str, tuple[Order, str]] = {}
    for name, clause in named_products(turn, request):
        found = [o for o in orders if mentions(o, name)]
        if not found and _THAT_ONE.search(name.text):
            found = by_word(name.text, orders)
        if not found and search.skill in GIVES_UP:
            found = [o for o in orders if in_state(name.text, o)]
        found = [o for o in found if search.wanted(o)] or found
        if len(found) > 1:
            return False
        for order in found:
            apart.setdefault(order.number, (order, clause))
    if len(apart) < 2:
        return False
    meant = {n: pair for n, pair in apart.items() if not _is_spared(search.skill, pair[1])}
    # What ends in an offer comes last.
    one, *others = sorted(
        (meant or apart).values(), key=lambda pair: stuck_parcel(pair[0]) is not None
    )
    request.order_number, request.text = one[0].number, one[1]
    for order, clause in others:
        wait_in_turn(turn, search.skill, clause, [order.number])
    return True


def _is_spared(skill: str, clause: str) -> bool:
    """Whether a clause says nothing of giving up what it names ("四件套催一下，防晒那单取消")."""
    return skill in GIVES_UP and not _GIVEN_UP.search(clause)


def wait_in_turn(turn: Turn, skill: str, text: str, numbers: Sequence[str]) -> None:
    """Let a skill go on with further orders once it is done with the present one."""
    for number in numbers:
        later = {"text": text, "order_number": number}
        turn.memory.queue.append({"skill": skill, "request": later})


async def notice_order(turn: Turn, request: Request) -> None:
    """Remember the order that a message names, though nobody knows yet what is wanted of it.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    if len(request.text) > MAX_NOTICED:
        return
    named = [order for order in await turn.orders() if mentions(order, request)]
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

"""Which goods and which parcel of an order sent in several are spoken of."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.orders.naming import same_product
from actions.orders.tracking import parcel_sentence
from actions.shop.models import Order, OrderLine, Parcel, ParcelState

_ONLY = re.compile(r"(只|就|才|光|仅)(收到|到|拿到|来|送|寄|发)(?!.{0,3}(哪|多久|几))")
_SHORT = re.compile(r"(少|漏|差|缺)(了|发|给|送|寄|一)")
_MISSES = re.compile(r"呢|没|未|少|漏|缺|差|哪|什么时候|啥时候")
_CLAUSES = re.compile(r"[，,。！!？?;；、\s]+|但是?|可是?|不过|(?<=[到收]了)")
_ARRIVED = re.compile(r"收到|到了|拿到|到货|有了|签收")
_NOT = re.compile(r"[没未]")
_GOES_ON = re.compile(r"(收到|到|拿到)了.{1,10}(呢|没|哪)")


def may_miss_goods(text: str) -> bool:
    """Whether a part of an order may be missed ("只收到电饭煲", "少了大米")."""
    return any(words.search(text) for words in (_ONLY, _SHORT, _GOES_ON))


def named_lines(order: Order, request: Request, text: str | None = None) -> list[OrderLine]:
    """The lines of the order that a text, or the request, names."""
    said = request if text is None else Request(text=text)
    return [line for line in order.lines if same_product(line.title, line.sku, said)]


def parcel_of(order: Order, line: OrderLine) -> Parcel | None:
    """The parcel that a line travels in, if that is known."""
    return next((parcel for parcel in order.parcels if line.sku in parcel.skus), None)


def named_parcels(order: Order, request: Request) -> list[Parcel]:
    """The parcels of the goods that a request names, as far as they are known."""
    found = (parcel_of(order, line) for line in named_lines(order, request))
    return [parcel for parcel in found if parcel is not None]


def coming_parcels(order: Order) -> list[Parcel]:
    """The parcels that have not been signed for."""
    return [p for p in order.parcels if p.state is not ParcelState.SIGNED]


def tell_other_parcel(turn: Turn, request: Request, order: Order) -> bool:
    """Say that missed goods travel in another parcel, and where that is.

    Returns:
        False when none of the order's goods are missed that are still to come; nothing was said then.
    """
    if len(order.parcels) < 2:
        return False
    coming = coming_parcels(order)
    late = [p for p in coming if any(parcel_of(order, m) is p for m in _missed(order, request))]
    if not late:
        return False
    intro = turn.text("utter_in_other_parcel", count=len(order.parcels))
    turn.say(intro + "".join(parcel_sentence(turn, order, parcel) for parcel in late))
    turn.fulfil()
    return True


def tell_named_parcel(turn: Turn, request: Request, order: Order) -> bool:
    """Say where the parcel of the goods named is, if the others go in another one.

    Returns:
        False when there is one parcel, or not exactly one article is named; nothing was said then.
    """
    found = [parcel_of(order, line) for line in named_lines(order, request)]
    parcel = found[0] if len(order.parcels) > 1 and len(found) == 1 else None
    if parcel is None:
        return False
    turn.say(parcel_sentence(turn, order, parcel))
    return True


def _missed(order: Order, request: Request) -> list[OrderLine]:
    text = request.text
    named = named_lines(order, request)
    if _ONLY.search(text):
        arrived = named or [li for li in order.lines if _signed(order, li)]
        return [line for line in order.lines if line not in arrived]
    if _SHORT.search(text):
        return named or [line for line in order.lines if not _signed(order, line)]
    if not _MISSES.search(text):
        return []
    missed = []
    for clause in _CLAUSES.split(text):
        if clause and not (_ARRIVED.search(clause) and not _NOT.search(clause)):
            missed += named_lines(order, request, clause)
    # Without something that did arrive it is a plain question of where the parcel is.
    return missed if _NOT.search(text) or _ARRIVED.search(text) else []


def _signed(order: Order, line: OrderLine) -> bool:
    parcel = parcel_of(order, line)
    return parcel is not None and parcel.state is ParcelState.SIGNED

"""Which orders a text fits: by product, day, state, price, age, kind of goods, or a word of a title."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from actions.dialogue import Request
from actions.orders.naming import mentions, mentions_kind
from actions.orders.stages import IN_THE_WAREHOUSE, SENT_BACK
from actions.reading import plain_digits
from actions.shop.models import Order, OrderState, ParcelState
from actions.wording import business_day

_BOUGHT = re.compile(r"买|下单|下的|拍|订|购|付|那[个单笔件]|的(?:订单|单子|那)")
_DELIVERING = re.compile(r"派送|正在送|派件")
_STUCK = re.compile(r"没动|不动|卡住|停在|停滞")
_STATES = (
    (re.compile(r"[没未待]付款"), (OrderState.UNPAID,)),
    (re.compile(r"打包"), (OrderState.PACKED,)),
    (re.compile(r"取消了?的|[被已]取消"), (OrderState.CANCELLED,)),
    (re.compile(r"[没未待](发货|发的|发出)"), IN_THE_WAREHOUSE),
    (re.compile(r"路上|运输|[没未](?:到|收到)"), (OrderState.IN_TRANSIT,)),
    (re.compile(r"退款"), SENT_BACK),
    (re.compile(r"签收|收到|到货"), (OrderState.SIGNED,)),
)
_SIGNED = re.compile(r"签收|收到|到货|拿到")
_CATEGORIES = {
    "小家电": re.compile(r"家电|电器"),
    "家纺": re.compile(r"家纺|床品|床上用品"),
    "服饰": re.compile(r"服[饰装]|衣服|穿的"),
    "美妆个护": re.compile(r"美妆|个护|化妆品|护肤品"),
    "食品": re.compile(r"食[品物]|零食|[吃喝]的"),
}
_COUNT = re.compile(r"([一两二三四五六1-6])(?:件|样|种)(?:商品|东西|货)?(?:的|那|一起)")
_AMOUNT = re.compile(r"(?<!\d)(\d{2,5})(?:块|元)?钱?(?:的|那[个单笔件])")
_COUNTS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_PLACE_ENDS = re.compile(r"[省市区县镇]|转运|分拨|中转|集散|营业|配送|中心|驿站|仓")
_POINTS = re.compile(
    r"那一?[个单笔件]|的(?:订单|单子?|快递|包裹|物流|东西)|待(?:付款|发货|收货)|[没未](?:付款|发货)的|衣服|家电|零食"
    r"|一[单笔个](?:订单)?[没未还]|到.{2,6}了[吗没]"
)
_POINTS_NOWHERE = re.compile(r"(?:显示|签收|妥投).*[没未不]|最[快早晚](?:什么|啥|几|多|要|能)")
"""Without the first, or with the second, a text that has a trait of an order in it rather tells something of it."""
_NUMERAL = re.compile(r"[一二两三四五六七八九十\W\dA-Za-z]")


def hinted(request: Request, orders: Sequence[Order]) -> list[Order] | None:
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


def in_state(text: str, order: Order) -> bool:
    """Whether a text names the order by where it stands ("派送中那个", "没付款的")."""
    parcels = {parcel.state for parcel in order.parcels}
    if _DELIVERING.search(text):
        return ParcelState.DELIVERING in parcels
    if _STUCK.search(text):
        return ParcelState.STUCK in parcels
    states = next((states for words, states in _STATES if words.search(text)), ())
    return order.state in states


def _arrival(order: Order) -> date:
    return min((p.eta for p in order.parcels if p.eta), default=date.max)


_SUPERLATIVES: tuple[tuple[re.Pattern[str], Callable[[Order], float]], ...] = (
    (re.compile(r"最贵|贵的|贵(一点|点|些)"), lambda order: -order.total_fen),
    (re.compile(r"最?便宜"), lambda order: order.total_fen),
    (re.compile(r"最[早先久老]|早(一点|点|些)的"), lambda order: order.placed_at.timestamp()),
    (re.compile(r"快到的|先到的|最快"), lambda order: _arrival(order).toordinal()),
)


def pointed_at(text: str, orders: Sequence[Order]) -> list[Order]:
    """Orders that a text points at by their state or a trait, where nobody asked which ("待付款的订单").

    Empty where the text points at none, or at all.
    """
    if not _POINTS.search(text) or _POINTS_NOWHERE.search(text):
        return []
    found = [o for o in orders if in_state(text, o)] or by_trait(text, orders)
    return found if len(found) < len(orders) else []


def by_trait(text: str, orders: Sequence[Order]) -> list[Order]:
    """Orders told apart by what is seen of them: price, age, count, place, kind of goods, a word of a title.

    Empty when the text names none of these.
    """
    for words, rank in _SUPERLATIVES:
        if words.search(text) and orders:
            return [min(orders, key=rank)]
    for category, words in _CATEGORIES.items():
        if words.search(text):
            return [o for o in orders if any(line.category == category for line in o.lines)]
    return _by_size(text, orders) or by_word(text, orders) or _by_place(text, orders)


def _by_size(text: str, orders: Sequence[Order]) -> list[Order]:
    """Orders of so many articles ("两件那个"), or of so much money ("159那个")."""
    count, amount = _COUNT.search(text), _AMOUNT.search(plain_digits(text))
    if count:
        size = _COUNTS.get(count[1]) or int(count[1])
        sizes = [{len(o.lines), sum(line.quantity for line in o.lines)} for o in orders]
        return [o for o, has in zip(orders, sizes, strict=True) if size in has]
    return [o for o in orders if amount and o.total_fen // 100 == int(amount[1])]


def _by_place(text: str, orders: Sequence[Order]) -> list[Order]:
    """Orders that go to a place that is named, or whose parcels are there ("上海那个")."""
    to = [o for o in orders if _names_place(text, o.ship_to.region)]
    if to and len(to) < len(orders):
        return to
    return [
        o
        for o in orders
        if any(p.trace and _names_place(text, p.trace[0].place) for p in o.parcels)
    ]


def _names_place(text: str, place: str) -> bool:
    return any(len(part) > 1 and part in text for part in _PLACE_ENDS.split(place))


def named_by(request: Request, orders: Sequence[Order]) -> list[Order]:
    """Orders that a request names in any way, if only by a word of a title."""
    return hinted(request, orders) or by_word(request.text, orders)


def by_word(text: str, orders: Sequence[Order]) -> list[Order]:
    """The order of which a text has a piece of a title that no other has ("防晒那单")."""
    pieces = [_pieces(order) for order in orders]
    found = []
    for index, order in enumerate(orders):
        others = set().union(*pieces[:index], *pieces[index + 1 :])
        if any(piece in text for piece in pieces[index] - others):
            found.append(order)
    return found if len(found) == 1 else []


def _pieces(order: Order) -> set[str]:
    """Two characters each of the titles of an order, numbers left out."""
    parts = [part for line in order.lines for part in line.title.split()]
    pairs = {part[i : i + 2] for part in parts for i in range(len(part) - 1)}
    return {pair for pair in pairs if not _NUMERAL.search(pair)}

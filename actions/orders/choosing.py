"""The answer to "which order?": one, several, all, whichever, or anything but one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.dialogue import Request, Task, Turn, read_request
from actions.orders.excluding import divided
from actions.orders.finding import Search, ask_which
from actions.orders.matching import by_trait, hinted, in_state, pointed_at
from actions.orders.parts import leave
from actions.orders.tails import order_by_tail
from actions.reading import ordinal_in
from actions.shop.models import Order

MAX_TRAIT = 12
"""A longer text with "吃的" or "便宜" in it rather speaks of something else."""

_NONE_OF_THEM = re.compile(r"都不是|都不对|不在(里面|这里|上面)|没有我(要|想|问)|以上都|一个都不")
_EVERY = re.compile(
    r"(?:[我你您就帮给跟请想要这那吧呗啊了哈的查看听说讲念报问退开，,。！!\s]|麻烦|全部?|都|所有|每[个单笔]|一起|一块儿?|一并|挨个"
    r"|[两三四五2-5几][个单笔件]|取消|告诉|知道|一下|订单|单子|包裹|快递)+"
)
_TOGETHER = re.compile(r"全|都|所有|每|一[起块并]|挨个")
_WHICHEVER = re.compile(
    r"(?:[我你您就那吧啊呀了的都也，,。\s]|随便|随意|[哪任]一?[个单笔]|不知道|不清楚|不记得|不晓得|无所谓|看着办|行|可以)+"
)
_ANY = re.compile(
    r"随便|随意|不知道|不清楚|不记得|不晓得|无所谓|看着办|[哪任]一?[个单笔].*[行以]|都行|都可以"
)
_NUMBER = r"第?[一二两三四五1-5][个单笔号]?"
_SEVERAL = re.compile(
    rf"[我要选看查就]*({_NUMBER}(?:[和跟与及、，,\s]+{_NUMBER})+)[我要选看查就都一起下吧的呢，,。\s]*"
)
_ONE_NUMBER = re.compile(_NUMBER)
_SOME = re.compile(r"(前|上|后|下|最后)面?的?([两三四2-4])[个单笔](?!月|星期|礼拜)")
_LEAVE = re.compile(r"[别不]动|[别不]用?(管|取消|退)|留着")
_EARLIER = re.compile(r"更早|再早|再往前")
_ASKS = re.compile(r"[吗？?]|怎么|多少|什么")
SIZES = {"两": 2, "三": 3, "四": 4}


@dataclass(frozen=True)
class Choice:
    """The orders that an answer leaves; ``every`` where all of them are meant and not one."""

    numbers: list[str]
    every: bool = False


async def read_choice(turn: Turn, task: Task, *, telling: bool) -> Choice | None:
    """What the message chooses among the orders offered; None if it says nothing about which.

    Args:
        turn: the turn.
        task: the open question.
        telling: whether all may simply be told to somebody who does not care which.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    offered = [str(entry["number"]) for entry in task.data.get("offered") or ()]
    newer = read_request(turn.message, turn.today)
    number = newer.order_number or await order_by_tail(turn, turn.message.text)
    if number:
        return Choice([number])
    if turn.message.chosen or not (await turn.who()).verified:
        return None
    text = turn.message.text
    if offered and _WHICHEVER.fullmatch(text) and _ANY.search(text):
        # To the ear one is enough.
        return Choice(offered, every=True) if telling and not turn.on_phone else Choice(offered[:1])
    if len(offered) > 1 and _EVERY.fullmatch(text) and _TOGETHER.search(text):
        if not _SOME.search(text):
            return Choice(offered, every=True)
    return _among(turn, newer, task, await turn.orders())


def _among(turn: Turn, newer: Request, task: Task, orders: Sequence[Order]) -> Choice | None:
    offered = [str(entry["number"]) for entry in task.data.get("offered") or ()]
    shown = sorted(
        (o for o in orders if o.number in offered), key=lambda o: offered.index(o.number)
    )
    sides = divided(turn, newer, choosing=task.skill)
    out = _fitting(sides.refused, offered, shown) if sides.refused else []
    left = [o for o in shown if o.number not in out]
    every = bool(_TOGETHER.search(newer.text))
    places = _places(sides.wanted.text, len(offered))
    if places:
        chosen = [offered[i] for i in places if offered[i] not in out]
        return Choice(chosen, every=len(places) > 1) if chosen else None
    if newer.other and not out:
        return None
    found = _fitting(sides.wanted, [], left)
    if len(found) == 1 or (found and every):
        return Choice(found, every)
    if out and left:
        return Choice(found or [o.number for o in left], every)
    # What was offered comes first, but a customer may name another order of theirs.
    others = [o for o in orders if o.number not in out]
    named = hinted(sides.wanted, others) or ([] if found else pointed_at(sides.wanted.text, others))
    if named and len(named) == 1:
        return Choice([named[0].number])
    return Choice(found) if 0 < len(found) < len(shown) and not newer.points_at_order else None


def _fitting(request: Request, offered: Sequence[str], orders: Sequence[Order]) -> list[str]:
    """Numbers of the orders that a text means by place, state, product, day or trait."""
    places = _places(request.text, len(offered))
    if places:
        return [offered[i] for i in places]
    stated = [o for o in orders if in_state(request.text, o)]
    if len(stated) == 1:
        return [stated[0].number]
    found = hinted(request, orders)
    if not found and len(request.text) <= MAX_TRAIT and not _ASKS.search(request.text):
        found = by_trait(request.text, orders)
    return [o.number for o in found or ()]


def _places(text: str, count: int) -> list[int]:
    """Indices of the orders that are meant by their place in the list."""
    several = _SEVERAL.fullmatch(text)
    if several:
        named = [ordinal_in(n, count) for n in _ONE_NUMBER.findall(several[1])]
        return [] if None in named else list(dict.fromkeys(i for i in named if i is not None))
    some = _SOME.search(text)
    if some:
        size = SIZES.get(some[2]) or int(some[2])
        rows = list(range(count))
        return (rows[:size] if some[1] in "前上" else rows[-size:]) if size <= count else []
    index = ordinal_in(text, count) if count else None
    return [] if index is None else [index]


async def take_choice(
    turn: Turn, task: Task, search: Search, choice: Choice | None
) -> Request | None:
    """The request with the order chosen among those offered; None if the message names none.

    On the phone one order at a time is proposed: there yes takes it and no proposes the next, which
    is answered with an empty request, as is whatever leaves several.
    """
    offered: list[dict[str, str]] = list(task.data.get("offered") or [])
    request = Request.from_dict(dict(task.data.get("request") or {}))
    if choice and len(choice.numbers) == 1:
        turn.memory.drop(task)
        request.order_number = choice.numbers[0]
        return request
    if choice:
        await _ask_among(turn, request, search, choice.numbers)
        return Request()
    newer = read_request(turn.message, turn.today)
    if turn.on_phone and offered:
        said = turn.answer()
        if said == "yes":
            turn.memory.drop(task)
            request.order_number = offered[0]["number"]
            numbers = [entry["number"] for entry in offered]
            leave(turn, numbers, numbers[1:])
            return request
        if said == "no" and not newer.points_at_order and len(offered) > 1:
            task.data["offered"] = offered[1:]
            turn.use("utter_choose_order_next", order=offered[1]["line"])
            return Request()
    if offered and _NONE_OF_THEM.search(turn.message.text) and not newer.points_at_order:
        task.data["offered"] = []
        turn.use("utter_none_of_them")
        return Request()
    if newer.other and _LEAVE.search(newer.text):
        return None  # "别的单别动" wants no others
    if offered and (newer.other or _EARLIER.search(newer.text)) and not newer.points_at_order:
        await _offer_more(turn, task, request)
        return Request()
    if newer.points_at_order and turn.message.intent in (task.skill, "nlu_fallback", "deny"):
        turn.memory.drop(task)
        return newer
    return None


async def _ask_among(turn: Turn, request: Request, search: Search, numbers: Sequence[str]) -> None:
    """Ask again which of the orders that an answer left."""
    found = [await turn.shop.order(number) for number in numbers]
    among = Search(search.skill, ask="utter_choose_among")
    ask_which(turn, request, among, [order for order in found if order is not None])


async def _offer_more(turn: Turn, task: Task, request: Request) -> None:
    """Offer the orders that are not in the list yet."""
    seen = {o["number"] for o in task.data["offered"]} | set(task.data.get("seen") or ())
    orders = await turn.orders()
    more = [o for o in orders if o.number not in seen]
    if not more:
        turn.use("utter_no_more_orders")
        return
    ask_which(turn, request, Search(task.skill, ask="utter_choose_order_more"), more)
    if turn.memory.task:
        turn.memory.task.data["seen"] = sorted(seen)

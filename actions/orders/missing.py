"""A parcel that is said to be delivered and is not there: what the record says, and a person who looks for it."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.dialogue.fragments import bare_product
from actions.orders.naming import order_name
from actions.orders.parcels import named_lines, parcel_of
from actions.orders.tracking import goods_in, scan_text
from actions.shop.models import Order, Parcel, ParcelState
from actions.wording import moment

_SAID_DELIVERED = re.compile(
    r"(签收|妥投|送达|送到|配送完成|已完成|收货).{0,12}(没|未|不是我|谁)|(没|未).{0,8}(签收|妥投|送达|收货)|不是我签|谁签|自己收货|显示.{0,4}(签收|妥投|配送完成|收货)"
)
_NOT_THERE = re.compile(
    r"没有?(收到|拿到|见到|看到|签收|见着|找到|影)|未收到|不是我(本人)?(签|收|拿|取)|没到|没有?人?(给我|跟我)?(打过?电话|联系我|通知|送来)"
    r"|(家里|家门口?|家人|门口|驿站|柜子?里?|门卫|保安|楼下|前台|物业|邻居|他们说).{0,4}(没|不在|不知道)"
    r"|(?<![我人])[没不]在.{0,2}(家|门口|驿站|柜|物业|前台|楼下|门卫)(?!.{0,3}(收|时|的时候))|问(过|了|遍).{0,8}没|冒领|冒签|虚假签收"
    r"|送错|(没|谁|未经)(有|叫|让|同意|准|允许)(他|你|你们|快递|人)?.{0,3}(放|签|丢|扔|代收)|(被|让|给)?.{0,2}(人|邻居|谁)(拿|领|偷|取)(走|了)|偷(走|了)|丢(了|件|失|掉|没)"
)
_WHERE = re.compile(
    r"(放|搁|扔|丢|存)(在|到)?了?(哪|什么地方|啥地方|何处)|哪个?(快递)?(柜|驿站|家门|门口?|岗|前台|物业|保安)|(哪里?|哪儿)(拿|取|领)|取件码"
    r"|(谁|哪个|什么人|啥人)(给我|帮我|替我|代)?.{0,2}(签|收|拿|领|取(?!消))|签收人"
)
_HOW_LONG = re.compile(r"多久|几天|多长时间|什么时候(有|能|给)|谁赔|赔")
_UNASKED = re.compile(
    r"(没|谁|未经)(有|叫|让|同意|准|允许)(他|你|你们|快递|人)?.{0,3}(放|丢|扔|代收)"
)
_PARCEL = "parcel"
"""Where ``Memory.about`` keeps the signed parcel spoken of: order number and first article."""
_MISSING = "missing"
"""The same of one that is said not to be there."""


def asks_for_delivered(text: str) -> bool:
    """Whether a text speaks of a parcel that was delivered, before anything was said of one."""
    return bool(_SAID_DELIVERED.search(text))


def may_be_missing(text: str) -> bool:
    """Whether a text goes on with a parcel that is not where it was delivered to."""
    return any(words.search(text) for words in (_SAID_DELIVERED, _NOT_THERE, _WHERE, _HOW_LONG))


def tell_missing(turn: Turn, request: Request, order: Order) -> bool:
    """Quote the record of a signed parcel and offer that a person asks the courier.

    Returns:
        False when no signed parcel is spoken of as missing; nothing was said then.
    """
    text = request.text
    if not (may_be_missing(text) or _names_it_only(turn, request, order)):
        return False
    parcel = _parcel_meant(turn, request, order)
    if parcel is None or not parcel.trace:
        return _without_record(turn, text, order)
    key = _key(order, parcel)
    before = turn.memory.about.get(_PARCEL) == key
    if _only_how_long(text) and turn.memory.about.get(_MISSING) != key:
        return False
    turn.memory.about[_PARCEL] = turn.memory.about[_MISSING] = key
    turn.offer_human(
        _sentence(text, before=before),
        "complex_intent",
        order=goods_in(order, parcel) or order_name(order, heard=turn.on_phone),
        signed=moment(parcel.trace[0].at, turn.today),
        record=scan_text(parcel),
    )
    return True


def _names_it_only(turn: Turn, request: Request, order: Order) -> bool:
    """Whether nothing is said but which goods are missing, after we spoke of them."""
    if not bare_product(turn.message) or not turn.message.text.startswith(request.text):
        return False
    named = [parcel_of(order, line) for line in named_lines(order, request)]
    missing = turn.memory.about.get(_MISSING)
    return any(parcel and _key(order, parcel) == missing for parcel in named)


def notice_signed(turn: Turn, order: Order) -> None:
    """Remember the only signed parcel of an order that was just told about."""
    signed = _signed(order)
    if len(signed) == 1:
        turn.memory.about[_PARCEL] = _key(order, signed[0])


def _sentence(text: str, *, before: bool) -> str:
    if _UNASKED.search(text):
        return "utter_left_without_asking"
    if _WHERE.search(text):
        return "utter_signed_record"
    if _only_how_long(text):
        return "utter_missing_what_follows"
    told = before and not _SAID_DELIVERED.search(text)
    return "utter_signed_still_missing" if told else "utter_signed_not_received"


def _only_how_long(text: str) -> bool:
    return bool(_HOW_LONG.search(text)) and not _NOT_THERE.search(text)


def _without_record(turn: Turn, text: str, order: Order) -> bool:
    """An order known as signed whose parcels tell nothing."""
    if order.signed_at is None or _HOW_LONG.search(text) or order.parcels:
        return False
    turn.offer_human(
        "utter_signed_unrecorded",
        "complex_intent",
        order=order_name(order, heard=turn.on_phone),
        signed=moment(order.signed_at, turn.today),
    )
    return True


def _parcel_meant(turn: Turn, request: Request, order: Order) -> Parcel | None:
    """The signed parcel meant: by its goods, as the one spoken of, or because it is the only one."""
    signed = _signed(order)
    named = [parcel_of(order, line) for line in named_lines(order, request)]
    if named and len(order.parcels) > 1:
        return next((parcel for parcel in signed if parcel in named), None)
    spoken = turn.memory.about.get(_PARCEL)
    found = next((parcel for parcel in signed if _key(order, parcel) == spoken), None)
    whole = len(signed) == len(order.parcels)
    if found and turn.memory.about.get(_MISSING) == spoken:
        return found  # "我没收到" goes on with the one that is looked for
    if whole or _SAID_DELIVERED.search(request.text) or _WHERE.search(request.text):
        return found or next(iter(signed), None)
    return found if _THERE_NOW.search(request.text) else None


_THERE_NOW = re.compile(
    r"家|门|驿站|柜|物业|前台|邻居|楼下|不是我|送错|拿|领|偷|丢|问|多久|几天|赔"
)
"""Without these "还没到" is rather about the parcels that are still to come."""


def _signed(order: Order) -> list[Parcel]:
    return [p for p in order.parcels if p.state is ParcelState.SIGNED]


def _key(order: Order, parcel: Parcel) -> str:
    return f"{order.number} {next(iter(parcel.skus), '')}"

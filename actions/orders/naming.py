"""How orders and products are called in a sentence, a list or a button."""

from __future__ import annotations

import re
from datetime import date

from pypinyin import lazy_pinyin

from actions.dialogue import Request
from actions.shop.models import Order
from actions.wording import ORDER_STATES, Button, business_day, day, joined, short_number

_HEADS = {"煲": "锅", "衫": "衣", "裙": "裙", "被": "被子", "衣": "衣"} | {
    head: head for head in "锅鞋灯枕裤毯杯壶米奶巾帽袜伞椅"
}
"""What a customer calls a product whose name ends so, when no more is said."""
_TYPED = re.compile(r"[A-Za-z ,.'?!]{4,}")
"""A text in pinyin ("maoyi")."""
_SIZE = re.compile(r"\s+[^\s]+$")


def short_title(title: str) -> str:
    """``家用空气炸锅 5L`` → ``家用空气炸锅``: without size, weight or pack."""
    return _SIZE.sub("", title.strip())


def products_of(order: Order) -> str:
    """The products in words: two by name, more are counted."""
    names = [short_title(line.title) for line in order.lines]
    if len(names) > 2:
        return f"{names[0]}等{len(names)}件商品"
    return joined(names)


def order_line(order: Order, today: date, *, heard: bool) -> str:
    """One order in a list: ``昨天下单的静音加湿器（运输中）``; without the state when heard."""
    placed = day(business_day(order.placed_at), today)
    state = "" if heard else f"（{ORDER_STATES[order.state]}）"
    return f"{placed}下单的{products_of(order)}{state}"


def order_name(order: Order, *, heard: bool) -> str:
    """How an order is called: by number when read, by its last four digits when heard."""
    return f"{number_of(order, heard=heard)}（{products_of(order)}）"


def number_of(order: Order, *, heard: bool) -> str:
    """The same without the products."""
    return f"{short_number(order.number)}的订单" if heard else f"订单 {order.number}"


def choose_button(skill: str, order: Order, today: date) -> Button:
    """A quick reply that picks an order for a skill."""
    placed = day(business_day(order.placed_at), today)
    name = short_title(order.lines[0].title)
    return Button(f"{placed} {name}", f'/{skill}{{"order_number":"{order.number}"}}')


def mentions_kind(order: Order, text: str) -> bool:
    """Whether the order has what is called by its kind only: "那个锅子", "我的鞋"."""
    heads = {_HEADS.get(short_title(line.title)[-1]) for line in order.lines}
    return any(
        re.search(
            rf"(^那?|个|只|双|件|条|张|床|口|台|盒|瓶|袋|包|顶|把|买的?|那|这|我的?|的){head}", text
        )
        for head in heads
        if head
    )


def mentions(order: Order, request: Request, least: int = 2) -> bool:
    """Whether a line of the order is the product asked about (see ``same_product``)."""
    return any(same_product(line.title, line.sku, request, least) for line in order.lines)


def same_product(title: str, sku: str, request: Request, least: int = 2) -> bool:
    """Whether a request names this product, by entity or in words.

    "空气炸锅" in "那个空气炸锅呢" is enough for the title "家用空气炸锅 5L".

    Args:
        title: the product's title.
        sku: its article number.
        request: what the customer said.
        least: how many last characters of the title must at least be named.
    """
    if sku in request.products or title in request.products:
        return True
    core = short_title(title)
    if _TYPED.fullmatch(request.text):
        written = re.sub(r"[^a-z]", "", request.text.lower())
        return any("".join(lazy_pinyin(core[-size:])) in written for size in (4, 3, least))
    return core in request.text or any(
        core[-size:] in request.text for size in range(5, least - 1, -1) if len(core) >= size
    )

"""Which article a question about returning is about."""

from __future__ import annotations

from dataclasses import dataclass

from actions.dialogue import Request, Task, Turn
from actions.orders import same_product
from actions.returns.reading import category_in, says_state
from actions.returns.verdict import rule_for
from actions.shop.models import Order, OrderLine, ReturnPolicy

RETURNING = "request_return"
SUBJECTS = frozenset({RETURNING, "query_refund", "return_policy"})
"""The intents of this package: after them a bare question is about the return."""

LAST_GOODS = "return_goods"
LAST_REASON = "return_reason"
"""Where it keeps what was said of goods ("order number/sku,sku") before they were not to go back after all."""

MAX_FACTS = 40
_STATE = "state"
"""Where it keeps what was said of that article's state ("order number/sku:words")."""

_ARTICLE = "article"
"""Where ``Memory.about`` keeps the article spoken of last ("order number/sku")."""


@dataclass(frozen=True)
class Article:
    """An article of an order of the speaker."""

    order: Order
    line: OrderLine


def open_form(turn: Turn) -> Task | None:
    """The return that is being asked for, if one is."""
    return next((t for t in reversed(turn.memory.tasks) if t.skill == RETURNING), None)


def form_of(turn: Turn, order: Order, line: OrderLine) -> Task | None:
    """The open return, if it is of this article."""
    form = open_form(turn)
    known = (form.data.get("order_number"), form.data.get("sku")) if form else None
    return form if known == (order.number, line.sku) else None


def remember_article(turn: Turn, order: Order, line: OrderLine) -> None:
    """Keep of which article of an order we spoke, for "拆了呢"."""
    turn.memory.order_number, turn.memory.product = order.number, line.sku
    turn.memory.about[_ARTICLE] = f"{order.number}/{line.sku}"


def facts_said(turn: Turn, order: Order, line: OrderLine, text: str) -> str:
    """A text with what was said before of the article's state, where it says nothing of it itself.

    After "用过一次" the question "还能退吗" is about something used.
    """
    about, article = turn.memory.about, f"{order.number}/{line.sku}"
    if says_state(text):
        about[_STATE] = f"{article}:{text[:MAX_FACTS]}"
        return text
    known, _, said = about.get(_STATE, "").partition(":")
    form = form_of(turn, order, line)
    if form and form.data.get("defective"):
        return f"{text}，质量问题"
    if form and form.data.get("opened"):
        return f"{text}，已经拆封"
    return f"{text}，{said}" if known == article else text


def named_line(turn: Turn, request: Request, order: Order) -> OrderLine | None:
    """The line of an order that is named, that was spoken of last, or the only one."""
    named = [x for x in order.lines if same_product(x.title, x.sku, request)]
    form, spoken_of = open_form(turn), turn.memory.about.get(_ARTICLE)
    if form and form.data.get("order_number") == order.number and form.data.get("sku"):
        spoken_of = f"{order.number}/{form.data['sku']}"
    known = named or [x for x in order.lines if f"{order.number}/{x.sku}" == spoken_of]
    return known[0] if known else (order.lines[0] if len(order.lines) == 1 else None)


async def article_meant(turn: Turn, request: Request) -> Article | None:
    """The article of the open form, or of the order spoken of last."""
    form = open_form(turn)
    number = form.data.get("order_number") if form else turn.memory.order_number
    order = await turn.shop.order(str(number)) if number else None
    if order is None:
        return None
    sku = form.data.get("sku") if form else None
    chosen = next((x for x in order.lines if x.sku == sku), None)
    line = chosen or named_line(turn, request, order)
    return Article(order, line) if line else None


async def rule_meant(turn: Turn, request: Request) -> ReturnPolicy | None:
    """The rule of the category or the article that is spoken of."""
    policies = {p.category: p for p in await turn.shop.return_policies()}
    named = category_in(request.text)
    if named in policies:
        return rule_for(policies[named], request.text)
    article = await article_meant(turn, request)
    if article and article.line.category in policies:
        return rule_for(policies[article.line.category], article.line.title)
    return None

"""Messages that go on with a return, or want one, whatever the classifier takes them for."""

from __future__ import annotations

import re

from actions.dialogue import FALLBACK, Request, Turn
from actions.orders import UNDER_WAY, mentions
from actions.returns.articles import SUBJECTS
from actions.returns.goods import besides_goods, lines_in, names_in
from actions.returns.instead import instead_in, wants_exchange
from actions.returns.reasons import reason_in
from actions.shop.models import Order, OrderState

MAX_REASON = 14
"""A longer text that has a reason in it may well speak of something else."""
_SURE = 0.75
_ASKS = re.compile(r"[吗呢？?哪几]|什么|怎么|多少|为啥|凭啥|如何|咋|能不能|可不可以")
_NO_WISH = frozenset({FALLBACK, "out_of_scope", "affirm", "deny", "product_question", "complaint"})
_MISTAKEN = frozenset({FALLBACK, "out_of_scope", "change_order", "product_question"})
_OTHER_SIZE = re.compile(r"换[大小]|换[个成]?.{0,3}[码色](?!差)")
"""An exchange, though it is asked whether that can be ("可以换大一号吗")."""
_WANTS_BACK = re.compile(
    r"(?<!不)(?<!没)[想要]退(货|掉|了|[，,。！吧 ]|$)|[帮给]我退|(直接|还是|那就)退|退(掉|了吧)"
)
_CANCELS = re.compile(r"取消|拒收|撤")
_NOT_WANTED = re.compile(r"不(想)?要了|不想要|不喜欢|不合适|用不[上着]")
_KIND_ONLY = re.compile(r"退|换|不要|不想要|坏|[大小]了")


async def means_return(turn: Turn, request: Request) -> bool:
    """Whether a message wants goods back that have come, or another one for them.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    message, text = turn.message, request.text
    if message.chosen:
        return False
    said = besides_goods(text, names_in(message))
    asks_rule = message.intent == "return_policy" and _OTHER_SIZE.search(said)
    if (message.intent in _MISTAKEN or asks_rule) and wants_exchange(said):
        return await _has_come(turn, request)
    if message.intent == "cancel_order" and not _CANCELS.search(text):
        return bool(_NOT_WANTED.search(text)) and await _has_come(turn, request)
    if message.intent == FALLBACK and _WANTS_BACK.search(said) and not _ASKS.search(said):
        return True
    weak = message.intent == FALLBACK or message.confidence < _SURE
    if weak and message.intent in _MISTAKEN and instead_in(said):
        return True
    return await _gives_reason(turn, said)


async def _gives_reason(turn: Turn, said: str) -> bool:
    """Whether it only tells what is wrong with the article that we have just told the rule of."""
    memory = turn.memory
    if memory.topic not in SUBJECTS or turn.message.intent not in _NO_WISH:
        return False
    if len(said) > MAX_REASON or _ASKS.search(said) or reason_in(said) is None:
        return False
    order = await turn.shop.order(memory.order_number) if memory.order_number else None
    if order is None or order.state is not OrderState.SIGNED:
        return False
    return not await turn.shop.returns(order.number)


async def _has_come(turn: Turn, request: Request) -> bool:
    """Whether what is named, or else what we speak of, was signed for."""
    orders = await turn.orders()
    named = [o for o in orders if mentions(o, request)]
    if not named:
        named = [o for o in orders if lines_in(o, request.products, request.text)]
    if not named and not request.points_at_order:
        named = [o for o in orders if o.number == turn.memory.order_number]
    return bool(named) and all(o.state is OrderState.SIGNED for o in named)


async def only_kind(turn: Turn, request: Request) -> Order | None:
    """The only signed order with goods of a kind that is named ("裤子", "被子"), or just spoken of.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    if request.points_at_order:
        return None
    signed = [o for o in await turn.orders() if o.state is OrderState.SIGNED]
    product = turn.memory.product if turn.memory.topic == "product_question" else None
    having = [o for o in signed if any(line.sku == product for line in o.lines)]
    if len(having) == 1:
        request.products = [str(product)]
        return having[0]
    if not _KIND_ONLY.search(request.text):
        return None
    found = [o for o in signed if lines_in(o, request.products, request.text)]
    return found[0] if len(found) == 1 else None


async def nothing_came(turn: Turn) -> bool:
    """Whether everything that the speaker has ordered lately is still to come.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    orders = await turn.orders()
    coming = any(o.state in UNDER_WAY for o in orders)
    return coming and not any(o.state is OrderState.SIGNED for o in orders)

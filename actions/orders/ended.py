"""Orders that ended otherwise than by delivery: sent back, or cancelled and why."""

from __future__ import annotations

from actions.dialogue import Request, Turn
from actions.orders.cards import order_card
from actions.orders.naming import order_name
from actions.orders.questions import Question, question_in
from actions.shop.models import Order, OrderState
from actions.wording import ORDER_STATES, full_day, moment

_ABOUT_CANCELLED = frozenset({Question.CANCELLED, Question.BUY_AGAIN, Question.PAID})

_EXPLAINED = "explained"
"""Where ``Memory.about`` keeps the cancelled order that was explained."""


def about_cancelled(question: Question | None) -> bool:
    """Whether a question makes sense of a cancelled order only."""
    return question in _ABOUT_CANCELLED


async def tell_returned(turn: Turn, order: Order) -> None:
    """Say how far the return is, from its own record: the parcels tell of the way to the customer.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    name = order_name(order, heard=turn.on_phone)
    refund = await turn.shop.refund(order.number)
    last = refund.steps[-1] if refund and refund.steps else None
    if last:
        turn.use("utter_back_step", order=name, step=last.text, at=moment(last.at, turn.today))
    else:
        turn.use("utter_back_state", order=name, state=ORDER_STATES[order.state])
    turn.say(await refund_sentence(turn, order))
    turn.fulfil()


async def refund_sentence(turn: Turn, order: Order) -> str:
    """When the money of an order comes back, or that it has; empty without a refund.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    refund = await turn.shop.refund(order.number)
    if refund is None:
        return ""
    done = refund.state is OrderState.REFUNDED
    return turn.text(
        "utter_next_refunded" if done else "utter_next_refunding",
        amount=turn.yuan(refund.amount_fen),
        by=full_day(refund.expected_on, turn.today) if refund.expected_on else "近几天",
        method=refund.method,
    )


async def explain_cancelled(turn: Turn, request: Request, order: Order) -> bool:
    """Say why an order was cancelled, as far as its record shows, and what becomes of the money.

    Returns:
        False when nothing of that was asked; nothing was said then.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    question = question_in(request.text)
    if order.state is not OrderState.CANCELLED or not about_cancelled(question):
        return False
    name = order_name(order, heard=turn.on_phone)
    if question is Question.BUY_AGAIN:
        turn.use("utter_cannot_uncancel")
    elif order.paid_at is None and question is Question.PAID:
        turn.offer_human("utter_closed_but_paid", "complex_intent", order=name)
    elif order.paid_at is None:
        turn.say(turn.text("utter_closed_unpaid", order=name), order_card(order))
    else:
        await _explain_paid(turn, order, name, ask=question is Question.CANCELLED)
    turn.fulfil()
    return True


async def _explain_paid(turn: Turn, order: Order, name: str, *, ask: bool) -> None:
    told = turn.memory.about.get(_EXPLAINED) == order.number
    turn.memory.about[_EXPLAINED] = order.number
    if ask and told:
        turn.offer_human("utter_who_cancelled", "complex_intent")
        return
    refund = await turn.shop.refund(order.number)
    first = refund.steps[0] if refund and refund.steps else None
    if first:
        at = moment(first.at, turn.today)
        turn.say(turn.text("utter_cancelled_at", order=name, at=at), order_card(order))
    else:
        turn.say(turn.text("utter_not_sent_cancelled", order=name), order_card(order))
    turn.say(await refund_sentence(turn, order))
    if ask:
        turn.offer_human("utter_who_cancelled", "complex_intent")

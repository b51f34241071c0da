"""The questions of the return form, and handing in what it knows."""

from __future__ import annotations

from actions.dialogue import Task, Turn
from actions.orders import short_title
from actions.returns.progress import tell_submitted
from actions.returns.reasons import ALLERGY, REASONS
from actions.shop.client import ShopRefused
from actions.shop.models import Order, OrderLine
from actions.wording import Button


def ask(turn: Turn, task: Task, order: Order | None = None) -> None:
    """Ask what the task waits for; the goods are named so that a wrong one is noticed."""
    match task.awaits:
        case "line":
            turn.use("utter_return_which_line", order=task.data["order"])
            if order:
                turn.offer(
                    Button(short_title(x.title), f'/request_return{{"choice":"{x.sku}"}}')
                    for x in order.lines
                )
        case "reason":
            goods = task.data["goods"]
            if task.data.get("told") != goods:
                turn.use("utter_return_goods", goods=goods)
                task.data["told"] = goods
            turn.use("utter_return_reason")
            turn.offer(Button(r.title, f'/request_return{{"choice":"{r.title}"}}') for r in REASONS)
        case "opened":
            turn.use("utter_return_opened_question")
        case _:
            _ask_consent(turn, task)


def _without_goods(order: str) -> str:
    """An order by its number alone: the goods that go back are named beside it."""
    return order.partition("（")[0]


def _ask_consent(turn: Turn, task: Task) -> None:
    count = int(task.data.get("count") or 1)
    name = "utter_confirm_return_pieces" if count > 1 else "utter_confirm_return"
    turn.use(
        name,
        order=_without_goods(str(task.data["order"])),
        goods=task.data["goods"],
        reason=task.data["reason"],
        count=count,
    )


async def submit(turn: Turn, task: Task, line: OrderLine) -> None:
    """Hand the return in and say what comes next, or pass on why the shop refuses it."""
    number, sku = str(task.data["order_number"]), line.sku
    try:
        done = await turn.shop.start_return(
            number,
            sku,
            str(task.data["reason"]),
            turn.key("return", number, sku),
            opened=bool(task.data.get("opened")),
            defective=bool(task.data.get("defective")),
        )
    except ShopRefused as refusal:
        turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
        return
    await tell_submitted(turn, line.category, done)
    if task.data["reason"] == ALLERGY.title and task.data.get("proof"):
        turn.use("utter_return_proof_ready")

"""How a return that was asked for comes along, in words."""

from __future__ import annotations

from actions.dialogue import Turn
from actions.returns.reasons import REASONS, reason_in
from actions.returns.verdict import spared
from actions.shop.models import ReturnRequest, ReturnState
from actions.wording import full_day

_RETURN_TEXTS = {
    ReturnState.REQUESTED: "utter_return_state_requested",
    ReturnState.APPROVED: "utter_return_state_approved",
    ReturnState.SENT_BACK: "utter_return_state_sent_back",
    ReturnState.INSPECTED: "utter_return_state_inspected",
    ReturnState.REFUNDED: "utter_return_state_refunded",
    ReturnState.REJECTED: "utter_return_state_rejected",
}
_FAULTY = REASONS[0].title


def tell_return(turn: Turn, name: str, asked: ReturnRequest) -> None:
    """Say where it stands and what the customer has to do."""
    by = full_day(asked.send_by, turn.today) if asked.send_by else "7 天内"
    turn.use(_RETURN_TEXTS[asked.state], order=name, number=asked.number, by=by)


async def spared_rule(turn: Turn, category: str, reason: str) -> str:
    """The rule by which faulty goods of a category need not be sent back, if there is one.

    Args:
        turn: the turn.
        category: of the article.
        reason: why it is returned, as kept with the return.
    """
    said = reason_in(reason)
    if said is None or said.title != _FAULTY:
        return ""
    policies = await turn.shop.return_policies()
    return next((spared(p) for p in policies if p.category == category), "")


async def tell_submitted(turn: Turn, category: str, done: ReturnRequest) -> None:
    """Say that a return was asked for, and what happens next."""
    if done.send_by:
        by = full_day(done.send_by, turn.today)
        turn.use("utter_return_started", number=done.number, by=by)
    elif rule := await spared_rule(turn, category, done.reason):
        turn.use("utter_return_submitted_spared", number=done.number, rule=rule)
    else:
        turn.use("utter_return_submitted", number=done.number)
    if done.instructions and not turn.on_phone:
        turn.say(done.instructions.rstrip("。") + "。")
    turn.fulfil()

"""How a return that was asked for comes along, in words."""

from __future__ import annotations

from actions.dialogue import Turn
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


def tell_return(turn: Turn, name: str, asked: ReturnRequest) -> None:
    """Say where it stands and what the customer has to do."""
    by = full_day(asked.send_by, turn.today) if asked.send_by else "7 天内"
    turn.use(_RETURN_TEXTS[asked.state], order=name, number=asked.number, by=by)

"""The order card: the picture beside the words."""

from __future__ import annotations

from typing import Any

from actions.shop.models import Order, Parcel
from actions.wording import ORDER_STATES, PARCEL_STATES, mask_trace, mask_tracking, yuan

MAX_TRACE = 8


def order_card(order: Order) -> dict[str, Any]:
    """What the widget draws for an order (docs/chat-protocol.md)."""
    return {
        "type": "order",
        "number": order.number,
        "state": order.state.value,
        "state_text": ORDER_STATES[order.state],
        "placed_at": order.placed_at.isoformat(),
        "total": yuan(order.total_fen),
        "items": [{"title": line.title, "quantity": line.quantity} for line in order.lines],
        "parcels": [_parcel(parcel) for parcel in order.parcels],
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "carrier": parcel.carrier,
        "tracking_number": mask_tracking(parcel.tracking_number),
        "state": parcel.state.value,
        "state_text": PARCEL_STATES[parcel.state],
        "eta": parcel.eta.isoformat() if parcel.eta else None,
        "trace": [
            {
                "at": event.at.isoformat(),
                "place": mask_trace(event.place),
                "text": mask_trace(event.text),
            }
            for event in parcel.trace[:MAX_TRACE]
        ],
    }

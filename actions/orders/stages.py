"""Where an order stands, as far as it decides what can be done about it."""

from __future__ import annotations

from actions.shop.models import OrderState

IN_THE_WAREHOUSE = frozenset({OrderState.PAID, OrderState.PACKED})
NOT_SENT = IN_THE_WAREHOUSE | {OrderState.UNPAID}
ON_THE_WAY = IN_THE_WAREHOUSE | {OrderState.IN_TRANSIT}
"""Paid for, and to be waited for."""
UNDER_WAY = NOT_SENT | {OrderState.IN_TRANSIT}
SENT_BACK = frozenset({OrderState.RETURNED, OrderState.REFUNDING, OrderState.REFUNDED})

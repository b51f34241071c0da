"""Orders: which one is meant, where it stands, and how it is named and drawn."""

from actions.orders.cancelling import CancelOrder, ChangeOrder
from actions.orders.cards import order_card
from actions.orders.finding import Search, find_order, notice_order
from actions.orders.naming import (
    mentions,
    order_name,
    products_of,
    same_product,
    short_title,
)
from actions.orders.skill import (
    ON_THE_WAY,
    OrderSkill,
    offer_to_ask_courier,
    offer_to_urge,
)
from actions.orders.status import OrderStatus
from actions.orders.tracking import parcel_sentences, quiet_days

__all__ = [
    "ON_THE_WAY",
    "CancelOrder",
    "ChangeOrder",
    "OrderSkill",
    "OrderStatus",
    "Search",
    "find_order",
    "mentions",
    "notice_order",
    "offer_to_ask_courier",
    "offer_to_urge",
    "order_card",
    "order_name",
    "parcel_sentences",
    "products_of",
    "quiet_days",
    "same_product",
    "short_title",
]

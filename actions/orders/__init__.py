"""Orders: which one is meant, where it stands, and how it is named and drawn."""

from actions.orders.answering import answer_without_order
from actions.orders.cancelling import CancelOrder
from actions.orders.cards import order_card
from actions.orders.changing import ChangeOrder, is_value
from actions.orders.ended import tell_returned
from actions.orders.finding import Search, find_order, notice_order
from actions.orders.following import FollowedOrder
from actions.orders.matching import named_by
from actions.orders.missing import asks_for_delivered, may_be_missing, notice_signed
from actions.orders.naming import (
    mentions,
    order_name,
    products_of,
    same_product,
    short_title,
)
from actions.orders.news import tell_no_news, tell_when, times_told
from actions.orders.parcels import tell_named_parcel, tell_other_parcel
from actions.orders.skill import (
    OrderSkill,
    offer_to_ask_courier,
    offer_to_urge,
)
from actions.orders.stages import NOT_SENT, ON_THE_WAY, SENT_BACK, UNDER_WAY
from actions.orders.status import MORE_OF_MINE, OrderStatus
from actions.orders.tracking import parcel_sentences, say_eta, scan_text

__all__ = [
    "MORE_OF_MINE",
    "NOT_SENT",
    "ON_THE_WAY",
    "SENT_BACK",
    "UNDER_WAY",
    "CancelOrder",
    "ChangeOrder",
    "FollowedOrder",
    "OrderSkill",
    "OrderStatus",
    "Search",
    "answer_without_order",
    "asks_for_delivered",
    "find_order",
    "is_value",
    "may_be_missing",
    "mentions",
    "named_by",
    "notice_order",
    "notice_signed",
    "offer_to_ask_courier",
    "offer_to_urge",
    "order_card",
    "order_name",
    "parcel_sentences",
    "products_of",
    "same_product",
    "say_eta",
    "scan_text",
    "short_title",
    "tell_named_parcel",
    "tell_no_news",
    "tell_other_parcel",
    "tell_returned",
    "tell_when",
    "times_told",
]

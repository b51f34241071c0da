"""Who is speaking: identities on channels, the customer behind them, and how sure we are."""

from bot.customers.binding import Bindings
from bot.customers.contacts import note_contact, note_union, set_opted_out, set_reachable
from bot.customers.context import ServiceContext
from bot.customers.identities import link_customer, open_identity

__all__ = [
    "Bindings",
    "ServiceContext",
    "link_customer",
    "note_contact",
    "note_union",
    "open_identity",
    "set_opted_out",
    "set_reachable",
]

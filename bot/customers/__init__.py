"""Who is speaking: identities on channels, the customer behind them, and how sure we are."""

from bot.customers.context import ServiceContext
from bot.customers.identities import link_customer, open_identity

__all__ = ["ServiceContext", "link_customer", "open_identity"]

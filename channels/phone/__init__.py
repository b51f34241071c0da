"""The telephone as a channel: what a call says to the service, over its internal door.

Sound is not here (that is `ivr`, a process of its own): a call begins, its sentences become turns
as on every channel, people take it over, it ends. Every call is an episode of its own, and proofs
end with it. Whose number it is proves nothing.
"""

from channels.phone.calls import Phone
from channels.phone.codes import CodeSender, DemoSender, HttpSender
from channels.phone.routes import build_phone_router

__all__ = ["CodeSender", "DemoSender", "HttpSender", "Phone", "build_phone_router"]

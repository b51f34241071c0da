"""A call: what is said, heard and done between answer and hang-up, whatever wire it came over.

`CallSession` runs one. It speaks to the service through `PhoneService`, to the wire through
`ivr.transports.CallTransport`, and waits only on the event loop's clock.
"""

from ivr.call.ear import Ear, Hearing
from ivr.call.http_service import HttpPhoneService
from ivr.call.menu import Menu, MenuError, fixed_prompts, load_menu
from ivr.call.mouth import sentences
from ivr.call.service import Agent, Answer, PhoneService, Reply, ServiceDown, Standing
from ivr.call.session import CallSession
from ivr.call.trace import State, Trace

__all__ = [
    "Agent",
    "Answer",
    "CallSession",
    "Ear",
    "Hearing",
    "HttpPhoneService",
    "Menu",
    "MenuError",
    "PhoneService",
    "Reply",
    "ServiceDown",
    "Standing",
    "State",
    "Trace",
    "fixed_prompts",
    "load_menu",
    "sentences",
]

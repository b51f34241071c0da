"""The assistant's custom actions: what it says and does for every intent.

``build_actions`` makes them for a service; everything they need comes in through
``ActionContext``. Needs the responses of ``domain.yml`` (read once, at building).
"""

import time
from pathlib import Path

from rasa_sdk import Action

from actions.base import IntentAction, action_name
from actions.clarifying import Clarify
from actions.context import ActionContext, IdentityLevel, Proof, ProofResult, Who
from actions.dialogue import Router, Skill
from actions.faq import Faq
from actions.invoices import InvoiceSkill
from actions.logistics import Logistics
from actions.members import MemberTier
from actions.orders import CancelOrder, ChangeOrder, OrderStatus
from actions.people import Abuse, AskHuman, Complaint
from actions.points import Points
from actions.products import ProductQuestion
from actions.promotions import Promotion
from actions.redeeming import Redeem
from actions.returns import RefundProgress, ReturnPolicySkill, StartReturn
from actions.shop.deadline import Monotonic
from actions.smalltalk import Affirm, Deny, Goodbye, Greet, OutOfScope, Thanks
from actions.stores import StoreInfo
from actions.wording import DOMAIN_FILE, Phrases, WordingError

__all__ = [
    "ActionContext",
    "IdentityLevel",
    "Proof",
    "ProofResult",
    "Who",
    "WordingError",
    "action_name",
    "build_actions",
]

_SKILLS: tuple[type[Skill], ...] = (
    OrderStatus,
    Logistics,
    Points,
    Redeem,
    ReturnPolicySkill,
    StartReturn,
    RefundProgress,
    InvoiceSkill,
    MemberTier,
    StoreInfo,
    ProductQuestion,
    Promotion,
    ChangeOrder,
    CancelOrder,
    Complaint,
    AskHuman,
    OutOfScope,
    Abuse,
    Greet,
    Goodbye,
    Thanks,
    Affirm,
    Deny,
    Faq,
    Clarify,
)


def build_actions(
    context: ActionContext,
    wording: Path = DOMAIN_FILE,
    monotonic: Monotonic = time.monotonic,
) -> list[Action]:
    """Make the actions for rasa-sdk's executor.

    Args:
        context: the service, as actions see it.
        wording: a Rasa domain file with the responses.
        monotonic: measures the time that a turn has for the shop, in seconds.

    Raises:
        WordingError: the file has no responses.
    """
    phrases = Phrases.load(wording)
    router = Router(skill() for skill in _SKILLS)
    return [IntentAction(intent, router, phrases, context, monotonic) for intent in router.intents]

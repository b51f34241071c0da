"""How things are said in Chinese: fixed sentences, amounts, days, states, and masking."""

from actions.wording.answers import answer_part
from actions.wording.formats import (
    BUSINESS_ZONE,
    business_day,
    day,
    email_said,
    full_day,
    joined,
    moment,
    short_number,
    yuan,
    yuan_said,
)
from actions.wording.masking import (
    mask_email,
    mask_name,
    mask_phone,
    mask_region,
    mask_trace,
    mask_tracking,
)
from actions.wording.phrases import DOMAIN_FILE, Button, Phrases, WordingError
from actions.wording.states import INVOICE_STATES, ORDER_STATES, PARCEL_STATES, TIERS

__all__ = [
    "BUSINESS_ZONE",
    "DOMAIN_FILE",
    "INVOICE_STATES",
    "ORDER_STATES",
    "PARCEL_STATES",
    "TIERS",
    "Button",
    "Phrases",
    "WordingError",
    "answer_part",
    "business_day",
    "day",
    "email_said",
    "full_day",
    "joined",
    "mask_email",
    "mask_name",
    "mask_phone",
    "mask_region",
    "mask_trace",
    "mask_tracking",
    "moment",
    "short_number",
    "yuan",
    "yuan_said",
]

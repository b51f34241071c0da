"""What a message says, read by rule: digits, dates, choices, yes and no.

The engine's entities come first; these readers fill what a classifier cannot promise (a bare
"1234", "第二个", "幺二三四") and never look anything up.
"""

from actions.reading.numbers import email_in, order_number_in, phone_tail_in, plain_digits
from actions.reading.periods import Period, days_in, period_in
from actions.reading.words import (
    Sensitive,
    answer_in,
    asks_what_now,
    asks_who_we_are,
    ordinal_in,
    says_again,
    says_authority,
    says_cancel,
    says_correction,
    says_latest,
    says_no,
    says_no_number,
    says_other,
    says_repeat,
    says_serious,
    says_thanks,
    says_unclear,
    sensitive_in,
    urges,
)
from actions.reading.writing import simplified

__all__ = [
    "Period",
    "Sensitive",
    "answer_in",
    "asks_what_now",
    "asks_who_we_are",
    "days_in",
    "email_in",
    "order_number_in",
    "ordinal_in",
    "period_in",
    "phone_tail_in",
    "plain_digits",
    "says_again",
    "says_authority",
    "says_cancel",
    "says_correction",
    "says_latest",
    "says_no",
    "says_no_number",
    "says_other",
    "says_repeat",
    "says_serious",
    "says_thanks",
    "says_unclear",
    "sensitive_in",
    "simplified",
    "urges",
]

"""From text as written to text as it is read aloud.

A voice engine must not guess how a number is read: an order number is not a quantity, and 1 is 幺 in
a telephone number. Where the kind of a value is known, say it with its own function
(`order_number`, `amount`, `day` …); `speak_as` reads the rest by rules that are safe for any text.
"""

from ivr.spoken.slots import (
    amount,
    clock,
    count,
    day,
    digits,
    latin,
    order_number,
    percent,
    phone,
    tail,
)
from ivr.spoken.text import VERSION, misread, speak_as

__all__ = [
    "VERSION",
    "amount",
    "clock",
    "count",
    "day",
    "digits",
    "latin",
    "misread",
    "order_number",
    "percent",
    "phone",
    "speak_as",
    "tail",
]

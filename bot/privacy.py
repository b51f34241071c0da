"""Masking of personal data where it could leave the house: logs, previews, exports.

Replies are masked at their source, by type (actions/wording); this is the net beneath.
"""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?<!\d)((?:\+?86[- ]?)?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_EMAIL = re.compile(r"([A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+\.[A-Za-z]{2,})")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{5,}(\d{3})(?!\d)")


def mask_mobiles(text: str) -> str:
    """Hide the middle of mainland mobile numbers, however grouped: 138****5678."""
    return _MOBILE.sub(r"\1****\2", text)


def mask_personal(text: str) -> str:
    """Hide mobile numbers, e-mail addresses and every other number of eleven digits or more."""
    text = mask_mobiles(text)
    text = _EMAIL.sub(r"\1***@\2", text)
    return _LONG_NUMBER.sub(r"\1****\2", text)

"""Masking of personal data where it could leave the house: logs, previews, exports.

Replies are masked at their source, by type (actions/wording); this is the net beneath.
"""

from __future__ import annotations

import re

from actions.wording import mask_name, mask_trace

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


_ID_CARD = re.compile(r"(?<!\d)(\d{3})\d{3}(?:19|20)\d{9}([\dXx])(?!\d)")
_BANK_CARD = re.compile(r"(?<![\d*])\d(?:[ -]?\d){14,18}(?![\d*])")
_HAN = "\u4e00-\u9fff"
_STREET = re.compile(
    rf"(?P<region>[{_HAN}]{{1,12}}(?:省|市|区|县|镇|乡))?"
    rf"[{_HAN}]{{1,8}}?(?:路|街|大道|巷|弄|胡同|小区|新村|花园|公寓|大厦|广场)\s*"
    rf"\d+\s*(?:号|弄|栋|幢|座|室|单元|楼|[-—#])[{_HAN}\w\-—# ]{{0,30}}"
)
_OWN_NAME = re.compile(
    rf"(?P<before>我叫|我的名字(?:是|叫)|(?:姓名|名字|收件人|收货人|联系人)(?:是|叫|[：:]))\s*"
    rf"(?![了过不他她你我的来到])(?P<name>[{_HAN}]{{2,4}}?)(?=[\s，。,.、；;！!\d电手地住]|$)"
)


def mask_shown(text: str) -> str:
    """Hide what identifies a person in talk that people will read, and leave what they work with.

    Hidden: phones, e-mail addresses, identity and bank cards, names that are named as such, streets
    and numbers. Left: order numbers (twelve digits), amounts, days, regions.
    """
    text = _ID_CARD.sub(r"\1****\2", text)
    text = mask_mobiles(text)
    text = _EMAIL.sub(r"\1***@\2", text)
    text = _BANK_CARD.sub(_card, text)
    text = _STREET.sub(lambda m: f"{m['region'] or ''}***", text)
    text = _OWN_NAME.sub(lambda m: m["before"] + mask_name(m["name"]), text)
    return mask_trace(text)


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return f"{digits[:4]}****{digits[-4:]}"

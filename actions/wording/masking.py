"""Hiding what would identify a person: shown is only what its owner needs to recognise it."""

from __future__ import annotations

import re


def mask_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``; anything short is hidden but for its end."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:]


def mask_name(name: str) -> str:
    """``王小明`` → ``王**``: the family name stays, compound ones lose their second half too."""
    name = name.strip()
    return name[:1] + "*" * max(1, len(name) - 1) if name else "*"


def mask_region(region: str) -> str:
    """``上海市浦东新区`` → ``上海市浦东新区***``: never the street or number."""
    return f"{region}***"


def mask_tracking(number: str) -> str:
    """``SF1234567890123`` → ``SF1234****0123``."""
    return number if len(number) < 9 else f"{number[:-8]}****{number[-4:]}"


def mask_email(address: str) -> str:
    """``xiaoming@example.com`` → ``x***@example.com``."""
    user, at, host = address.partition("@")
    return f"{user[:1]}***{at}{host}" if at else "***"

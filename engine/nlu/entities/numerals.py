"""Chinese and Arabic numerals as quantities: 两百三十, 一千五, 3万, 半."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Optional

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_DIGITS.update({"〇": 0, "两": 2, "俩": 2, "仨": 3})
_UNITS = {"十": 10, "百": 100, "千": 1000}

NUMERAL = r"(?:\d+(?:\.\d+)?[万千百]?|[零〇一二两三四五六七八九十百千万俩仨]+)"
"""Regular expression of one numeral in normalised text."""


def numeral(said: str) -> Optional[Decimal]:
    """Read a numeral; None if it is none. 一千五 is 1500, 一百零五 is 105, 二三 is none."""
    arabic = re.fullmatch(r"(\d+(?:\.\d+)?)([万千百]?)", said)
    if arabic:
        scale = {"": 1, "万": 10_000, "千": 1000, "百": 100}[arabic.group(2)]
        return Decimal(arabic.group(1)) * scale
    if not said or not set(said) <= set(_DIGITS) | set(_UNITS) | {"万"}:
        return None
    high, many, low = said.rpartition("万")
    if many:
        thousands = _below_10000(high) if high else None
        if thousands is None:
            return None
        rest = _tail(low, 1000) if low else 0
        return None if rest is None else Decimal(thousands * 10_000 + rest)
    value = _below_10000(said)
    return None if value is None else Decimal(value)


def _tail(low: str, unit: int) -> Optional[int]:
    """What follows a unit: a lone digit counts the next lower unit (一万五 is 15000)."""
    if len(low) == 1 and low in _DIGITS and low not in "零〇":
        return _DIGITS[low] * unit
    return _below_10000(low.lstrip("零〇"))


def _below_10000(said: str) -> Optional[int]:
    total, digit, last_unit = 0, None, None
    for char in said:
        if char in _UNITS:
            if digit is None and not (char == "十" and total == 0):
                return None
            total += (1 if digit is None else digit) * _UNITS[char]
            digit, last_unit = None, _UNITS[char]
        elif char in "零〇":
            if digit is not None:
                return None
            last_unit = None
        else:
            if digit is not None:
                return None
            digit = _DIGITS[char]
    if digit is not None:
        # 一百五 is 150, but 一百零五 is 105 and 十五 is 15.
        total += digit * (last_unit // 10 if last_unit and last_unit > 10 else 1)
    return total if said else None

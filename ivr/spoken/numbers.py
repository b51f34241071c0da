"""Numbers as words."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_CALLED = "零幺二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_LARGEST = 10**16


def cardinal(number: int) -> str:
    """``1280`` → 一千二百八十; from 10**16 on digit by digit."""
    if number < 0:
        return "负" + cardinal(-number)
    if number >= _LARGEST:
        return one_by_one(str(number))
    if number == 0:
        return "零"
    said = ""
    gap = False  # a zero is due before the next group
    for power in range(3, -1, -1):
        group = number // 10 ** (4 * power) % 10_000
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += "零"
        said += _below_ten_thousand(group) + _GROUPS[power]
        gap = False
    # 一十二 is only said after something larger.
    return said[1:] if said.startswith("一十") else said


def _below_ten_thousand(number: int) -> str:
    said = ""
    gap = False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[power]
        gap = not digit
    return said


def decimal(text: str) -> str:
    """``12.50`` → 十二点五零; thousands' commas are left out."""
    whole, point, rest = text.replace(",", "").replace("，", "").partition(".")
    sign = "负" if whole.startswith("-") else ""
    said = sign + cardinal(int(whole.lstrip("-+") or 0))
    return said + (f"点{one_by_one(rest)}" if point and rest else "")


def one_by_one(figures: str, *, called: bool = False) -> str:
    """``2025`` → 二零二五; ``called`` says 幺 for one, as in telephone numbers."""
    names = _CALLED if called else _DIGITS
    return "".join(names[int(figure)] for figure in figures if figure.isdecimal())


def counted(number: int) -> str:
    """A number before a measure word: 两 and not 二."""
    return "两" if number == 2 else cardinal(number)


def measured(number: int) -> str:
    """A number of something: 两百, 两千, 两万 and 两元, but 二十."""
    said = counted(number)
    for large in ("百", "千", "万", "亿"):
        if said.startswith(f"二{large}"):
            said = "两" + said[1:]
    return said

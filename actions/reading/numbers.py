"""Order numbers, phone tails and e-mail addresses in what a customer typed or said."""

from __future__ import annotations

import re
import unicodedata

# 幺/洞/拐/勾 are how digits are read out on the phone; 两 is how two is said.
_SPOKEN = str.maketrans("零〇洞一幺二两三四五六七拐八九勾", "0001122345677899")
_GAP = r"[\s\-_—.,，。、·呃额嗯啊哦]*"
_TAIL_WORDS = re.compile(
    rf"(?:尾号|后四位|末四位|后4位|末尾|最后四位|手机)\D{{0,6}}?((?:\d{_GAP}){{3}}\d)(?!\d)"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")

ORDER_DIGITS = 12
PHONE_DIGITS = 11


def plain_digits(text: str) -> str:
    """The text with full-width and spoken digits as ASCII digits."""
    return unicodedata.normalize("NFKC", text).translate(_SPOKEN)


def _runs(text: str) -> list[str]:
    """Runs of digits, each possibly grouped by blanks or punctuation in the text."""
    found = re.findall(rf"\d(?:{_GAP}\d)*", text)
    return [re.sub(r"\D", "", run) for run in found]


def order_number_in(text: str) -> str | None:
    """The first 12-digit order number, however grouped; None when there is none.

    "2611 1900 4217 1234" holds an order number followed by a phone tail.
    """
    plain = plain_digits(text)
    solid = re.search(rf"(?<!\d)\d{{{ORDER_DIGITS}}}(?!\d)", plain)
    if solid:
        return solid.group()
    for run in _runs(plain):
        if len(run) in (ORDER_DIGITS, ORDER_DIGITS + 4, ORDER_DIGITS + PHONE_DIGITS):
            return run[:ORDER_DIGITS]
        if len(run) == 4 + ORDER_DIGITS:
            return run[4:]
    return None


def phone_tail_in(text: str, *, loose: bool = True) -> str | None:
    """The last four digits of a phone: "尾号1234", a whole number, or four digits on their own.

    Args:
        text: what the customer wrote.
        loose: take any four digits (we have asked for them); else only beside an order number.
    """
    plain = plain_digits(text)
    said = _TAIL_WORDS.search(plain)
    if said:
        return re.sub(r"\D", "", said.group(1))[-4:]
    phone = re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", plain)
    if phone:
        return phone.group()[-4:]
    number = order_number_in(text)
    if not loose and not number:
        return None
    for run in _runs(plain):
        if len(run) == 4:
            return run
        if number and run.startswith(number) and len(run) in (16, 23):
            return run[-4:]
    groups = re.findall(r"(?<!\d)\d{4}(?!\d)", plain)
    if number and groups:
        rest = re.sub(_GAP.join(number), " ", plain, count=1)
        left = re.findall(r"(?<!\d)\d{4}(?!\d)", rest)
        return left[0] if left else None
    return groups[0] if len(groups) == 1 else None


_AT = re.compile(r"\s*(艾特|圈a|\bat\b|小老鼠)\s*")
_DIGIT_WORDS = dict(zip("零〇洞幺一二两三四五六七拐八九勾", "0001122345677899", strict=True))
_HEARD_IN_EMAIL = {
    "点": ".", "扣扣": "qq", "球球": "qq", "康姆": "com", "抗姆": "com", "抠姆": "com", "恩诶特": "net",
    "下划线": "_", "横杠": "-", "中杠": "-",
}  # fmt: skip
"""How the parts of an address come out of a recogniser."""


def email_in(text: str) -> str | None:
    """The first e-mail address, or None."""
    written = unicodedata.normalize("NFKC", text)
    found = _EMAIL.search(written) or _EMAIL.search(_spelled_email(written))
    return found.group() if found else None


def _spelled_email(text: str) -> str:
    """An address as it is said: "一二三 at qq 点 com" → "123@qq.com"."""
    said = _AT.sub("@", text.lower())
    if "@" not in said:
        return ""
    digits = "".join(_DIGIT_WORDS.get(char, char) for char in said)
    for heard, written in _HEARD_IN_EMAIL.items():
        digits = digits.replace(heard, written)
    return re.sub(r"\s+", "", digits)

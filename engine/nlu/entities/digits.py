"""Numbers that are said digit by digit: order numbers, phone numbers and their last four.

Customers group them as they like, type them full-width, or say them; a recogniser writes spoken
digits with gaps and, in a long row, with characters that merely sound like digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Tuple

from engine.nlu.entities.found import Found

ORDER_DIGITS = 12
"""``YYMMDD`` and six more (the brand's order numbers)."""

_SAID = {
    **{char: str(value) for value, char in enumerate("零一二三四五六七八九")},
    **dict(zip("〇○洞幺么壹贰叁肆伍陆柒捌玖两拐勾", "00011" + "123456789" + "279", strict=True)),
}
_HEARD = dict(
    zip(
        "林灵玲儿而耳腰邀姚散是死舞午武刘流留期起妻吧巴爸酒就久",
        "000222111344555666777888999",
        strict=True,
    )
)
"""What recognisers write for a digit; believed only inside a long row of digits."""

_DIGIT = f"0-9{''.join(_SAID)}"
_GAP = r"[ \-_.,，。、~·:：]{0,3}|[ ,，、]?(?:嗯|呃|额|啊|那个|然后|再来)[ ,，、]?"
_ROW = re.compile(f"[{_DIGIT}](?:(?:{_GAP})[{_DIGIT}{''.join(_HEARD)}])*")
_UNIT_AFTER = re.compile(
    r" ?(?:元|块|毛|角|分|折|万|千|百|十|年|月|号|日|天|点|小时|周|星期|岁|度|个|件|单|条|双|台|套|盒|瓶|"
    r"包|袋|只|把|张|本|罐|斤|升|克|毫升|米|厘米|寸|寸|g|kg|ml|l|m|cm|楼|栋|室|路|积分|%|人|次|位)"
)
_TAIL_BEFORE = re.compile(
    r"(?:尾号|后四位|末四位|后4位|末4位|最后四位|手机尾|尾数)(?:号码?)?(?:是|为|:|：| )*$"
)
_NUMBER_BEFORE = re.compile(r"(?:订单|单号|编号|订单号|号码)(?:号码?|编号)?(?:是|为|:|：|叫| )*$")
_MONEY_BEFORE = re.compile(r"[¥$]\s*$")
_PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class _Group:
    """Digits without a gap between them."""

    digits: str
    start: int
    end: int


def read_digits(text: str) -> Iterator[Found]:
    """Find order numbers (whole or not), phone numbers and four-digit tails."""
    for row in _ROW.finditer(text):
        groups = list(_groups(row.group(), row.start()))
        if groups:
            yield from _read_row(text, groups)


def _groups(row: str, offset: int) -> Iterator[_Group]:
    said = sum((char.isdigit() and char.isascii()) or char in _SAID for char in row)
    long = said >= 8
    digits, start, end = "", 0, 0
    for index, char in enumerate(row):
        value = char if char.isascii() and char.isdigit() else _SAID.get(char)
        if value is None and long:
            value = _HEARD.get(char)
        if value is not None and (not digits or index == end):
            start = start if digits else index
            digits, end = digits + value, index + 1
        elif value is not None:
            yield _Group(digits, offset + start, offset + end)
            digits, start, end = value, index, index + 1
    if digits:
        yield _Group(digits, offset + start, offset + end)


def _read_row(text: str, groups: List[_Group]) -> Iterator[Found]:
    index = 0
    while index < len(groups):
        found, used = _take(text, groups[index:])
        if found is not None:
            yield found
        index += used


def _take(text: str, groups: List[_Group]) -> Tuple[Found | None, int]:
    """Read the number that begins with the first group; return it and the groups it took."""
    joined = ""
    sizes = []
    for group in groups:
        joined += group.digits
        sizes.append(len(joined))
    start = groups[0].start

    for length, name in ((ORDER_DIGITS, "order_number"), (11, "phone")):
        if length in sizes:
            used = sizes.index(length) + 1
            digits = joined[:length]
            # 11 digits could be an order number with one missing: a phone looks like a phone.
            if name == "order_number" or (_PHONE.fullmatch(digits) and sizes[-1] == length):
                if name == "order_number" and _PHONE.fullmatch(groups[0].digits):
                    continue
                return Found(name, digits, start, groups[used - 1].end), used
    if _PHONE.fullmatch(groups[0].digits):
        return Found("phone", groups[0].digits, start, groups[0].end), 1

    before = text[:start]
    end = groups[-1].end
    measured = _UNIT_AFTER.match(text, end) is not None or _MONEY_BEFORE.search(before) is not None
    total = sizes[-1]
    named = _NUMBER_BEFORE.search(before) is not None
    if joined.startswith("400") and total == 10:
        return None, len(groups)  # a hotline
    if not measured and (9 <= total <= 20 or (named and 5 <= total <= 20)):
        return Found("order_number_partial", joined, start, end), len(groups)
    if total == 4 and not measured:
        alone = not _letters(text[:start] + text[end:])
        if alone or _TAIL_BEFORE.search(before):
            return Found("phone_tail", joined, start, end), len(groups)
    return None, len(groups) if total < ORDER_DIGITS else 1


def _letters(text: str) -> bool:
    rest = re.sub(r"尾号|后四位|手机号?|号码?|是|的|就是|我|吧|呢|哦|啊", "", text)
    return any(char.isalnum() for char in rest)

"""Amounts of money, quantities of goods, points, and which one of several."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Iterator, Optional

from engine.nlu.entities.found import Found
from engine.nlu.entities.numerals import NUMERAL, numeral

_MONEY = re.compile(
    rf"(?P<sign>[¥$]\s*)(?P<signed>\d+(?:\.\d{{1,2}})?)(?:\s*元)?"
    rf"|(?P<yuan>{NUMERAL})\s*(?:元|块钱|块|rmb)(?P<jiao>[一二三四五六七八九\d](?![\d个件]))?\s*(?:毛|角)?(?:钱)?"
    rf"|(?P<dimes>{NUMERAL})\s*(?:毛|角)(?:钱)?"
)
_POINTS = re.compile(
    rf"({NUMERAL})\s*(?:个)?(?:积分|点积分)|积分\s*({NUMERAL})(?!\d)|({NUMERAL})\s*分(?!钟|之|期|店|别|公司)"
)
_COUNTERS = "件|个|双|条|瓶|盒|台|套|箱|份|支|包|袋|只|把|床|本|罐|对|顶|副|片|提|桶|块|张|单"
_QUANTITY = re.compile(
    rf"(?<![第这那哪几某每各])({NUMERAL})\s*(?:{_COUNTERS})(?!月|小时|钟|工作日|星期|礼拜|人|号|问题|事)"
)
_ORDINAL = re.compile(
    r"第(?P<nth>[一二两三四五六七八九十]|\d{1,2})(?:个|单|件|条|笔|台|双|款|项|种)?"
    r"|(?P<last>最后(?:那|这)?(?:一)?(?:个|单|件|条|笔|款))"
    r"|(?P<latest>(?:最近|最新|刚刚?|刚才)(?:的)?(?:那|这)?(?:一)?(?:个|单|笔|次|张)?(?:订单|单子?|下的?|买的|拍的)?)"
)
_LATEST_NEEDS = re.compile(r"单|买|拍|下的|笔|一个|那个|一次")


def read_money(text: str) -> Iterator[Found]:
    """Find amounts; the value is yuan as text with two decimals."""
    for match in _MONEY.finditer(text):
        amount = _yuan(match)
        if amount is not None:
            yield Found("amount", f"{amount:.2f}", match.start(), match.end())


def _yuan(match: "re.Match[str]") -> Optional[Decimal]:
    if match["signed"]:
        return Decimal(match["signed"])
    if match["dimes"]:
        dimes = numeral(match["dimes"])
        return None if dimes is None else dimes / 10
    yuan = numeral(match["yuan"])
    if yuan is None:
        return None
    dime = numeral(match["jiao"]) if match["jiao"] else Decimal(0)
    return yuan + (dime or Decimal(0)) / 10


def read_points(text: str) -> Iterator[Found]:
    """Find numbers of points; bare 分 counts only where the text speaks of points."""
    about_points = "积分" in text or "兑" in text
    for match in _POINTS.finditer(text):
        if match[3] and not about_points:
            continue
        value = numeral(match[1] or match[2] or match[3])
        if value is not None and value == int(value):
            yield Found("points", int(value), match.start(), match.end())


def read_quantities(text: str) -> Iterator[Found]:
    """Find how many pieces; 一个 counts only when hardly anything else is said."""
    for match in _QUANTITY.finditer(text):
        value = numeral(match[1])
        if value is None or value != int(value) or not 0 < value < 1000:
            continue
        if value == 1 and match[1] == "一" and len(text) > 6:
            continue
        yield Found("quantity", int(value), match.start(), match.end())


def read_ordinals(text: str) -> Iterator[Found]:
    """Find which of several: 1, 2, … from the top, -1 the last, ``latest`` the newest."""
    for match in _ORDINAL.finditer(text):
        if match["nth"]:
            value = numeral(match["nth"])
            if value and not text[match.end() : match.end() + 1] in ("天", "次", "时"):
                yield Found("ordinal", int(value), match.start(), match.end())
        elif match["last"]:
            yield Found("ordinal", -1, match.start(), match.end())
        elif _LATEST_NEEDS.search(match.group()):
            yield Found("ordinal", "latest", match.start(), match.end())

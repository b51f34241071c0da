"""Somebody who does not know what to buy: whom it is for, what they like and what it may cost.

The words of taste are looked for in what the catalogue says of its products; no article is named here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from actions.features import CATEGORIES
from actions.shop.models import Product

LISTED = 4
_NEAR = (60, 120)
"""Percent of the amount that "左右" allows."""
_DIGITS = dict(zip("零一二三四五六七八九两", (*range(10), 2), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000}
_AMOUNT = r"(\d{2,5}|[一二三四五六七八九两十百千]{1,5})"
_MONEY = r"\s*(?:块钱?|元|rmb)?"
_BETWEEN = re.compile(rf"{_AMOUNT}{_MONEY}(?:到|至|-|~|—){_AMOUNT}{_MONEY}")
_WITHIN = re.compile(
    rf"{_AMOUNT}{_MONEY}(?:以内|之内|以下|之下|内|封顶)|(?:不超过|别超过|不要超过|最多|预算|控制在)[是大概在就有只，, ]*{_AMOUNT}"
)
_ABOUT = re.compile(rf"{_AMOUNT}{_MONEY}(?:左右|上下|出头|的样子)")
_FROM = re.compile(rf"{_AMOUNT}{_MONEY}(?:以上|往上|起)")
_LIKES = (
    (r"做饭|下厨|烹饪|厨房|烘焙|美食|[烧做]菜|煮饭", r"锅|煲|料理|多士炉|烤面包|榨汁|水壶|养生壶"),
    (r"喝茶|茶叶|泡茶|品茶|爱茶", r"茶(?!香)|养生壶"),
    (r"咖啡", r"咖啡"),
    (r"运动|健身|跑步|户外|爬山|旅[游行]|出差", r"运动|速干|皮肤衣|防晒|出差|便携|随身"),
    (r"看书|读书|学习|上学|学生|写作业", r"台灯|护眼"),
    (r"干净|打扫|家务|洁癖", r"吸尘|除螨|挂烫"),
    (r"睡|失眠|颈椎|脖子", r"枕|冬被|春秋被|夏凉被|四件套|加湿"),
    (r"怕冷|手冷|脚冷|冬天|保暖|暖和", r"暖|绒(?!哑)|毛毯|羊毛"),
    (r"养生|身体|健康|补身|补品|滋补", r"养生|蜂蜜|燕窝|坚果|燕麦|薏米"),
    (r"上班|办公", r"办公|挂耳|护颈|便携"),
)
_TASTES = tuple((re.compile(said), re.compile(told)) for said, told in _LIKES)
_KINDS = (
    ("美妆个护", re.compile(r"爱美|护肤|化妆|打扮|保养|美容|美妆|彩妆|臭美")),
    ("食品", re.compile(r"吃货|爱吃|嘴馋|零食|吃的|好吃|特产|点心")),
    ("服饰", re.compile(r"穿的|衣服|穿搭|时髦")),
    ("家纺", re.compile(r"床上用品|床品|家纺")),
    ("小家电", re.compile(r"家电|电器|数码")),
)
_FOR_SOMEBODY = re.compile(
    r"送礼|礼物|礼品(?!卡)|送(给|个)?(我|他|她|爸|妈|老|男|女|朋友|长辈|同事|领导|客户|孩子|闺蜜|人|对象|父母|公婆)"
    r"|[给为帮].{1,6}(买|挑|选)[个点件些]|送.{0,3}什么"
)
_BARE = re.compile(rf"(\d{{2,3}}|{_AMOUNT}(?:块钱?|元))[吧的]?")
"""An amount and nothing else: so much at most, where it is known what is talked about."""
_OTHERS = re.compile(
    r"(?:那|还|再|有没有|有(?!没有)|没有|就|我|想|要|看看|推荐|来|给我|帮我|[，, ])*"
    r"(?:别的|其他的?|另外的|换一?[个批些款]|换别的|还有吗|还有呢|还有没有)(?:吗|呢|的|吧|么|没有?|看看|推荐)*[？?。]*"
)


@dataclass(frozen=True)
class Wish:
    """What is known of what somebody looks for."""

    likes: tuple[re.Pattern[str], ...] = ()
    """Words of which one stands in what is told of a fitting product."""
    category: str | None = None
    least: int = 0
    most: int | None = None
    """What it may cost, in yuan."""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return self.named or self.costs

    @property
    def costs(self) -> bool:
        """Whether an amount is known."""
        return bool(self.least or self.most is not None)

    @property
    def named(self) -> bool:
        """Whether more than an amount is known."""
        return bool(self.likes or self.category)


def wish_in(text: str) -> Wish:
    """What a text, or several joined, says of taste and amount; of two amounts the last."""
    least, most = _amounts(unicodedata.normalize("NFKC", text).lower())
    return Wish(
        likes=tuple(told for said, told in _TASTES if said.search(text)),
        category=next((name for name, words in _KINDS if words.search(text)), None)
        or next((name for name, words in CATEGORIES.items() if words.search(text)), None),
        least=least,
        most=most,
    )


def bare_amount(text: str) -> bool:
    """Whether there is nothing but an amount of money ("300块", "500")."""
    return bool(_BARE.fullmatch(unicodedata.normalize("NFKC", text).strip(" 。，")))


def for_somebody(text: str) -> bool:
    """Whether a present is looked for."""
    return bool(_FOR_SOMEBODY.search(text))


def wants_others(text: str) -> bool:
    """Whether others shall be named than those that were ("有别的吗", "换一批")."""
    return bool(_OTHERS.fullmatch(text.strip()))


def fitting(wish: Wish, products: Sequence[Product], beside: Sequence[str] = ()) -> list[Product]:
    """The products that fit a wish, the dearest first; one of each category where only an amount is known.

    Args:
        wish: what is looked for.
        products: all that there are.
        beside: article numbers that were named before.
    """
    found = [p for p in products if p.sku not in beside and _affords(wish, p) and _suits(wish, p)]
    found.sort(key=lambda p: -p.price_fen)
    if wish.named:
        return found[:LISTED]
    first = {p.category: p for p in reversed(found)}
    return sorted(first.values(), key=lambda p: -p.price_fen)[:LISTED]


def _affords(wish: Wish, product: Product) -> bool:
    price = product.price_fen
    return price >= wish.least * 100 and (wish.most is None or price <= wish.most * 100)


def _suits(wish: Wish, product: Product) -> bool:
    told = " ".join((product.title, product.blurb, *product.aliases))
    if wish.likes and not any(words.search(told) for words in wish.likes):
        return False
    return wish.likes != () or wish.category in (None, product.category)


def _amounts(text: str) -> tuple[int, int | None]:
    spans = [(m.end(), *_span(kind, m)) for kind, m in _found(text)]
    _, least, most = max(spans, default=(0, 0, None), key=lambda span: span[0])
    return least, most


def _found(text: str) -> list[tuple[re.Pattern[str], re.Match[str]]]:
    return [(kind, m) for kind in (_BETWEEN, _WITHIN, _ABOUT, _FROM) for m in kind.finditer(text)]


def _span(kind: re.Pattern[str], match: re.Match[str]) -> tuple[int, int | None]:
    numbers = [_number(group) for group in match.groups() if group]
    if kind is _BETWEEN:
        return min(numbers), max(numbers)
    if kind is _ABOUT:
        return numbers[0] * _NEAR[0] // 100, numbers[0] * _NEAR[1] // 100
    return (numbers[0], None) if kind is _FROM else (0, numbers[0])


def _number(written: str) -> int:
    """Read an amount as it is written or said: "500", "三百", "一百五", "两百五十"."""
    if written.isdecimal():
        return int(written)
    total, digit, unit = 0, 0, 10
    for char in written:
        if char in _UNITS:
            unit = _UNITS[char]
            total, digit = total + (digit or 1) * unit, 0
        else:
            digit = _DIGITS[char]
    return total + digit * (unit // 10)  # "一百五" is 150

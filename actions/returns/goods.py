"""Which of an order's goods a customer means, how many of them, and what is said besides their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from actions.dialogue import Message
from actions.orders import short_title
from actions.reading import simplified
from actions.returns.reading import category_in
from actions.shop.models import Order, OrderLine

GOODS = "◇"
"""Stands for the name of goods that was taken out of a text."""

_PACK = re.compile(r"([一二两三四五六七八九十]+[条双件支只片袋瓶包个]装|套装|礼盒|罐装|一对)$")
_IN_A_PACK = re.compile(r"\d+\s*([瓶袋包片枚支条双罐])|[二两三四五六七八九十]([条双支片袋瓶包])装")
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(said), re.compile(title))
    for said, title in (
        (r"(?<!内)裤", r"(?<!内)裤$"),
        (r"内衣|贴身", r"内裤$"),
        (r"衣服|衣裳|上衣|外套", r"(衣|衫|T恤|羽绒服|家居服)$"),
        (r"被子|[床条]被", r"被$"),
        (r"锅", r"[锅煲]$"),
        (r"茶", r"茶|龙井"),
        (r"机器", r"[机仪器炉锅煲壶]$"),
        *((head, head + "$") for head in "鞋袜枕壶杯灯毯裙巾糖米霜膜衫"),
    )
)
"""What goods are called by their kind, and how titles of that kind end."""

_UNIT = "[个件台条套瓶盒袋双只支包床块片罐箱把]"
_PART = re.compile(
    rf"[只就光单][想要能把需]?要?退[这那]?(其中)?的?([一1]{_UNIT}|坏|破|碎|有问题|一半)"
    rf"|退(其中|掉|了)?的?[一1]{_UNIT}|[一1]{_UNIT}(?![都也]).{{0,4}}(坏|好|碎|破|漏|没问题|不行|能用|留)"
    rf"|其中有?的?[一1]{_UNIT}|[坏破碎]的那|好的(那{_UNIT})?我?(不退|留|自己)|一半"
    rf"|[\d一二两三四五六七八九十]{_UNIT}.{{0,3}}[碎坏破漏]了?[\d一二两三四五六七八九十]{_UNIT}"
)
_ALL = re.compile(
    r"(都|全部?|一起|一块儿?|统统)(给我|帮我|要|想|得|给)*(退(?!货?地址)|不想?要(?!退))|全退|整单"
    r"|退(掉|了)?(全部|所有)|^[两二三四几这]?[件个样些款条台]?(都|全部|全都|所有的?)(要|吧|的)?$"
)
_ADDS = re.compile(r"也(要|想|得|给我|帮我|一起)*退|一起退|一块退|还有|顺便|另外")
_JOINS = re.compile(r"[和跟与、]|还有|以及")
_TOGETHER = re.compile(r"[和跟与、]|还有|以及|都|一起|全部|也")


def names_in(message: Message) -> list[str]:
    """The names of goods that the engine found in a message, as they were written."""
    return [simplified(e.text) for e in message.entities if e.name == "product" and e.text]


def besides_goods(text: str, names: Iterable[str], order: Order | None = None) -> str:
    """A text with a mark instead of each name: in "退破壁机" nothing is broken."""
    titles = [core(line) for line in order.lines] if order else []
    for name in sorted({*names, *titles}, key=len, reverse=True):
        if name:
            text = text.replace(name, GOODS)
    return text


def core(line: OrderLine) -> str:
    """A title without size and pack: ``无痕内裤五条装`` → ``无痕内裤``."""
    return _PACK.sub("", short_title(line.title))


def lines_in(order: Order, products: Collection[str], text: str) -> list[OrderLine]:
    """The lines that are named: by article or name, else by how the name begins, else by kind."""
    tails = {line.sku: _tail(core(line), text) for line in order.lines}
    named = [x for x in order.lines if x.sku in products or tails[x.sku]]
    longest = [
        x
        for x in named
        if x.sku in products
        or not any(tails[x.sku] != t and tails[x.sku] in t for t in tails.values())
    ]
    if longest:
        return longest + _besides(order, longest, tails, text)
    begun = [x for x in order.lines if core(x)[:2] in text]
    if begun:
        return begun
    kinds = [ends for said, ends in _KINDS if said.search(text)]
    of_kind = [x for x in order.lines if any(ends.search(core(x)) for ends in kinds)]
    return of_kind or [x for x in order.lines if x.category == category_in(text)]


def _besides(
    order: Order, named: list[OrderLine], tails: dict[str, str], text: str
) -> list[OrderLine]:
    """The lines that are named by their kind beside others ("裤子和内裤")."""
    for line in named:
        text = text.replace(tails[line.sku] or core(line), "")
    if not _JOINS.search(text):
        return []
    kinds = [ends for said, ends in _KINDS if said.search(text)]
    others = [x for x in order.lines if x not in named]
    return [x for x in others if any(ends.search(core(x)) for ends in kinds)]


def _tail(name: str, text: str) -> str:
    """The longest end of a name, of two characters at least, that a text has."""
    return next((name[-n:] for n in range(len(name), 1, -1) if name[-n:] in text), "")


def line_in(order: Order, products: Collection[str], text: str) -> OrderLine | None:
    """The one line that is named, if it is one."""
    named = lines_in(order, products, text)
    return named[0] if len(named) == 1 else None


def wants_all(text: str) -> bool:
    """Whether all of it shall go back ("两件都退"); "线头都开了" says nothing of the kind."""
    return bool(_ALL.search(text.strip("，,。.！!～~ ")))


def wants_several(text: str) -> bool:
    """Whether the goods named are all meant ("牛仔裤和内裤")."""
    return bool(_TOGETHER.search(text))


def adds(text: str) -> bool:
    """Whether further goods shall go back besides ("洗面奶也退")."""
    return bool(_ADDS.search(text))


def wants_part(text: str, line: OrderLine) -> bool:
    """Whether only some pieces of a line shall go back: the back office takes whole lines."""
    if not _PART.search(text):
        return False
    pack = _IN_A_PACK.search(line.title)
    return line.quantity > 1 or bool(pack and (pack[1] or pack[2]) in text)

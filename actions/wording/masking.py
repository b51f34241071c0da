"""Hiding what would identify a person: shown is only what its owner needs to recognise it."""

from __future__ import annotations

import re

_PHONE = re.compile(
    r"(?<![\d*])(?:(?:\+?86[- ]?)?(?P<mobile>1[3-9]\d[- ]?\d{4}[- ]?\d{4})|0\d{2,3}[- ]?\d{7,8})"
    r"(?:(?:转|[-,，]\s?(?=\d{3,4}(?!\d)))\d{1,6})?(?!\d)"
)
"""A mobile or fixed line with its extension. Carriers' hotlines (400…, 95…) are nobody's own."""

_HAN = "一-鿿"
_PERSON = re.compile(
    rf"""
    (?P<role>(?:签收|收件|收货|代收|取件|寄件|联系)人|(?:派件|派送|快递|配送|揽件|揽收|投递|收派|业务)员)
    (?P<sep>\s*(?:[：:【\[（(「]|是|为)\s*|\s+)?+
    # Not a name: who signs for others, or what happened.
    (?!本人|家人|家里|家门|家中|他人|别人|同事|邻居|亲友|前台|物业|门卫|保安|收发|快递|驿站|代收|代放|自提|丰巢
       |菜鸟|单位|公司|超市|小区|门口|是|为|您|已|正|将|会|在|未|无|暂|不|拒|要求|地址|电话|手机|信息|姓名|联系|签|取
       |派|送|揽|收|到|与|和|的|等|于|由|因|改|搬|今|明|昨|上午|下午|重新|再|可|需|请|没|接|多次
       # Nor what a customer complains of: 快递员态度恶劣, 派件员把东西摔了.
       |态度|服务|素质|太|很|真|把|说|骂|打|乱|怎|给|还|都|也|就|又|根本|从来|居然|竟|偷|弄|摔|扔)
    (?P<name>
        [{_HAN}]{{1,4}}?(?:·[{_HAN}]{{1,10}})*
        (?=正在|正|已|将|会|为您|为你|师傅|先生|女士|小姐|同学|电话|手机|联系|签收|感谢|派|配送|送|取|揽|的|[^{_HAN}·]|$)
      | [A-Za-z][A-Za-z.' ]{{0,28}}[A-Za-z.]
      | (?(sep)[{_HAN}]{{2,3}}|(?!))
    )
    """,
    re.VERBOSE,
)
"""A name after the word for its bearer; ``name`` ends where the sentence goes on."""


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


def mask_trace(text: str) -> str:
    """Hide names and phones in what a carrier wrote: ``派件员：张三，13812345678`` → ``派件员：张*，138****5678``.

    A family name alone (``陈师傅``) stays: that much is shown of any name.
    """
    named = _PERSON.sub(lambda m: m["role"] + (m["sep"] or "") + _shown(m["name"]), text)
    return _PHONE.sub(lambda m: mask_phone(m["mobile"] or m[0]), named)


def _shown(name: str) -> str:
    return name if len(name) == 1 else mask_name(name)

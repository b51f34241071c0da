"""The customers without a name in the play: who they are and what they bought, by the dice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from actions.shop.demo.data import ShopData
from actions.shop.models import Address, Product, Tier

_SURNAMES = "李张刘杨黄吴徐朱马胡郭何高罗梁宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁沈"
_GIVEN = "伟芳娜洋艳勇军杰娟涛明超霞平刚玉萍红鹏辉玲凯蕾婕晨雪欣怡嘉豪子轩雨桐梓涵思源浩然若曦佳宁文博诗琪"
_PREFIXES = (
    "131",
    "132",
    "137",
    "138",
    "139",
    "150",
    "152",
    "157",
    "158",
    "177",
    "181",
    "187",
    "189",
)
PLACES = (
    ("上海市徐汇区", "漕溪北路"),
    ("上海市闵行区", "七莘路"),
    ("北京市海淀区", "知春路"),
    ("北京市丰台区", "方庄路"),
    ("天津市和平区", "南京路"),
    ("重庆市渝北区", "龙山大道"),
    ("浙江省杭州市拱墅区", "莫干山路"),
    ("浙江省宁波市鄞州区", "天童北路"),
    ("江苏省苏州市姑苏区", "人民路"),
    ("江苏省南京市建邺区", "江东中路"),
    ("广东省广州市海珠区", "江南大道"),
    ("广东省深圳市宝安区", "新安一路"),
    ("广东省佛山市禅城区", "祖庙路"),
    ("四川省成都市高新区", "天府大道"),
    ("湖北省武汉市武昌区", "中南路"),
    ("湖南省长沙市天心区", "芙蓉中路"),
    ("山东省青岛市崂山区", "海尔路"),
    ("福建省厦门市思明区", "厦禾路"),
    ("陕西省西安市未央区", "凤城五路"),
    ("河南省郑州市金水区", "花园路"),
)
# Tier -> share of customers, span of orders each.
_TIERS = {
    Tier.REGULAR: (60, (1, 5)),
    Tier.SILVER: (25, (3, 8)),
    Tier.GOLD: (11, (5, 10)),
    Tier.DIAMOND: (4, (8, 14)),
}
# Kind of story -> weight, days ago placed (from, to).
_KINDS: dict[str, tuple[int, tuple[float, float]]] = {
    "unpaid": (4, (0.01, 0.9)),
    "paid": (6, (0.05, 1.2)),
    "packed": (4, (1.0, 2.0)),
    "in_transit": (8, (2.0, 4.5)),
    "delivering": (3, (3.0, 5.0)),
    "stuck": (2, (8.0, 14.0)),
    "split": (3, (3.0, 6.0)),
    "signed": (50, (5.0, 400.0)),
    "return_requested": (2, (6.0, 12.0)),
    "returned": (3, (9.0, 14.0)),
    "refunding": (4, (11.0, 17.0)),
    "refunded": (6, (20.0, 300.0)),
    "cancelled": (4, (1.0, 200.0)),
    "cancelled_refunding": (2, (1.0, 2.0)),
}
_HAVE_BEEN_SIGNED = ("signed", "return_requested", "returned", "refunding", "refunded")


@dataclass(frozen=True)
class Stranger:
    """A customer who only makes up the numbers."""

    id: str
    address: Address
    growth: int
    tier: Tier


@dataclass(frozen=True)
class Purchase:
    """An order to be told: days are before now."""

    kind: str
    placed_days: float
    signed_day: date | None
    lines: tuple[tuple[Product, int], ...]
    invoice: str | None


def strangers(
    data: ShopData, first: int, count: int, taken: set[str], rng: random.Random
) -> Iterator[Stranger]:
    """``count`` customers numbered from ``first``; their phones avoid those ``taken``."""
    floors = {tier.tier: tier.growth_from for tier in data.tiers}
    ceilings = dict(zip(floors, [*list(floors.values())[1:], 60_000], strict=True))
    weights = [share for share, _ in _TIERS.values()]
    for number in range(first, first + count):
        tier = rng.choices(list(_TIERS), weights)[0]
        name = rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2))))
        phone = _phone(rng)
        while phone in taken:
            phone = _phone(rng)
        taken.add(phone)
        region, street = rng.choice(PLACES)
        home = f"{street} {rng.randint(1, 999)} 号 {rng.randint(1, 20)} 栋 {rng.randint(101, 2605)}"
        yield Stranger(
            id=f"C{number:06d}",
            address=Address(name=name, phone=phone, region=region, street=home),
            growth=rng.randint(floors[tier], ceilings[tier] - 1),
            tier=tier,
        )


def purchases(data: ShopData, tier: Tier, today: date, rng: random.Random) -> Iterator[Purchase]:
    """What a customer of a tier has bought."""
    for _ in range(rng.randint(*_TIERS[tier][1])):
        kind = rng.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])[0]
        earliest, latest = _KINDS[kind][1]
        # Squared: more orders in recent weeks than a year ago.
        days = earliest + (latest - earliest) * rng.random() ** 2
        signed = None
        if kind in _HAVE_BEEN_SIGNED:
            signed = today - timedelta(days=max(1, int(days) - rng.randint(2, 4)))
        lowest = 2 if kind == "split" else 1
        chosen = rng.sample(data.products, max(lowest, rng.choice((1, 1, 1, 2, 2, 3))))
        yield Purchase(
            kind=kind,
            placed_days=days,
            signed_day=signed,
            lines=tuple((product, rng.choice((1, 1, 1, 2))) for product in chosen),
            invoice=rng.choices((None, "issued", "requested"), (70, 26, 4))[0]
            if kind == "signed"
            else None,
        )


def _phone(rng: random.Random) -> str:
    # Four zeros in the middle: plainly made up, and nobody's number shows behind the mask.
    return f"{rng.choice(_PREFIXES)}0000{rng.randint(0, 9999):04d}"

"""What the demo brand is: catalogue, stores, rules and personas, read from ``data/shop``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.shop.models import (
    Address,
    Product,
    ReturnPolicy,
    Reward,
    Store,
    Tier,
    TierInfo,
)

DATA_FOLDER = Path(__file__).resolve().parents[3] / "data" / "shop"
_FILES = ("catalogue", "stores", "policies", "tiers", "rewards", "personas")


@dataclass(frozen=True)
class NamedOrder:
    """An order that demos and dialogues call by name; days are before the moment of seeding."""

    kind: str
    placed: float
    lines: dict[str, int]
    signed: float | None = None
    invoice: str | None = None
    receiver: Address | None = None


@dataclass(frozen=True)
class Persona:
    """A demo customer with a fixed id and named orders."""

    key: str
    id: str
    name: str
    phone: str
    growth: int
    points: int
    points_expiring: int
    region: str
    street: str
    about: str
    orders: dict[str, NamedOrder] = field(default_factory=dict)

    @property
    def address(self) -> Address:
        """Where this customer's orders go."""
        return Address(name=self.name, phone=self.phone, region=self.region, street=self.street)


@dataclass(frozen=True)
class ShopData:
    """The demo brand; ``digest`` changes with any of its files."""

    products: tuple[Product, ...]
    stores: tuple[Store, ...]
    policies: tuple[ReturnPolicy, ...]
    tiers: tuple[TierInfo, ...]
    points_percent: dict[Tier, int]
    rewards: tuple[Reward, ...]
    personas: tuple[Persona, ...]
    digest: str

    def tier_of(self, growth: int) -> TierInfo:
        """The highest tier that ``growth`` reaches."""
        return [tier for tier in self.tiers if tier.growth_from <= growth][-1]

    def policy_of(self, category: str) -> ReturnPolicy:
        """The return rule of a category.

        Raises:
            KeyError: no such category.
        """
        for policy in self.policies:
            if policy.category == category:
                return policy
        raise KeyError(category)

    def product(self, sku: str) -> Product:
        """A product by its number.

        Raises:
            KeyError: no such product.
        """
        for product in self.products:
            if product.sku == sku:
                return product
        raise KeyError(sku)


@cache
def load_data(folder: Path = DATA_FOLDER) -> ShopData:
    """Read and check the demo brand's files.

    Raises:
        OSError: a file is missing.
        pydantic.ValidationError: a file does not fit the models.
    """
    texts = {name: (folder / f"{name}.yml").read_bytes() for name in _FILES}
    raw: dict[str, list[dict[str, Any]]] = {
        name: yaml.safe_load(text)[_list_key(name)] for name, text in texts.items()
    }
    return ShopData(
        products=tuple(Product.model_validate(item) for item in raw["catalogue"]),
        stores=tuple(Store.model_validate(item) for item in raw["stores"]),
        policies=tuple(ReturnPolicy.model_validate(item) for item in raw["policies"]),
        tiers=tuple(TierInfo.model_validate(item) for item in raw["tiers"]),
        points_percent={Tier(item["tier"]): int(item["points_percent"]) for item in raw["tiers"]},
        rewards=tuple(Reward.model_validate(item) for item in raw["rewards"]),
        personas=tuple(_persona(item) for item in raw["personas"]),
        digest=hashlib.sha256(b"\0".join(texts[name] for name in _FILES)).hexdigest()[:16],
    )


def _list_key(file: str) -> str:
    return "products" if file == "catalogue" else file


def _persona(item: dict[str, Any]) -> Persona:
    orders = {name: _named_order(order) for name, order in item["orders"].items()}
    return Persona(**{**item, "orders": orders})


def _named_order(item: dict[str, Any]) -> NamedOrder:
    receiver = item.get("receiver")
    return NamedOrder(
        **{**item, "receiver": Address.model_validate(receiver) if receiver else None}
    )

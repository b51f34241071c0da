"""The brand's back office, seen through one client protocol with two implementations.

``ShopClient`` is what actions call; ``open_demo_shop`` opens the demo brand (SQLite), ``HttpShop``
asks a real back office under ``docs/shop-api.yaml``. ``actions.shop.models`` is the vocabulary of
all three; ``actions.shop.server`` serves any ShopClient under that contract.
"""

from actions.shop.client import (
    ShopClient,
    ShopError,
    ShopRefused,
    ShopUnavailable,
    ShopUnsure,
)
from actions.shop.demo import DemoShop, open_demo_shop, personas, scenario_orders
from actions.shop.http import HttpShop

__all__ = [
    "DemoShop",
    "HttpShop",
    "ShopClient",
    "ShopError",
    "ShopRefused",
    "ShopUnavailable",
    "ShopUnsure",
    "open_demo_shop",
    "personas",
    "scenario_orders",
]

"""The brand's back office, seen through one client protocol with two implementations.

``ShopClient`` is what actions call; ``open_demo_shop`` opens the demo brand (SQLite). The models
are the vocabulary of both, and of ``docs/shop-api.yaml``.
"""

from actions.shop.client import ShopClient, ShopError, ShopRefused, ShopUnavailable
from actions.shop.demo import DemoShop, open_demo_shop, personas, scenario_orders

__all__ = [
    "DemoShop",
    "ShopClient",
    "ShopError",
    "ShopRefused",
    "ShopUnavailable",
    "open_demo_shop",
    "personas",
    "scenario_orders",
]

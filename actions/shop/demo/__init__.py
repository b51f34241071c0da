"""The demo shop: a fictional brand in a SQLite file, seeded with dates relative to today."""

from actions.shop.demo.data import Persona, load_data
from actions.shop.demo.personas import personas, scenario_orders
from actions.shop.demo.shop import DemoShop, open_demo_shop

__all__ = ["DemoShop", "Persona", "load_data", "open_demo_shop", "personas", "scenario_orders"]

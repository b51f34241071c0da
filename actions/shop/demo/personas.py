"""Names for demo customers and their orders, for dialogues, tools and the demo page."""

from __future__ import annotations

from actions.shop.demo.shop import DemoShop


def personas(shop: DemoShop) -> dict[str, str]:
    """Flat names of a seeded shop.

    ``lin.id``, ``lin.name``, ``lin.phone``, ``lin.tail`` and per named order
    ``lin.in_transit.number``, ``.product`` (title of the first line), ``.sku``, ``.tail`` (the
    member's, which proves the order) and ``.receiver_tail`` (which proves nothing).
    """
    values: dict[str, str] = {}
    phones = {persona.key: persona.phone for persona in shop.data.personas}
    for persona in shop.data.personas:
        values |= {
            f"{persona.key}.id": persona.id,
            f"{persona.key}.name": persona.name,
            f"{persona.key}.phone": persona.phone,
            f"{persona.key}.tail": persona.phone[-4:],
        }
    for (key, name), order in shop.named_orders().items():
        values |= {
            f"{key}.{name}.number": order.number,
            f"{key}.{name}.product": order.lines[0].title,
            f"{key}.{name}.sku": order.lines[0].sku,
            f"{key}.{name}.tail": phones[key][-4:],
            f"{key}.{name}.receiver_tail": order.ship_to.phone[-4:],
        }
    return values


def scenario_orders(shop: DemoShop) -> dict[str, str]:
    """Named orders only: ``lin.in_transit`` → order number."""
    return {f"{key}.{name}": order.number for (key, name), order in shop.named_orders().items()}

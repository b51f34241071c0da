"""Find products by what customers call them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from actions.shop.models import Product


def best_products(products: Sequence[Product], query: str | None) -> list[Product]:
    """Products whose title, alias, category or number matches ``query``, best first.

    No query gives all. A name within the query (有没有加湿器卖) counts like a query within a name.
    """
    wanted = "".join(query.split()).lower() if query else ""
    if not wanted:
        return list(products)
    scored = [(_score(product, wanted), product) for product in products]
    return [product for score, product in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def _score(product: Product, wanted: str) -> float:
    names = _plain((product.title, *product.aliases))
    if wanted in (*names, product.sku.lower()):
        return 4
    within = max((len(name) for name in names if name in wanted), default=0)
    if within >= 2:
        return 3 + within / 100
    if len(wanted) >= 2 and any(wanted in name for name in names):
        return 2
    if product.category in wanted:
        return 1
    return 0


@lru_cache(maxsize=1024)
def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(name.split()).lower() for name in names)

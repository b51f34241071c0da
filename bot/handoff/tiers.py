"""The tier of a verified customer, which the policy asks for in every turn: kept for a while."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime, timedelta

from actions.shop import ShopClient, ShopError
from bot.clock import Clock

log = logging.getLogger(__name__)

KEEP = timedelta(minutes=10)
WITHIN_S = 0.5
"""A turn does not wait longer than this for a tier; the engine works meanwhile."""

_MOST = 10_000


class Tiers:
    """Looks tiers up in the shop.

    Args:
        shop: the brand's back office.
        clock: current time.
    """

    def __init__(self, shop: ShopClient, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock
        self._known: OrderedDict[str, tuple[str | None, datetime]] = OrderedDict()

    async def of(self, shop_customer_id: str | None) -> str | None:
        """The customer's tier (``diamond``, …); None for a stranger, or when the shop is away."""
        if shop_customer_id is None:
            return None
        now = self._clock()
        known = self._known.get(shop_customer_id)
        if known is not None and now - known[1] < KEEP:
            return known[0]
        try:
            async with asyncio.timeout(WITHIN_S):
                member = await self._shop.member(shop_customer_id)
        except (ShopError, TimeoutError):
            log.info("tier unknown: the shop did not answer in time")
            return known[0] if known is not None else None
        tier = member.tier.value if member is not None else None
        self._known[shop_customer_id] = (tier, now)
        self._known.move_to_end(shop_customer_id)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return tier

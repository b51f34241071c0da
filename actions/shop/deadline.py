"""A turn's time for the shop: the engine waits three seconds for an answer, and so must we."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from actions.shop.client import ShopClient, ShopUnavailable, ShopUnsure

Monotonic = Callable[[], float]
"""Seconds that never go back."""

CHANGES = frozenset({"start_return", "cancel_order", "redeem", "request_invoice", "grant_coupon"})


class Deadline:
    """So many seconds from now, for everything that is asked in one turn.

    Args:
        seconds: from the moment of making it.
        monotonic: tells the time.
    """

    def __init__(self, seconds: float, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._until = monotonic() + seconds

    def over(self, shop: ShopClient, changing: Callable[[], None] = lambda: None) -> ShopClient:
        """The same shop, each call within what is left of the time.

        Args:
            shop: the shop.
            changing: called when a change was asked for, whatever came of it.
        """
        return cast(ShopClient, _InTime(shop, self, changing))

    async def hold[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        """Await what ``ask`` begins, within what is left.

        Raises:
            ShopUnavailable: it took longer, or nothing was left and it was not begun.
        """
        left = self._until - self._monotonic()
        if left <= 0:
            raise ShopUnavailable("no time left in this turn")
        try:
            async with asyncio.timeout(left):
                return await ask()
        except TimeoutError:
            raise ShopUnavailable("turn's time is over") from None

    @property
    def passed(self) -> bool:
        """Whether nothing more can be begun."""
        return self._monotonic() >= self._until


class _InTime:
    """Every method of a ShopClient, with a deadline."""

    def __init__(self, shop: ShopClient, deadline: Deadline, changing: Callable[[], None]) -> None:
        self._shop = shop
        self._changing = changing
        self._deadline = deadline

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method: Callable[..., Awaitable[Any]] = getattr(self._shop, name)

        async def in_time(*args: Any, **kwargs: Any) -> Any:
            begun = not self._deadline.passed
            try:
                return await self._deadline.hold(lambda: method(*args, **kwargs))
            except ShopUnavailable as error:
                if name in CHANGES and begun:
                    raise ShopUnsure(name) from error
                raise
            finally:
                if name in CHANGES:
                    self._changing()

        return in_time

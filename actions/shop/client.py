"""The one door through which actions look things up in, and change, the brand's back office."""

from __future__ import annotations

from typing import Protocol

from actions.shop.models import (
    Coupon,
    Invoice,
    Member,
    Order,
    PointsAccount,
    Product,
    Redemption,
    Refund,
    ReturnPolicy,
    ReturnRequest,
    Reward,
    Stock,
    Store,
    TierInfo,
)


class ShopError(Exception):
    """The shop answered, and the answer is no."""


class ShopUnavailable(ShopError):
    """The shop could not be asked just now (down, slow, circuit open): say so, offer a person."""


class ShopUnsure(ShopUnavailable):
    """A change was asked for and no answer came: it may or may not have been done.

    Asking for it again with the same idempotency key is safe.
    """


class ShopRefused(ShopError):
    """The shop refused a change; ``message`` is Chinese and may be shown to the customer."""

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(code)
        self.message = message
        self.code = code


class ShopClient(Protocol):
    """Everything the assistant may ask of a shop.

    Look-ups return None (or an empty list) for what does not exist. Every method raises
    ShopUnavailable when the shop cannot be asked; the methods that change something raise
    ShopRefused when the shop says no, and are idempotent by ``idempotency_key``.
    """

    async def member(self, customer_id: str) -> Member | None:
        """The customer's profile."""
        ...

    async def check_phone_tail(self, order_number: str, last4: str) -> str | None:
        """Customer id of the order if the phone of the member who placed it ends in ``last4``.

        The receiver's phone proves nothing: it stands on the parcel's label beside the order, and
        a proof opens the whole account.
        """
        ...

    async def customer_with_mobile(self, mobile: str) -> str | None:
        """Customer id of the member with this mobile number; proves nothing until a code does."""
        ...

    async def orders(self, customer_id: str, limit: int = 10) -> list[Order]:
        """The customer's orders, newest first."""
        ...

    async def order(self, number: str) -> Order | None:
        """One order by its number; the caller checks whose it is."""
        ...

    async def points(self, customer_id: str) -> PointsAccount | None:
        """Balance and what expires when."""
        ...

    async def rewards(self, max_points: int | None = None) -> list[Reward]:
        """What points can buy, dearest first, optionally only what ``max_points`` can afford."""
        ...

    async def redeem(self, customer_id: str, reward_id: str, idempotency_key: str) -> Redemption:
        """Buy a reward with points."""
        ...

    async def grant_coupon(
        self, customer_id: str, amount_fen: int, reason: str, idempotency_key: str
    ) -> Coupon:
        """Give a customer a coupon to make good for something; who may is the caller's to decide."""
        ...

    async def tiers(self) -> list[TierInfo]:
        """All tiers, lowest first."""
        ...

    async def return_policies(self) -> list[ReturnPolicy]:
        """The return rule of every category."""
        ...

    async def start_return(
        self,
        order_number: str,
        sku: str,
        reason: str,
        idempotency_key: str,
        *,
        opened: bool = False,
        defective: bool = False,
    ) -> ReturnRequest:
        """Ask to send a product back; ``opened`` and ``defective`` are what the customer says."""
        ...

    async def returns(self, order_number: str) -> list[ReturnRequest]:
        """Returns asked for on an order, newest first."""
        ...

    async def cancel_order(self, order_number: str, idempotency_key: str) -> Order:
        """Cancel an order that has not left the warehouse."""
        ...

    async def refund(self, order_number: str) -> Refund | None:
        """Progress of an order's refund; None when there is none."""
        ...

    async def invoice(self, order_number: str) -> Invoice | None:
        """State of an order's invoice; None for an unknown order."""
        ...

    async def request_invoice(
        self, order_number: str, title: str, tax_id: str, email: str, idempotency_key: str
    ) -> Invoice:
        """Ask for an electronic invoice; ``tax_id`` is empty for a person."""
        ...

    async def products(self, query: str | None = None, limit: int = 10) -> list[Product]:
        """Products whose title, alias or category matches, best first."""
        ...

    async def stores(self, city: str | None = None) -> list[Store]:
        """Stores, optionally of one city."""
        ...

    async def stock(self, sku: str, city: str | None = None) -> list[Stock]:
        """Stock of a product per store."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...

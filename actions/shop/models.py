"""What the shop's back office tells us, in one vocabulary for every implementation.

Money is in fen (1/100 yuan), times are aware UTC datetimes, dates are Asia/Shanghai calendar days.
Personal fields (names, phones, streets) arrive in clear and are masked where they are spoken, never here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ShopModel(BaseModel):
    """Immutable wire model; unknown fields from a newer back office are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Tier(StrEnum):
    """Membership tiers, lowest first: 普通, 银卡, 金卡, 钻石."""

    REGULAR = "regular"
    SILVER = "silver"
    GOLD = "gold"
    DIAMOND = "diamond"


class OrderState(StrEnum):
    """Where an order stands as a whole; parcels carry their own state."""

    UNPAID = "unpaid"
    PAID = "paid"
    PACKED = "packed"
    IN_TRANSIT = "in_transit"
    SIGNED = "signed"
    RETURNED = "returned"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class ParcelState(StrEnum):
    """Where one parcel stands."""

    PACKED = "packed"
    IN_TRANSIT = "in_transit"
    STUCK = "stuck"
    DELIVERING = "delivering"
    SIGNED = "signed"
    SENT_BACK = "sent_back"


class TraceEvent(ShopModel):
    """One scan of a parcel."""

    at: datetime
    place: str
    text: str


class Parcel(ShopModel):
    """One package of an order; a split shipment has several."""

    carrier: str
    tracking_number: str
    state: ParcelState
    skus: tuple[str, ...] = ()
    eta: date | None = None
    trace: tuple[TraceEvent, ...] = Field(default=(), description="newest scan first")


class OrderLine(ShopModel):
    """One product of an order."""

    sku: str
    title: str
    category: str
    quantity: int = Field(ge=1)
    unit_price_fen: int = Field(ge=0)


class Address(ShopModel):
    """Where an order goes; personal, mask before showing."""

    name: str
    phone: str
    region: str
    street: str


class Order(ShopModel):
    """One order with everything a customer may ask about it."""

    number: str
    customer_id: str
    state: OrderState
    placed_at: datetime
    paid_at: datetime | None = None
    signed_at: datetime | None = None
    total_fen: int = Field(ge=0)
    lines: tuple[OrderLine, ...]
    parcels: tuple[Parcel, ...] = ()
    ship_to: Address


class Member(ShopModel):
    """One customer of the shop."""

    customer_id: str
    name: str
    phone: str
    tier: Tier
    growth: int = Field(ge=0, description="growth value, what tiers are counted by")
    next_tier: Tier | None = None
    growth_to_next: int = Field(0, ge=0)
    benefits: tuple[str, ...] = ()


class TierInfo(ShopModel):
    """What a tier asks for and gives; public knowledge."""

    tier: Tier
    name: str
    growth_from: int = Field(ge=0)
    benefits: tuple[str, ...]


class ExpiringPoints(ShopModel):
    """Points that lapse at the end of a day."""

    points: int = Field(gt=0)
    on: date


class PointsAccount(ShopModel):
    """A customer's points and when they lapse, soonest first."""

    balance: int = Field(ge=0)
    expiring: tuple[ExpiringPoints, ...] = ()


class Reward(ShopModel):
    """Something points can buy."""

    id: str
    title: str
    points: int = Field(gt=0)


class Redemption(ShopModel):
    """A reward bought with points."""

    number: str
    reward: Reward
    balance_after: int = Field(ge=0)


class Coupon(ShopModel):
    """Money off a later order, given to make good for something."""

    number: str
    customer_id: str
    amount_fen: int = Field(gt=0)
    reason: str
    granted_at: datetime
    valid_until: date


class ReturnPolicy(ShopModel):
    """The rule for one product category (七天无理由 and its exceptions; Consumer Rights Law art. 25)."""

    category: str
    days_unopened: int = Field(ge=0, description="days after signing, goods unopened; 0 = no")
    days_opened: int = Field(ge=0, description="days after signing, goods opened or used; 0 = no")
    days_defective: int = Field(ge=0, description="days after signing for a quality fault")
    freight_note: str
    note: str = ""


class ReturnState(StrEnum):
    """Progress of a return."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    INSPECTED = "inspected"
    REFUNDED = "refunded"
    REJECTED = "rejected"


class ReturnRequest(ShopModel):
    """A return that was asked for."""

    number: str
    order_number: str
    sku: str
    reason: str
    state: ReturnState
    created_at: datetime
    send_by: date | None = None
    instructions: str = ""


class RefundStep(ShopModel):
    """One step of a refund that has happened."""

    at: datetime
    text: str


class Refund(ShopModel):
    """Progress of a refund."""

    order_number: str
    amount_fen: int = Field(ge=0)
    state: OrderState = Field(description="returned, refunding or refunded")
    method: str = Field(description="where the money goes, e.g. 原路退回微信支付")
    expected_on: date | None = None
    steps: tuple[RefundStep, ...] = ()


class InvoiceState(StrEnum):
    """Progress of an invoice."""

    NONE = "none"
    REQUESTED = "requested"
    ISSUED = "issued"


class Invoice(ShopModel):
    """The electronic invoice of an order."""

    order_number: str
    state: InvoiceState
    title: str = ""
    amount_fen: int = Field(0, ge=0)
    issued_at: datetime | None = None
    sent_to: str = Field("", description="e-mail address, personal")


class Product(ShopModel):
    """A product of the catalogue."""

    sku: str
    title: str
    aliases: tuple[str, ...] = ()
    category: str
    price_fen: int = Field(ge=0)
    blurb: str = ""


class Store(ShopModel):
    """A shop that one can walk into."""

    id: str
    name: str
    city: str
    address: str
    hours: str
    phone: str


class Stock(ShopModel):
    """How many of a product a store has."""

    sku: str
    store_id: str
    quantity: int = Field(ge=0)

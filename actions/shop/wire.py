"""The REST back office's wire: what docs/shop-api.yaml adds to the models, for both of its ends."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from actions.shop.models import (
    Order,
    Product,
    ReturnPolicy,
    ReturnRequest,
    Reward,
    ShopModel,
    Stock,
    Store,
    TierInfo,
)

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
"""Customer ids, order numbers, product numbers: safe in a path, never with a slash or a dot."""
TAIL_PATTERN = r"^[0-9]{4}$"
MOBILE_PATTERN = r"^1[3-9]\d{9}$"
KEY_PATTERN = r"^[\x21-\x7E]{8,128}$"
MAX_ITEMS = 50
DEFAULT_ITEMS = 10
MAX_QUERY = 100
MAX_CITY = 20
MAX_REASON = 500
MIN_COUPON_FEN = 100
MAX_COUPON_FEN = 50_000
PROBLEM_TYPE = "application/problem+json"


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an id; what has not cannot exist."""
    return re.fullmatch(ID_PATTERN, text) is not None


def encodable(text: str) -> str:
    """``text`` without what UTF-8 cannot carry: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode()


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


class Problem(ShopModel):
    """Why a request was not fulfilled (RFC 9457), with words that a customer may be shown."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(description="for developers, English", examples=["Conflict"])
    status: int = Field(ge=400, le=599, examples=[409])
    code: str = Field(
        description="stable and machine-readable; see the list at the top",
        examples=["window_passed"],
    )
    message: str = Field(
        description="Chinese, for the customer", examples=["签收已经 10 天，超过了退货时间。"]
    )


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PhoneCheck(_Request):
    """The last four digits of a phone, to be compared with that of the member who ordered."""

    last4: Annotated[str, StringConstraints(pattern=TAIL_PATTERN)] = Field(examples=["5678"])


class MobileCheck(_Request):
    """A whole mobile number."""

    mobile: Annotated[str, StringConstraints(pattern=MOBILE_PATTERN)] = Field(
        examples=["13800005678"]
    )


class PhoneMatch(ShopModel):
    """Whose it is."""

    customer_id: str = Field(examples=["C000001"])


class RedemptionRequest(_Request):
    """Buy a reward with points."""

    reward_id: Id = Field(examples=["R01"])


class CouponBody(_Request):
    """Give a coupon; the assistant has checked that whoever gives it may."""

    amount_fen: int = Field(ge=MIN_COUPON_FEN, le=MAX_COUPON_FEN, examples=[2000])
    reason: str = Field(min_length=1, max_length=MAX_REASON, examples=["包裹延误补偿"])


class ReturnBody(_Request):
    """Send one product of an order back; opened and defective are what the customer says."""

    sku: Id = Field(examples=["FS3004"])
    reason: str = Field(min_length=1, max_length=MAX_REASON, examples=["尺寸不合适"])
    opened: bool = False
    defective: bool = False


class InvoiceBody(_Request):
    """Electronic invoice; ``tax_id`` is empty for a person."""

    title: str = Field(max_length=200, examples=["上海禾沐贸易有限公司"])
    tax_id: str = Field("", max_length=40, examples=["91310115MA1K400000"])
    email: str = Field(max_length=254, examples=["finance@example.com"])


class OrderList(ShopModel):
    """Orders, newest first."""

    items: tuple[Order, ...]


class RewardList(ShopModel):
    """Rewards, dearest first."""

    items: tuple[Reward, ...]


class TierList(ShopModel):
    """Tiers, lowest first."""

    items: tuple[TierInfo, ...]


class PolicyList(ShopModel):
    """The return rule of every category."""

    items: tuple[ReturnPolicy, ...]


class ReturnList(ShopModel):
    """Returns of an order, newest first."""

    items: tuple[ReturnRequest, ...]


class ProductList(ShopModel):
    """Products, best match first."""

    items: tuple[Product, ...]


class StoreList(ShopModel):
    """Stores."""

    items: tuple[Store, ...]


class StockList(ShopModel):
    """Stock of one product per store."""

    items: tuple[Stock, ...]

"""What a customer asks for, apart from the intent: which order, which product, when."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from actions.dialogue.message import Entity, Message
from actions.reading import Period, order_number_in, period_in, says_latest, says_other

_BOUGHT = re.compile(r"买|下单|下的|拍|订|购|付")
_OWN = re.compile(r"我买(的|过)?(的)?(那|这)(个|件|条|双|台|款|床|瓶|盒|套)")
MAX_TEXT = 200
MAX_PRODUCTS = 5


@dataclass
class Request:
    """The hints of one message; small and JSON, so that it survives a question in between."""

    text: str = ""
    order_number: str | None = None
    products: list[str] = field(default_factory=list)
    """Article numbers; several when the words fit several products."""
    start: str | None = None
    end: str | None = None
    latest: bool = False
    other: bool = False
    exclude: str | None = None
    """Order that the customer has just said is the wrong one."""
    choice: str | None = None
    """What a quick reply of ours chose (a reason, a city, a category, a reward …)."""

    @property
    def period(self) -> Period | None:
        """The days asked about."""
        if not self.start or not self.end:
            return None
        return Period(date.fromisoformat(self.start), date.fromisoformat(self.end))

    @property
    def points_at_order(self) -> bool:
        """Whether it says which order is meant."""
        return bool(self.order_number or self.products or self.start or self.latest)

    def as_dict(self) -> dict[str, Any]:
        """JSON form without what is empty."""
        return {k: v for k, v in asdict(self).items() if v}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Request:
        """Read what ``as_dict`` wrote; unknown keys are ignored."""
        known = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        return cls(**known)

    def merged(self, newer: Request) -> Request:
        """This request with everything that ``newer`` says more exactly."""
        data = self.as_dict() | newer.as_dict()
        data["text"] = newer.text or self.text
        return Request.from_dict(data)


def read_request(message: Message, today: date, about: str | None = None) -> Request:
    """Read the hints of a message: the engine's entities first, our own readers after.

    Args:
        message: what was said.
        today: the day in the shop.
        about: the product spoken of last: "我买的那件" is that one.
    """
    period = _period(message.value("date")) or period_in(message.text, today)
    if period and period.start == period.end == today and not _BOUGHT.search(message.text):
        period = None  # "今天能到吗" is not about an order of today
    if not message.values("product") and about and _OWN.search(message.text):
        message = replace(message, entities=(*message.entities, Entity("product", about)))
    choice = message.value("choice")
    return Request(
        text=message.text[:MAX_TEXT],
        order_number=_number(message) or order_number_in(message.text),
        products=[str(value) for value in message.values("product")][:MAX_PRODUCTS],
        start=period.start.isoformat() if period else None,
        end=period.end.isoformat() if period else None,
        latest=says_latest(message.text) or message.value("ordinal") == "latest",
        other=says_other(message.text),
        choice=str(choice) if choice else None,
    )


def _number(message: Message) -> str | None:
    for value in message.values("order_number"):
        digits = "".join(c for c in str(value) if c.isdigit())
        if len(digits) == 12:
            return digits
    return None


def _period(value: Any) -> Period | None:
    """A date entity: an ISO day, or a mapping of two ISO days (``from``/``to``)."""
    try:
        if isinstance(value, dict):
            first = value.get("from") or value.get("start")
            last = value.get("to") or value.get("end") or first
            if not first:
                return None
            return Period(date.fromisoformat(str(first)[:10]), date.fromisoformat(str(last)[:10]))
        if isinstance(value, str):
            start, _, end = value.partition("/")
            first_day = date.fromisoformat(start[:10])
            return Period(first_day, date.fromisoformat(end[:10]) if end else first_day)
    except ValueError:
        return None
    return None

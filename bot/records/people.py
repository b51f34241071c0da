"""One person behind several identities."""

from __future__ import annotations

from typing import Any


def person_of(row: Any) -> str:
    """Who had an episode: the customer whom it proved, else whoever its identity belongs to now.

    ``row`` has ``shop_customer_id`` (proven in the episode), ``linked`` (whom the identity belongs
    to) and ``identity_id``. So an anonymous contact becomes the customer's as soon as the identity is known to be theirs.
    """
    customer = row.shop_customer_id or row.linked
    return f"customer:{customer}" if customer else f"identity:{row.identity_id}"

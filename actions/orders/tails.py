"""Orders named by the end of their number, as we name them ourselves to the ear ("尾号1238那个呢")."""

from __future__ import annotations

import re

from actions.dialogue import Turn
from actions.reading import plain_digits

_TAIL = re.compile(
    r"(?:尾号|[后末]四位|最后四位|末尾)(?:数字?)?(?:是|为)?\s*(\d{4})(?!\d)"
    r"|(?<!\d)(\d{4})的?(?:[那这](?:个|一?单|一?笔|件)|订单|单子|[一这那]单)"
)
_BARE = re.compile(r"(?:订单|单子|[那这是的呢吧啊呀就它要看查了吗]|一?[个单笔件]|[\s，,。？?])*")


async def order_by_tail(turn: Turn, text: str, *, alone: bool = False) -> str | None:
    """The number of the verified speaker's only order whose number ends as the text says.

    Args:
        turn: the turn.
        text: what was said, digits as they are read out included.
        alone: only where the text says nothing else.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    plain = plain_digits(text)
    found = _TAIL.search(plain)
    if found is None or (alone and not _BARE.fullmatch(plain.replace(found[0], "", 1))):
        return None
    tail = found[1] or found[2]
    own = [order.number for order in await turn.orders() if order.number.endswith(tail)]
    return own[0] if len(own) == 1 else None

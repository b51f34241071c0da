"""Takes off cards of orders and goods: 「[订单编号:261109334455，订单金额:419.00] 发票呢」「咨询订单号:261109334455 怎么还没到」.

Apps put them into a message when a customer asks from an order's page. Which order is meant is read from them
(``engine.nlu.entities``); what is wanted of it stands beside them, often in two words that a classifier would not hear.
"""

from __future__ import annotations

import re

_LABEL = "(?:咨询|当前|相关)?(?:订单(?:编?号|id|金额|时间|状态)|(?:下单|付款|交易)时间|商品(?:id|编?号)|(?:快递|运)单号)"
_VALUE = r"[¥￥]?[№0-9][№0-9.:：/\-]*(?: [0-9]{1,2}[:：][0-9:：]+)?"
_FRAMED = rf"[\[【][^\[\]【】]*{_LABEL} *[:：][^\[\]【】]*[\]】]"
_CARD = re.compile(rf"{_FRAMED}|{_LABEL} *[:：] *{_VALUE}", re.IGNORECASE)
_FEWEST = 2
"""Characters that must be left, or the card is the message."""


def blank_cards(text: str) -> str:
    """Return a text of the same length with blanks in place of cards, unless there is nothing else."""
    blanked = _CARD.sub(lambda card: " " * len(card[0]), text)
    return blanked if sum(char.isalnum() for char in blanked) >= _FEWEST else text


def without_cards(text: str) -> str:
    """Return a text, in the form that ``reading`` gives, without cards, unless there is nothing else."""
    blanked = blank_cards(text)
    return text if blanked == text else " ".join(blanked.split()).strip(" ,;:")

"""By which words a text asks or wants something."""

from __future__ import annotations

import re

_QUESTION = (
    "吗|呢|么|嘛|多[少久长重高宽远]|几|什么|啥|怎么|咋|怎样|如何|哪|谁|为什么|为啥|能不能|可不可以|可以不|有没有|是不是|是.+还是|"
    r"没有?(?=$|[,，?？ ])|[^了要用]不$"
)
"""What only a question has, or ends in."""
_WISH = "帮我|给我|我要|我想|请"
_ERRAND = "帮|查|想要|要求|申请|麻烦|退|换|开|改|取消|投诉|转"
"""What the shop is asked to do, as a clause of several names it."""
_asked_in_words = re.compile(_QUESTION)
_asks = re.compile(f"{_QUESTION}|{_WISH}|[?？]")
_may_ask = re.compile(f"{_QUESTION}|{_WISH}|{_ERRAND}|[?？]$")


def asks_in_words(text: str) -> bool:
    """Whether it is a question even without its mark."""
    return _asked_in_words.search(text) is not None


def asks(text: str) -> bool:
    """Whether it is a question or begs for something."""
    return _asks.search(text) is not None


def may_ask(text: str) -> bool:
    """Whether it may be a request of its own: what else names an errand counts, too."""
    return _may_ask.search(text) is not None

"""Customers who write English: the everyday requests are answered in Chinese, the rest is offered a person."""

from __future__ import annotations

import re

from actions.dialogue import Turn

_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_ENGLISH = re.compile(
    r"\b(the|is|are|my|me|you|your|do|does|can|could|i|i'm|want|need|how|what|where|when|why|please|help|to|for|a|an|it|"
    r"order|refund|return|english|speak|not|have|any|this|that)\b",
    re.IGNORECASE,
)
_MEANINGS = (
    ("ask_human", r"\b(human|agent|person|representative|real people|customer service|operator)\b"),
    ("query_refund", r"\brefund|money back\b"),
    ("request_return", r"\breturn|exchange|send (it|this) back\b"),
    ("cancel_order", r"\bcancel\b"),
    ("invoice", r"\binvoice|receipt\b"),
    ("query_points", r"\bpoints?\b"),
    (
        "query_logistics",
        r"\b(where|track|tracking|arrive|arrived|delivery|deliver|package|parcel|shipped)\b",
    ),
    ("store_info", r"\b(store|shop)s?\b"),
    ("query_order", r"\borders?\b"),
)
_COMPILED = tuple((intent, re.compile(words, re.IGNORECASE)) for intent, words in _MEANINGS)


def is_english(text: str) -> bool:
    """Whether a text is English and not pinyin, a number or code."""
    return not _HAN.search(text) and len(_WORD.findall(text)) > 1 and bool(_ENGLISH.search(text))


def english_intent(text: str) -> str | None:
    """The intent of an everyday request in English, whatever the classifier makes of it."""
    if not is_english(text):
        return None
    return next((name for name, words in _COMPILED if words.search(text)), None)


def offer_chinese(turn: Turn) -> bool:
    """Say which language we speak, and offer a person.

    Returns:
        False when the message is not English; nothing was said or changed then.
    """
    if not is_english(turn.message.original):
        return False
    turn.offer_human("utter_chinese_only_offer", "complex_intent")
    return True

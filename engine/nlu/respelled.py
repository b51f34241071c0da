"""Where a message's text is found as it was meant."""

from __future__ import annotations

from typing import List, Tuple

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

SPELLED = "spelled"
"""Message property: the text rightly spelt, set by ``Respeller``."""
MATTER = "matter"
"""Message property: that text without what only leads to it, as the classifiers read it."""
READINGS = "readings"
"""Message property: the matter and what it may have been, with their shares."""


def whole(message: Message) -> str:
    """Return all that was said as it was meant, or as it was typed where nobody looked."""
    return str(message.get(SPELLED) or message.get(TEXT) or "")


def meant(message: Message) -> str:
    """Return what was meant by it; the same without 「你好，请问」."""
    return str(message.get(MATTER) or whole(message))


def readings(message: Message) -> List[Tuple[str, float]]:
    """Return the text as it was meant and what else it may have been; the shares sum to 1."""
    return message.get(READINGS) or [(meant(message), 1.0)]

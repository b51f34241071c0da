"""Where a message's text is found as it was meant."""

from __future__ import annotations

from typing import List, Tuple

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

SPELLED = "spelled"
"""Message property: the text as the classifiers read it, set by ``Respeller``."""
READINGS = "readings"
"""Message property: that text and what it may have been, with their shares, set by ``Respeller``."""


def meant(message: Message) -> str:
    """Return the text as it was meant, or as it was typed where nobody looked."""
    return str(message.get(SPELLED) or message.get(TEXT) or "")


def readings(message: Message) -> List[Tuple[str, float]]:
    """Return the text as it was meant and what else it may have been; the shares sum to 1."""
    return message.get(READINGS) or [(meant(message), 1.0)]

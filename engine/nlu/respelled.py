"""Where a message's text is found as it was meant."""

from __future__ import annotations

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

SPELLED = "spelled"
"""Message property: the text as the classifiers read it, set by ``Respeller``."""


def meant(message: Message) -> str:
    """Return the text as it was meant, or as it was typed where nobody looked."""
    return str(message.get(SPELLED) or message.get(TEXT) or "")

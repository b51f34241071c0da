"""What is said in a conversation, by whoever: its messages, who watches it, how our side speaks.

Turns, handoffs and the desk build on it; it knows of none of them.
"""

from bot.conversations.bus import DESK, Bus, Changed, Nudge
from bot.conversations.files import MAX_BYTES, MAX_FILES, FileStore, StoredFile, attach, placeholder
from bot.conversations.messages import (
    Author,
    Bubble,
    ConversationKey,
    ConversationState,
    MessageView,
    Typing,
    choices,
)
from bot.conversations.speaking import Said, say
from bot.conversations.text import MAX_LENGTH, clean_text
from bot.conversations.views import select_messages, view_of

__all__ = [
    "DESK",
    "MAX_BYTES",
    "MAX_FILES",
    "MAX_LENGTH",
    "Author",
    "Bubble",
    "Bus",
    "Changed",
    "ConversationKey",
    "ConversationState",
    "FileStore",
    "MessageView",
    "Nudge",
    "Said",
    "StoredFile",
    "Typing",
    "attach",
    "choices",
    "clean_text",
    "placeholder",
    "say",
    "select_messages",
    "view_of",
]

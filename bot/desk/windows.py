"""What a platform still lets us send to a customer: one rule a channel, asked when a desk shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.conversations import ConversationKey


@dataclass(frozen=True)
class ReplyWindow:
    """What is left.

    Args:
        text: Chinese, e.g. ``微信 48 小时内还可发 3 条``.
        left: messages that may still be sent; None without a limit.
        until: when the window closes; None without a limit.
    """

    text: str
    left: int | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The wire form of docs/desk.md."""
        until = self.until.isoformat() if self.until else None
        return {"text": self.text, "left": self.left, "until": until}


class ReplyWindows(Protocol):
    """A channel's rule, given by the channel itself."""

    async def window(self, key: ConversationKey) -> ReplyWindow | None:
        """What may still be sent into a conversation; None when nothing limits it."""
        ...


class Windows:
    """The rules of all channels; a channel without one (the web chat) has no limit.

    Args:
        rules: by channel name.
    """

    def __init__(self, rules: Mapping[str, ReplyWindows] | None = None) -> None:
        self._rules = dict(rules or {})

    async def of(self, key: ConversationKey) -> ReplyWindow | None:
        """See ReplyWindows."""
        rule = self._rules.get(key.channel)
        return await rule.window(key) if rule is not None else None

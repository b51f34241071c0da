"""How many customer-service messages may be sent to whom, and until when.

Source: developers.weixin.qq.com, "客服消息介绍": a message of the user gives 5 for 48 hours; a
menu tap, following and scanning give 3 for one minute each. A new action renews its own kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from tests.fakes.wechat_platform.messages import Grant

NO_WINDOW = 45015
USED_UP = 45047
TYPING_WITHIN = timedelta(seconds=30)
TYPING_LASTS = timedelta(seconds=15)
"""Our assumption: the documentation says only that it must not be repeated while it shows."""

_RULES = {
    "message": (5, timedelta(hours=48)),
    "menu": (3, timedelta(minutes=1)),
    "subscribe": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}


@dataclass
class _Right:
    left: int
    until: datetime


class Quota:
    """The rights of one account towards its users."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rights: dict[str, dict[Grant, _Right]] = {}
        self._last: dict[str, datetime] = {}
        self._typing: dict[str, datetime] = {}

    def acted(self, user: str, grant: Grant | None) -> None:
        """The user did something."""
        now = self._clock()
        if grant is None:
            return
        left, life = _RULES[grant]
        self._rights.setdefault(user, {})[grant] = _Right(left, now + life)
        if grant == "message":
            self._last[user] = now

    def left(self, user: str) -> int:
        """Messages that may still be sent."""
        return sum(right.left for right in self._open(user))

    def spend(self, user: str) -> int:
        """Use one; 0, or the error code."""
        rights = self._open(user)
        if not rights:
            return NO_WINDOW
        usable = [right for right in rights if right.left]
        if not usable:
            return USED_UP
        min(usable, key=lambda right: right.until).left -= 1
        self._typing.pop(user, None)
        return 0

    def type(self, user: str, command: str) -> int:
        """Show or hide 「对方正在输入」; 0, or the error code."""
        now = self._clock()
        if command == "CancelTyping":
            self._typing.pop(user, None)
            return 0
        if command != "Typing":
            return 45072
        last = self._last.get(user)
        if last is None or now - last > TYPING_WITHIN:
            return 45080
        shown = self._typing.get(user)
        if shown is not None and now < shown:
            return 45081
        self._typing[user] = now + TYPING_LASTS
        return 0

    def left_the_account(self, user: str) -> None:
        """Unsubscribing ends every right."""
        self._rights.pop(user, None)
        self._last.pop(user, None)

    def _open(self, user: str) -> list[_Right]:
        now = self._clock()
        return [right for right in self._rights.get(user, {}).values() if now < right.until]

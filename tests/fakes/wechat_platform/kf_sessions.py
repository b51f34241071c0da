"""Conversations of 微信客服: their states, who may write when, codes for welcome and farewell.

States: 0 new, 1 assistant, 2 queue, 3 person, 4 ended. Sources: developer.work.weixin.qq.com 94669,
94677 (messages may be sent in states 0 and 1, five within 48 hours after the customer's last),
95122 (a welcome code lasts 20 s and works once).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

NEW, ASSISTANT, QUEUE, PERSON, ENDED = range(5)
_MAY_BECOME = {
    NEW: {ASSISTANT, QUEUE, PERSON, ENDED},
    ASSISTANT: {ASSISTANT, QUEUE, PERSON, ENDED},
    QUEUE: {QUEUE, PERSON, ENDED},
    PERSON: {PERSON, ENDED},
    ENDED: set(),
}
WINDOW = timedelta(hours=48)
MESSAGES = 5
CODE_LASTS = timedelta(seconds=20)
QUEUE_CODE_LASTS = timedelta(hours=48)

TOO_MANY = 95001
NOT_ALLOWED = 95016
WRONG_STATE = 95018


@dataclass
class _Session:
    state: int = ENDED
    servicer: str = ""
    left: int = 0
    wrote: datetime | None = None
    welcomed: datetime | None = None


class Sessions:
    """All conversations of one account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._codes: dict[str, tuple[str, datetime]] = {}

    def meet(self, user: str) -> None:
        """The account knows this customer from now on."""
        self._sessions.setdefault(user, _Session())

    def known(self, user: str) -> bool:
        """Whether the customer ever came."""
        return user in self._sessions

    def customer_wrote(self, user: str) -> None:
        """A message: an ended conversation begins anew, and five answers may be sent."""
        session = self._sessions[user]
        session.wrote, session.left = self._clock(), MESSAGES
        if session.state == ENDED:
            session.state = NEW

    def welcome(self, user: str) -> str:
        """A code for a welcome, unless greeted or spoken to within 48 hours."""
        self.meet(user)
        session, now = self._sessions[user], self._clock()
        recent = [at for at in (session.welcomed, session.wrote) if at is not None]
        if any(now - at < WINDOW for at in recent):
            return ""
        session.welcomed = now
        return self._code(user, CODE_LASTS)

    def redeem(self, code: str) -> str | None:
        """The customer whom a code is for; a code works once."""
        user, until = self._codes.pop(code, ("", self._clock()))
        return user if user and self._clock() <= until else None

    def spend(self, user: str) -> int:
        """Send a message; 0, or the error code."""
        session = self._sessions[user]
        if session.state not in (NEW, ASSISTANT):
            return WRONG_STATE
        if session.wrote is None or self._clock() - session.wrote > WINDOW or not session.left:
            return TOO_MANY
        session.left -= 1
        return 0

    def state(self, user: str) -> tuple[int, str]:
        """State and, in 3, the person's id."""
        session = self._sessions.get(user, _Session())
        return session.state, session.servicer if session.state == PERSON else ""

    def change(self, user: str, wanted: object, servicer: str = "") -> tuple[int, str]:
        """Error code (0 if done), and the code for one message about the change."""
        session = self._sessions.get(user)
        if session is None:
            return 40003, ""
        if not isinstance(wanted, int) or wanted not in _MAY_BECOME[session.state]:
            return NOT_ALLOWED, ""
        if wanted == PERSON and not servicer:
            return NOT_ALLOWED, ""
        session.state, session.servicer = wanted, servicer
        if wanted == ENDED:
            return 0, self._code(user, CODE_LASTS)
        return 0, self._code(user, QUEUE_CODE_LASTS) if wanted in (QUEUE, PERSON) else ""

    def _code(self, user: str, life: timedelta) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = (user, self._clock() + life)
        return code

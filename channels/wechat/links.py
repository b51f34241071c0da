"""Signed links to our own pages: what they open, for whom and until when is in the link itself."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock

TRACE_LIFE = timedelta(hours=24)
BIND_LIFE = timedelta(minutes=15)
"""Short: whoever opens the link and proves an order binds it to the chat it was sent to."""

MAX_TOKEN = 512


class Links:
    """Makes and reads the tokens of one kind of page.

    Args:
        session_key: the service's secret; each purpose has a key of its own derived from it.
        purpose: of the page, so that a token of one page opens no other.
        life: how long a link holds.
        clock: current time.
    """

    def __init__(self, session_key: str, purpose: str, life: timedelta, clock: Clock) -> None:
        self._key = hmac.digest(session_key.encode(), f"yingda link {purpose} 1".encode(), "sha256")
        self._life = life
        self._clock = clock

    def make(self, **claims: str) -> str:
        """A token that says this until its time is up."""
        expires = int((self._clock() + self._life).timestamp())
        body = _encode(
            json.dumps([expires, claims], ensure_ascii=False, separators=(",", ":")).encode()
        )
        return f"{body}.{self._mac(body)}"

    def read(self, token: str) -> dict[str, str] | None:
        """What a token says; None if it is not ours, or over."""
        body, _, mac = token.partition(".")
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        if not hmac.compare_digest(self._mac(body), mac):
            return None
        expires, claims = json.loads(_decode(body))
        return dict(claims) if self._clock() < _moment(expires, self._clock()) else None

    def _mac(self, body: str) -> str:
        return _encode(hmac.digest(self._key, body.encode(), "sha256")[:18])


def _moment(expires: Any, now: datetime) -> datetime:
    return datetime.fromtimestamp(int(expires), now.tzinfo)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Who a chat visitor is: session tokens that we sign, and user tokens that the app's back end signs.

A user token is ``kid.base64url(user_id).expiry_unix.hex(hmac_sha256(key[kid], <the part before the
last dot>))``. A session token is opaque to clients and signed with a key of its own. A verified
session ends when the user token that made it ends: log-ins are never prolonged by us.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.turn import ConversationKey
from channels.app_chat.errors import (
    SessionExpired,
    SessionInvalid,
    UserTokenExpired,
    UserTokenInvalid,
)

CHANNEL = "app_chat"
MAX_TOKEN_LENGTH = 1024
MAX_USER_ID_LENGTH = 64
SESSION_LIFE = timedelta(days=30)
"""An anonymous visitor who comes back within this time finds the conversation again."""

_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EXPIRY = re.compile(r"[0-9]{1,12}")
_VISITOR = re.compile(r"[0-9a-f]{32}")
_SESSION_VERSION = "s1"
_FAR = 253_370_764_800  # the year 9999, which datetime still knows


@dataclass(frozen=True)
class Visitor:
    """Somebody at the chat: always a visitor id, and a user id if an app vouches for it."""

    visitor_id: str
    expires_at: datetime
    user_id: str | None = None

    @property
    def verified(self) -> bool:
        """Whether an app's signature vouches for the user."""
        return self.user_id is not None

    @property
    def identity(self) -> str:
        """The word for it on the wire."""
        return "verified" if self.verified else "anonymous"

    @property
    def conversation(self) -> ConversationKey:
        """Whose history this is: the user's on any device, or this anonymous visitor's alone."""
        owner = f"user:{self.user_id}" if self.verified else f"visitor:{self.visitor_id}"
        return ConversationKey(CHANNEL, owner)


@dataclass(frozen=True)
class UserClaim:
    """What a valid user token says."""

    user_id: str
    expires_at: datetime


def sign_user_token(kid: str, key: str, user_id: str, expires_at: datetime) -> str:
    """Make a user token, as an app's back end does (the demo page and tests use it)."""
    encoded = base64.urlsafe_b64encode(user_id.encode()).decode().rstrip("=")
    signed = f"{kid}.{encoded}.{int(expires_at.timestamp())}"
    return f"{signed}.{_user_mac(key, signed)}"


def verify_user_token(token: str, keys: Mapping[str, str], now: datetime) -> UserClaim:
    """Check a user token against the app keys.

    Raises:
        UserTokenInvalid: malformed, unknown key id, or wrong signature.
        UserTokenExpired: the signature is right and its time is up.
    """
    parts = token.split(".")
    if len(token) > MAX_TOKEN_LENGTH or len(parts) != 4:
        raise UserTokenInvalid
    kid, encoded, expiry, mac = parts
    if not _KID.fullmatch(kid) or not _EXPIRY.fullmatch(expiry) or not mac.isascii():
        raise UserTokenInvalid
    # An unknown key id costs the same time as a known one.
    key = keys.get(kid, "")
    right = hmac.compare_digest(_user_mac(key, token.rpartition(".")[0]), mac.lower())
    if not right or not key:
        raise UserTokenInvalid
    try:
        user_id = _decode(encoded).decode()
    except (binascii.Error, ValueError):
        raise UserTokenInvalid from None
    if not 0 < len(user_id) <= MAX_USER_ID_LENGTH or not user_id.isprintable():
        raise UserTokenInvalid
    expires_at = datetime.fromtimestamp(min(int(expiry), _FAR), UTC)
    if now >= expires_at:
        raise UserTokenExpired
    return UserClaim(user_id, expires_at)


class Sessions:
    """Issues and checks session tokens, and decides whose conversation a request is about."""

    def __init__(self, session_key: str, app_keys: Mapping[str, str], clock: Clock) -> None:
        # A key derived for this one use: the same secret may sign other things elsewhere.
        self._key = hmac.digest(session_key.encode(), b"yingda app_chat session s1", "sha256")
        self._app_keys = dict(app_keys)
        self._clock = clock

    def open(self, session: str | None, user_token: str | None) -> Visitor:
        """The visitor behind an old session (if any) and a user token (if signed in).

        The answer is verified only with a user token: a page without one has nobody signed in,
        so an old verified session then falls back to its anonymous visitor.

        Raises:
            TokenRefused: either token does not hold.
        """
        now = self._clock()
        visitor_id = self.read(session).visitor_id if session else secrets.token_hex(16)
        if user_token:
            claim = verify_user_token(user_token, self._app_keys, now)
            return Visitor(visitor_id, min(claim.expires_at, now + SESSION_LIFE), claim.user_id)
        return Visitor(visitor_id, now + SESSION_LIFE)

    def issue(self, visitor: Visitor) -> str:
        """The token that stands for this visitor until ``expires_at``."""
        claims = {
            "v": visitor.visitor_id,
            "u": visitor.user_id,
            "x": int(visitor.expires_at.timestamp()),
        }
        body = _encode(json.dumps(claims, separators=(",", ":")).encode())
        return f"{_SESSION_VERSION}.{body}.{self._mac(body)}"

    def read(self, token: str) -> Visitor:
        """The visitor a session token stands for.

        Raises:
            SessionInvalid: not issued by us.
            SessionExpired: issued by us, and its time is up.
        """
        version, _, rest = token.partition(".")
        body, _, mac = rest.partition(".")
        if len(token) > MAX_TOKEN_LENGTH or version != _SESSION_VERSION or not mac.isascii():
            raise SessionInvalid
        if not body.isascii() or not hmac.compare_digest(self._mac(body), mac):
            raise SessionInvalid
        claims: dict[str, Any] = json.loads(_decode(body))
        expires_at = datetime.fromtimestamp(claims["x"], UTC)
        if not _VISITOR.fullmatch(claims["v"]):
            raise SessionInvalid
        if self._clock() >= expires_at:
            raise SessionExpired
        return Visitor(claims["v"], expires_at, claims["u"])

    def _mac(self, body: str) -> str:
        signed = f"{_SESSION_VERSION}.{body}".encode()
        return _encode(hmac.digest(self._key, signed, "sha256"))


def public_id(key: ConversationKey) -> str:
    """An opaque id by which a page notices that it now shows another conversation."""
    return hashlib.sha256(str(key).encode()).hexdigest()[:16]


def _user_mac(key: str, signed: str) -> str:
    return hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    """Decode base64url with or without padding.

    Raises:
        binascii.Error: not base64url.
    """
    bare = text.rstrip("=")
    standard = bare.replace("-", "+").replace("_", "/")
    return base64.b64decode(standard + "=" * (-len(bare) % 4), validate=True)

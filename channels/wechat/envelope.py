"""Whether a request is WeChat's, and what is in it: signatures, freshness, plain and AES bodies.

wechatpy decrypts and encrypts. The checks are ours: wechatpy compares signatures with ``!=``, takes
any timestamp, and raises whatever comes to odd input.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wechatpy.crypto import PrpCrypto, WeChatCrypto

from bot.clock import Clock
from channels.wechat import xml
from channels.wechat.errors import Refused

MAX_BODY = 64 * 1024
"""WeChat's own messages stay below 10 KB."""

FRESH = timedelta(minutes=5)
"""How far a request's time may be from ours; WeChat repeats a request within 15 s."""

REMEMBERED = 20_000
"""Signatures of plain requests remembered; more than arrive within twice FRESH."""

_NUMBER = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Keys:
    """What an account shares with the platform; ``receiver`` is the AppID or CorpID."""

    receiver: str
    token: str
    aes_key: str | None
    mode: str


@dataclass(frozen=True)
class Opened:
    """A request that is the platform's; the answer is to be encrypted if it was."""

    body: bytes
    encrypted: bool


class Envelope:
    """Opens requests of one account and closes answers to it.

    Args:
        keys: the account's.
        clock: current time.
    """

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._crypto = (
            WeChatCrypto(keys.token, keys.aes_key, keys.receiver) if keys.aes_key else None
        )
        self._seen: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def verify_url(self, query: Mapping[str, str]) -> str:
        """What to answer when the platform checks the URL.

        Raises:
            Refused: not the platform's.
        """
        echo = query.get("echostr", "")
        if "msg_signature" in query and "signature" not in query:
            # 企业微信 encrypts the echo string and signs it too.
            self._check(query, "msg_signature", echo)
            return self._decrypt(echo).decode("utf-8", "replace")
        self._check(query, "signature")
        if not _NONCE.fullmatch(echo):
            raise Refused(400, "echostr is missing")
        return echo

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """The message inside a request.

        An account in safe or compatible mode takes only what is encrypted, since the plain
        signature says nothing of the body.

        Raises:
            Refused: not the platform's, too old, replayed with another body, or unreadable.
        """
        if self._keys.mode == "plain" and "msg_signature" not in query:
            self._check(query, "signature")
            self._once(query["signature"], body)
            return Opened(body, encrypted=False)
        if self._crypto is None:
            raise Refused(400, "this account takes no encrypted messages")
        # Freshness first: it is cheap, and the signature covers it.
        self._check_time(query)
        try:
            sealed = xml.parse(body).get("Encrypt")
        except xml.BadXml as error:
            raise Refused(400, str(error)) from error
        if not isinstance(sealed, str) or not sealed.isascii():
            raise Refused(400, "nothing encrypted inside")
        self._check(query, "msg_signature", sealed)
        return Opened(self._decrypt(sealed), encrypted=True)

    def close(self, answer: str, opened: Opened) -> str:
        """The answer as it goes over the wire."""
        if not opened.encrypted or self._crypto is None:
            return answer
        now = str(int(self._clock().timestamp()))
        sealed: str = self._crypto.encrypt_message(answer, secrets.token_hex(8), now)
        return sealed

    def _check(self, query: Mapping[str, str], name: str, *signed: str) -> None:
        self._check_time(query)
        nonce = query.get("nonce", "")
        if not _NONCE.fullmatch(nonce):
            raise Refused(400, "nonce is missing")
        parts = sorted([self._keys.token, query["timestamp"], nonce, *signed])
        # The platform's algorithm, keyed by the token among the parts.
        right = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324
        given = query.get(name, "")
        if not given.isascii() or not hmac.compare_digest(right, given.lower()):
            raise Refused(403, "the signature is wrong")

    def _check_time(self, query: Mapping[str, str]) -> None:
        timestamp = query.get("timestamp", "")
        if not _NUMBER.fullmatch(timestamp):
            raise Refused(400, "timestamp is missing")
        if abs(self._clock().timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise Refused(403, "the request is not of this time")

    def _once(self, signature: str, body: bytes) -> None:
        """A plain signature covers no body: the same one with another body is a forgery."""
        now = self._clock()
        while self._seen:
            oldest, (_, at) = next(iter(self._seen.items()))
            if now - at <= 2 * FRESH and len(self._seen) < REMEMBERED:
                break
            del self._seen[oldest]
        digest = hashlib.sha256(body).hexdigest()
        if self._seen.setdefault(signature.lower(), (digest, now))[0] != digest:
            raise Refused(403, "a signature was used twice")

    def _decrypt(self, sealed: str) -> bytes:
        if self._crypto is None:
            raise Refused(400, "this account takes no encrypted messages")
        try:
            opened: Any = PrpCrypto(self._crypto.key).decrypt(sealed, self._keys.receiver)
        except Exception as error:
            # Whatever wechatpy makes of it (binascii, struct, index, Unicode, InvalidAppId).
            raise Refused(403, "it cannot be decrypted for this account") from error
        return str(opened).encode("utf-8", "replace")

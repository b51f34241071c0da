"""Codes that prove a mobile number: made, sent by whoever the brand pays for it, checked once."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import Protocol

import httpx
from sqlalchemy import Connection, func, insert, select, update

from bot.privacy import mask_mobiles
from bot.records.tables import phone_codes

log = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=5)
TRIES = 3
SENT_PER_CALL = 2
SENT_PER_MOBILE = 5
SEND_TIMEOUT_S = 5.0


class CodeNotSent(Exception):
    """The code could not be sent."""


class CodeSender(Protocol):
    """Sends a short message; a brand's provider behind a few lines."""

    async def send(self, mobile: str, code: str) -> None:
        """Send.

        Raises:
            CodeNotSent: it could not be sent.
        """
        ...


class DemoSender:
    """For the demo: nothing leaves the machine, the code stands in the service's log."""

    async def send(self, mobile: str, code: str) -> None:
        """Log it, the number masked."""
        log.warning("DEMO: code %s for %s", code, mask_mobiles(mobile))


class HttpSender:
    """Posts ``{"mobile", "code", "minutes"}`` to an address of the brand's, with a bearer token.

    Args:
        url: where to.
        token: what we show there.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    async def send(self, mobile: str, code: str) -> None:
        """Post it once: a second message with the same code would only confuse."""
        body = {"mobile": mobile, "code": code, "minutes": int(VALID_FOR.total_seconds() // 60)}
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with httpx.AsyncClient(timeout=SEND_TIMEOUT_S) as client:
                response = await client.post(self._url, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise CodeNotSent(type(error).__name__) from error
        if response.status_code >= 300:
            raise CodeNotSent(f"HTTP {response.status_code}")


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def digest(key: str, text: str) -> str:
    """What is stored instead of a code or a number."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def store(
    tx: Connection,
    key: str,
    call_id: str,
    mobile: str,
    code: str,
    customer: str | None,
    now: datetime,
) -> bool:
    """Keep a code to be checked; False where too many were asked for."""
    mobile_hash = digest(key, mobile)
    before = tx.execute(
        select(phone_codes).where(phone_codes.c.call_id == call_id).with_for_update()
    ).one_or_none()
    recent = tx.execute(
        select(func.coalesce(func.sum(phone_codes.c.sent), 0))
        .where(phone_codes.c.mobile_hash == mobile_hash)
        .where(phone_codes.c.expires_at > now - timedelta(hours=1))
    ).scalar_one()
    sent = before.sent if before is not None else 0
    if sent >= SENT_PER_CALL or recent >= SENT_PER_MOBILE:
        return False
    values = {
        "mobile_hash": mobile_hash,
        "shop_customer_id": customer,
        "code_hash": digest(key, f"{call_id} {code}"),
        "tries": before.tries if before is not None else 0,
        "sent": sent + 1,
        "expires_at": now + VALID_FOR,
    }
    if before is None:
        tx.execute(insert(phone_codes).values(call_id=call_id, **values))
    else:
        tx.execute(update(phone_codes).where(phone_codes.c.call_id == call_id).values(**values))
    return True


def check(
    tx: Connection, key: str, call_id: str, code: str, now: datetime
) -> tuple[str, str | None]:
    """``ok`` with the customer it proves, ``wrong``, or ``locked`` after TRIES in a call."""
    row = tx.execute(
        select(phone_codes).where(phone_codes.c.call_id == call_id).with_for_update()
    ).one_or_none()
    if row is None or row.tries >= TRIES:
        return "locked", None
    right = hmac.compare_digest(row.code_hash, digest(key, f"{call_id} {code}"))
    if right and now < row.expires_at and row.shop_customer_id is not None:
        tx.execute(
            update(phone_codes)
            .where(phone_codes.c.call_id == call_id)
            .values(code_hash="", tries=TRIES)
        )
        return "ok", str(row.shop_customer_id)
    tries = row.tries + 1
    tx.execute(update(phone_codes).where(phone_codes.c.call_id == call_id).values(tries=tries))
    return ("locked" if tries >= TRIES else "wrong"), None

"""Telling an outside desk of handoffs: signed, at least once, in order for each handoff.

The body is ``{"id", "kind", "at", "packet"}`` with kind ``handoff.opened`` or ``handoff.closed``;
``id`` is the same in every try. The header ``X-Yingda-Signature`` is ``sha256=`` and the hex
HMAC-SHA256, keyed by the shared secret, of ``X-Yingda-Timestamp`` (Unix seconds), a dot, and the body.
Any 2xx is success; everything else is tried again with growing pauses, and ends in the dead letter.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from sqlalchemy import Connection, and_, exists, select, update

from bot.clock import Clock
from bot.handoff.packing import UNBUILT
from bot.records import Database
from bot.records.tables import handoffs, webhook_deliveries

log = logging.getLogger(__name__)

BACKOFF_S = (2, 5, 15, 60, 300, 900, 3600)
"""Pauses before the next tries; after the last one the delivery is dead."""

WITHIN_S = 5.0
"""How long an outside desk may take to answer."""

SENDING_LEASE = timedelta(seconds=30)
BATCH = 20


@dataclass(frozen=True)
class _Delivery:
    id: int
    event_id: str
    body: bytes
    attempts: int


class Webhook:
    """Delivers what is due.

    Args:
        database: where deliveries wait.
        clock: current time.
        url: of the outside desk.
        secret: shared with it.
    """

    def __init__(self, database: Database, clock: Clock, url: str, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._url = url
        self._secret = secret.encode()
        self._session: aiohttp.ClientSession | None = None

    async def run_once(self) -> int:
        """Deliver what is due now; returns how many deliveries were tried.

        Raises:
            DatabaseUnavailable: deliveries cannot be read or marked; they are tried again later.
        """
        due = await self._database.write(self._claim)
        await asyncio.gather(*(self._deliver(delivery) for delivery in due))
        return len(due)

    async def close(self) -> None:
        """Release connections."""
        if self._session is not None:
            await self._session.close()

    async def _deliver(self, delivery: _Delivery) -> None:
        error = await self._post(delivery)
        values: dict[str, Any] = {"status": "sent", "error": None}
        if error is not None:
            attempts = delivery.attempts + 1
            values = {"attempts": attempts, "error": error[:64]}
            if attempts > len(BACKOFF_S):
                log.error("outside desk unreachable", extra={"event": delivery.event_id})
                values["status"] = "dead"
            else:
                pause = timedelta(seconds=BACKOFF_S[attempts - 1])
                values |= {"status": "waiting", "next_at": self._clock() + pause}
        done = update(webhook_deliveries).where(webhook_deliveries.c.id == delivery.id)
        await self._database.write(lambda tx: tx.execute(done.values(**values)))

    async def _post(self, delivery: _Delivery) -> str | None:
        """Send it once; the error, or None."""
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Yingda-Timestamp": timestamp,
            "X-Yingda-Signature": sign(self._secret, timestamp, delivery.body),
        }
        if self._session is None:
            timeout = aiohttp.ClientTimeout(WITHIN_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with self._session.post(
                self._url, data=delivery.body, headers=headers, allow_redirects=False
            ) as response:
                return None if 200 <= response.status < 300 else f"status_{response.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return type(error).__name__

    def _claim(self, tx: Connection) -> list[_Delivery]:
        now = self._clock()
        earlier = webhook_deliveries.alias("earlier")
        held_back = exists().where(
            and_(
                earlier.c.handoff_id == webhook_deliveries.c.handoff_id,
                earlier.c.id < webhook_deliveries.c.id,
                earlier.c.status.in_(("waiting", "sending")),
            )
        )
        rows = tx.execute(
            select(webhook_deliveries, handoffs.c.packet)
            .join(handoffs, handoffs.c.id == webhook_deliveries.c.handoff_id)
            .where(webhook_deliveries.c.status.in_(("waiting", "sending")))
            .where(webhook_deliveries.c.next_at <= now, ~held_back)
            # The packet is what it is about; a handoff that ended before it was built has none.
            .where((handoffs.c.packet_version != UNBUILT) | handoffs.c.closed_at.is_not(None))
            .order_by(webhook_deliveries.c.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=webhook_deliveries)
        ).all()
        claimed = []
        for row in rows:
            body = row.body or json.dumps(
                {
                    "id": row.event_id,
                    "kind": row.kind,
                    "at": now.isoformat(),
                    "packet": row.packet or {"handoff": row.handoff_id},
                },
                ensure_ascii=False,
            )
            tx.execute(
                update(webhook_deliveries)
                .where(webhook_deliveries.c.id == row.id)
                .values(status="sending", next_at=now + SENDING_LEASE, body=body)
            )
            claimed.append(_Delivery(row.id, row.event_id, body.encode(), row.attempts))
        return claimed


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body at a moment, as the header carries it."""
    return "sha256=" + hmac.digest(secret, f"{timestamp}.".encode() + body, "sha256").hex()

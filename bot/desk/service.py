"""The desk's parts, put together once a process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from actions.shop import ShopClient
from bot.care import Care
from bot.clock import Clock
from bot.conversations import Bus, FileStore
from bot.desk.accounts import (
    Actor,
    Door,
    Factors,
    Passwords,
    People,
    Sessions,
    seed_demo_agents,
)
from bot.desk.live.hub import Hub
from bot.desk.permissions import ALLOWED, ROLE_NAMES, Role
from bot.desk.windows import ReplyWindows, Windows
from bot.desk.work import canned
from bot.desk.work.coupons import Coupons
from bot.handoff import HandoffDesk
from bot.rates import Buckets
from bot.records import Database
from bot.records.tables import agents
from bot.reports import Reports

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rates:
    """How much one session may ask, per second and at once; the desk's own page needs a tenth."""

    requests_per_second: float = 20.0
    request_burst: int = 100
    uploads_per_second: float = 0.5
    upload_burst: int = 20
    frames_per_second: float = 10.0
    frame_burst: int = 60


class Desk:
    """Everything behind ``/api/desk``.

    Args:
        database: the truth.
        bus: tells of changes, here and on other replicas.
        shop: the brand's back office.
        clock: current time.
        handoffs: who owns which conversation.
        files: pictures and documents.
        key: secret that seals second factors.
        push_channels: channels whose platform must be sent each message.
        windows: by channel, what its platform still lets us send.
        demo_password: of the demo agents; None outside demo mode.
        rates: what one session may ask.
        passwords: hashes them; None with the recommended costs.
        care: has the cases of upset customers; None makes one whose timers nobody keeps.
        reports: figures of the past; None with the usual costs.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        shop: ShopClient,
        clock: Clock,
        handoffs: HandoffDesk,
        files: FileStore,
        key: str,
        *,
        push_channels: frozenset[str] = frozenset(),
        windows: dict[str, ReplyWindows] | None = None,
        demo_password: str | None = None,
        rates: Rates | None = None,
        passwords: Passwords | None = None,
        care: Care | None = None,
        reports: Reports | None = None,
    ) -> None:
        rates = rates or Rates()
        self.database = database
        self.bus = bus
        self.shop = shop
        self.clock = clock
        self.handoffs = handoffs
        self.files = files
        self.push_channels = push_channels
        self.windows = Windows(windows)
        self.passwords = passwords or Passwords()
        self.reports = reports or Reports(database, clock)
        self.people = People(database, self.passwords, clock)
        self.sessions = Sessions(database, clock)
        self.door = Door(database, self.passwords, self.people, self.sessions, Factors(key), clock)
        self.care = care or Care(database, clock, handoffs, shop)
        self.coupons = Coupons(database, self.care, clock)
        self.hub = Hub(database, bus, clock, handoffs, self.sessions)
        self.requests = Buckets(rates.requests_per_second, rates.request_burst, clock)
        self.uploads = Buckets(rates.uploads_per_second, rates.upload_burst, clock)
        self.frames = Buckets(rates.frames_per_second, rates.frame_burst, clock)
        self._demo_password = demo_password

    async def start(self) -> None:
        """Fill what must not be empty, and begin to tell sockets what happens."""
        now = self.clock()
        await self.database.write(lambda tx: canned.seed(tx, now))
        if self._demo_password is not None:
            await seed_demo_agents(self.people, self.passwords, self._demo_password)
        await self.hub.start()

    async def stop(self) -> None:
        """Close every socket; their clients come back to another replica."""
        await self.hub.stop()
        self.passwords.close()

    async def me(self, actor: Actor) -> dict[str, Any]:
        """Who somebody is and what they may (``Me`` of docs/desk.md)."""
        query = select(agents).where(agents.c.id == actor.id)
        row = await self.database.read(lambda tx: tx.execute(query).one())
        return {
            "id": row.id,
            "login": row.login,
            "name": row.name,
            "role": row.role,
            "role_name": ROLE_NAMES[Role(row.role)],
            "skills": list(row.skills),
            "languages": list(row.languages),
            "capacity": row.capacity,
            "presence": row.presence,
            "permissions": sorted(op.value for op in ALLOWED[Role(row.role)]),
            "coupon_limit_yuan": self.coupons.limit_of(row.role).each,
            "totp": await self.door.has_factor(row),
        }

"""Building packets: right after a handoff was opened, and for those whose builder died."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from actions.shop import ShopClient
from bot.clock import Clock
from bot.conversations import Bus, ConversationKey
from bot.handoff.known import read_known
from bot.handoff.packet import VERSION, ReplyWindows, ask_shop, build_packet
from bot.handoff.policy import PolicyFile
from bot.records import Database
from bot.records.tables import handoffs

UNBUILT = 0
"""``packet_version`` of a handoff whose packet has yet to be built."""

_AT_ONCE = 20


class Packer:
    """Builds and stores packets.

    Args:
        database: where handoffs are.
        shop: the brand's back office.
        bus: hears that a packet is there.
        clock: current time.
        policy: names the reasons.
        windows: what platforms still let us send, by channel.
    """

    def __init__(
        self,
        database: Database,
        shop: ShopClient,
        bus: Bus,
        clock: Clock,
        policy: PolicyFile,
        windows: Mapping[str, ReplyWindows] | None = None,
    ) -> None:
        self._database = database
        self._shop = shop
        self._bus = bus
        self._clock = clock
        self._policy = policy
        self._windows = dict(windows or {})

    async def run_once(self) -> int:
        """Build the packets that are missing; returns how many.

        Raises:
            DatabaseUnavailable: they cannot be read or stored just now.
        """
        missing = await self._database.read(_missing)
        for handoff_id in missing:
            await self.build(handoff_id)
        return len(missing)

    async def build(self, handoff_id: str) -> dict[str, Any] | None:
        """Build and store the packet of a handoff; None for an unknown one.

        Raises:
            DatabaseUnavailable: it cannot be read or stored just now.
        """
        known = await self._database.read(lambda tx: read_known(tx, handoff_id))
        if known is None:
            return None
        now = self._clock()
        shopping = await ask_shop(
            self._shop, known.shop_customer_id, now, known.snapshot.get("slots")
        )
        window = None
        if (rule := self._windows.get(known.handoff.channel)) is not None:
            key = ConversationKey(known.handoff.channel, known.external_id)
            found = await rule.window(key)
            window = found.as_json() if found is not None else None
        packet = build_packet(known, shopping, window, self._policy.current(), now)
        stored = (
            update(handoffs)
            .where(handoffs.c.id == handoff_id)
            .values(packet=packet, packet_version=VERSION)
        )
        await self._database.write(lambda tx: tx.execute(stored))
        await self._bus.changed(known.handoff.conversation_id)
        return packet


def _missing(tx: Connection) -> list[str]:
    query = (
        select(handoffs.c.id)
        .where(handoffs.c.status.in_(("waiting", "assigned")))
        .where(handoffs.c.packet_version == UNBUILT)
        .order_by(handoffs.c.priority, handoffs.c.opened_at)
        .limit(_AT_ONCE)
    )
    return list(tx.execute(query).scalars())

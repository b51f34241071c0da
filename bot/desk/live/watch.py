"""A conversation that somebody has open: its messages and notes reach every seat that looks at it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.conversations import Author, Bus, ConversationKey, Typing
from bot.desk.live.seat import Frame, Seat, wire
from bot.desk.views.messages import MAX_PAGE, Message, page
from bot.desk.work import notes
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import conversations

log = logging.getLogger(__name__)

LATEST = 20
"""So many messages are looked at again with every change: what was understood, whether it arrived."""
HEALED = 10
"""So many are sent when somebody begins to look: nothing falls between fetching and watching."""


class Watch:
    """Follows one conversation for the seats of this replica.

    Args:
        database: the truth.
        bus: wakes us up.
        conversation_id: which.
        key: its name on the bus.
    """

    def __init__(
        self, database: Database, bus: Bus, conversation_id: str, key: ConversationKey
    ) -> None:
        self._database = database
        self._bus = bus
        self._id = conversation_id
        self._key = key
        self._told: dict[int, Message] = {}
        self._notes: dict[str, dict[str, Any]] = {}
        self._in_charge: str | None = None
        self._since: datetime | None = None
        self._looking = asyncio.Lock()
        self._about_to_look = False
        self._task: asyncio.Task[None] | None = None
        self.seats: set[Seat] = set()

    async def join(self, seat: Seat) -> None:
        """A seat begins to look; it is sent the newest messages."""
        async with self._looking:
            if self._task is None:
                ready = asyncio.Event()
                self._task = asyncio.create_task(self._follow(ready))
                await ready.wait()
                await self._look()
            self.seats.add(seat)
            for seq in sorted(self._told)[-HEALED:]:
                seat.send(self._message(self._told[seq]))

    async def leave(self, seat: Seat) -> bool:
        """A seat looks elsewhere; returns whether nobody is left."""
        self.seats.discard(seat)
        return not self.seats

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def refresh(self) -> None:
        """Send every seat what is new or different.

        A change is heard of twice, from the conversation and from the desk: who comes while
        somebody else is about to look has nothing to add.

        Raises:
            DatabaseUnavailable: it could not be read; the next change makes up for it.
        """
        if self._about_to_look:
            return
        self._about_to_look = True
        try:
            await self._looking.acquire()
        finally:
            self._about_to_look = False
        try:
            changed, new_notes = await self._look()
            for message in changed:
                frame = wire(self._message(message))
                for seat in self.seats:
                    seat.send(frame)
            for note in new_notes:
                for seat in self.seats:
                    if notes.readable(note, seat.actor, self._in_charge):
                        seat.send({"type": "note", "conversation": self._id, "note": note})
        finally:
            self._looking.release()

    async def _follow(self, ready: asyncio.Event) -> None:
        async with self._bus.watch(self._key) as happening:
            ready.set()
            while True:
                item = await happening.get()
                if isinstance(item, Typing):
                    self._typing(item)
                    continue
                while True:
                    try:
                        await self.refresh()
                        break
                    except DatabaseUnavailable:
                        log.warning("desk lags: the database is away")
                        await asyncio.sleep(1)

    def _typing(self, typing: Typing) -> None:
        frame = {
            "type": "typing",
            "conversation": self._id,
            "author": typing.author.value,
            "on": typing.on,
        }
        for seat in self.seats:
            if typing.author is not Author.AGENT or seat.actor.id != self._in_charge:
                seat.send(frame)

    async def _look(self) -> tuple[list[Message], list[dict[str, Any]]]:
        """What differs from what was told before."""
        first = not self._told and self._since is None
        newest = max(self._told, default=0)

        def read(tx: Connection) -> tuple[str | None, list[Message], list[dict[str, Any]]]:
            in_charge = tx.execute(
                select(conversations.c.agent_id).where(conversations.c.id == self._id)
            ).scalar_one()
            found = page(tx, self._id, limit=LATEST)
            if found and newest and found[0]["seq"] > newest + 1:
                found = page(tx, self._id, after=newest, limit=MAX_PAGE)
            return in_charge, found, notes.all_of(tx, self._id, since=self._since)

        self._in_charge, found, all_notes = await self._database.read(read)
        changed = [m for m in found if self._told.get(m["seq"]) != m]
        self._told |= {message["seq"]: message for message in found}
        for seq in sorted(self._told)[: -LATEST * 2]:
            del self._told[seq]
        new_notes = [note for note in all_notes if note["id"] not in self._notes]
        self._notes = {note["id"]: note for note in all_notes}
        if all_notes:
            self._since = datetime.fromisoformat(all_notes[-1]["at"])
        return ([], []) if first else (changed, new_notes)

    def _message(self, message: Message) -> Frame:
        return {"type": "message", "conversation": self._id, "message": message}

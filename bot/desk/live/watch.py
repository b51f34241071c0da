"""A conversation that somebody has open: its messages and notes reach every seat that looks at it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.conversations import Author, Bus, ConversationKey, Typing
from bot.desk.live.seat import Seat, wire
from bot.desk.views.messages import MAX_PAGE, Message, page
from bot.desk.work import notes
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import conversations

log = logging.getLogger(__name__)

LATEST = 20
"""So many messages are looked at again with every change: what was understood, whether it arrived.
They and so many notes are sent to who begins to look: nothing falls between fetching and watching."""

Note = dict[str, Any]
"""A note's wire form (docs/desk.md)."""


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
        self._notes: dict[str, Note] = {}
        self._in_charge: str | None = None
        self._since: datetime | None = None
        self._looking = asyncio.Lock()
        self._about_to_look = False
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._new: set[Seat] = set()
        self.seats: set[Seat] = set()

    async def join(self, seat: Seat) -> None:
        """A seat begins to look; it is sent the newest messages and notes.

        Raises:
            DatabaseUnavailable: they could not be read; the seat is sent them with the next refresh.
        """
        # From here on a change finds somebody to tell, also one that comes while we look.
        self.seats.add(seat)
        self._new.add(seat)
        if self._task is None:
            self._task = asyncio.create_task(self._follow())
        await self._listening.wait()
        await self.refresh()

    async def leave(self, seat: Seat) -> bool:
        """A seat looks elsewhere; returns whether nobody is left."""
        self.seats.discard(seat)
        self._new.discard(seat)
        return not self.seats

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def refresh(self) -> None:
        """Send every seat what is new or different, and a new seat the newest of all.

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
            new, self._new = self._new & self.seats, set()
            old = self.seats - new
            self._send(changed, new_notes, old)
            newest = [self._told[seq] for seq in sorted(self._told)[-LATEST:]]
            self._send(newest, list(self._notes.values()), new)
        finally:
            self._looking.release()

    async def _follow(self) -> None:
        async with self._bus.watch(self._key) as happening:
            self._listening.set()
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

    async def _look(self) -> tuple[list[Message], list[Note]]:
        """What differs from what was told before."""
        newest = max(self._told, default=0)

        def read(tx: Connection) -> tuple[str | None, list[Message], list[Note]]:
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
        self._notes |= {note["id"]: note for note in new_notes}
        for name in list(self._notes)[:-LATEST]:
            del self._notes[name]
        if all_notes:
            self._since = datetime.fromisoformat(all_notes[-1]["at"])
        return changed, new_notes

    def _send(self, told: list[Message], written: list[Note], seats: Collection[Seat]) -> None:
        if not seats:
            return
        for message in told:
            frame = wire({"type": "message", "conversation": self._id, "message": message})
            for seat in seats:
                seat.send(frame)
        for note in written:
            for seat in seats:
                if notes.readable(note, seat.actor, self._in_charge):
                    seat.send({"type": "note", "conversation": self._id, "note": note})

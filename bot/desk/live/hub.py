"""Tells every open desk of this replica what changed: one look into the database for all of them.

Changes are collected for a moment and looked up together. A conversation of one's own comes at once;
the queue, which everybody sees, at most twice a second, and less often the more desks are open.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.conversations import DESK, Bus, Changed, ConversationKey
from bot.desk.accounts import Actor, Sessions
from bot.desk.live.alarms import Alarms
from bot.desk.live.seat import LATER, LOGGED_OUT, Seat, ring, wire
from bot.desk.live.watch import Watch
from bot.desk.permissions import Op
from bot.desk.reach import Reach, check_reach, reach_of
from bot.desk.views import care, staff
from bot.desk.views.items import Item, items, listed, queue
from bot.handoff import HandoffDesk
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import conversations

log = logging.getLogger(__name__)

GATHER_S = 0.02
"""How long changes are gathered before they are looked up together."""
QUEUE_EVERY_S = 0.5
SEATS_PER_PACE = 50
"""With so many more desks open the queue is told QUEUE_EVERY_S less often."""
TIME_EVERY_S = 5.0
"""How often it is looked at what time alone changes: alarms, sessions, snoozes."""
QUEUE_SHOWN = 50
OWN_SHOWN = 100
SEATS_PER_AGENT = 10
PASSED_OVER = 1000
"""So many conversations that concerned nobody here are remembered for the next supervisor."""


@dataclass(frozen=True)
class Snapshot:
    """What a desk starts with."""

    mine: list[Item]
    snoozed: list[Item]
    queue: list[Item]
    waiting: int


class Hub:
    """The seats of this replica and what is told to them.

    Args:
        database: the truth.
        bus: says which conversations changed.
        clock: current time.
        handoffs: has the policy in force, and wants the signs of life.
        sessions: says who is still logged in.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        handoffs: HandoffDesk,
        sessions: Sessions,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._handoffs = handoffs
        self._sessions = sessions
        self._seats: set[Seat] = set()
        self._watches: dict[str, Watch] = {}
        self._dirty: set[str] = set()
        self._agents_changed = False
        self._queue_changed = asyncio.Event()
        self._something = asyncio.Event()
        self._to_refresh: set[str] = set()
        self._watched_changed = asyncio.Event()
        self._queue_told = ""
        self._queue_seen: tuple[float, list[Item], int] | None = None
        self._queue_looking = asyncio.Lock()
        self._agents_told = ""
        self._passed_over: dict[str, None] = {}
        self._alarms = Alarms()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen and to tell."""
        jobs = (
            self._listen,
            self._tell,
            self._refresh_watches,
            self._tell_queue,
            self._watch_time,
        )
        self._tasks = [asyncio.create_task(job(), name=f"desk hub: {job.__name__}") for job in jobs]

    async def stop(self) -> None:
        """Send everybody to another replica."""
        for seat in self._seats:
            seat.close(LATER)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for watch in list(self._watches.values()):
            await watch.close()

    # Seats

    async def take_seat(self, seat: Seat) -> Snapshot:
        """Add a desk; changes that happen while its snapshot is read are told all the same."""
        self._seats.add(seat)
        if seat.actor.may(Op.SEE_ALL) and self._passed_over:
            # What nobody here was concerned with may alarm a supervisor.
            self._dirty |= self._passed_over.keys()
            self._passed_over = {}
            self._something.set()
        found = await self.snapshot(seat.actor)
        seat.shows([item["conversation"] for item in found.mine + found.snoozed])
        return found

    async def snapshot(self, actor: Actor) -> Snapshot:
        """What a desk starts with."""
        policy, now = self._handoffs.policy.current(), self._clock()

        def read(tx: Connection) -> Snapshot:
            mine, _ = listed(tx, "mine", actor, policy, now, OWN_SHOWN)
            snoozed, _ = listed(tx, "snoozed", actor, policy, now, OWN_SHOWN)
            return Snapshot(mine, snoozed, [], 0)

        found = await self._database.read(read)
        waiting, total = await self._queue()
        return replace(found, queue=waiting, waiting=total)

    async def _queue(self) -> tuple[list[Item], int]:
        """The queue; many desks that open at once share one look at it."""
        async with self._queue_looking:
            loop_time = asyncio.get_running_loop().time()
            if self._queue_seen is None or loop_time - self._queue_seen[0] > QUEUE_EVERY_S:
                policy, now = self._handoffs.policy.current(), self._clock()
                found = await self._database.read(lambda tx: queue(tx, policy, now, QUEUE_SHOWN))
                # A change that comes from here on is told to every seat by itself.
                self._queue_seen = (loop_time, *found)
            return self._queue_seen[1], self._queue_seen[2]

    def is_crowded(self, agent_id: str) -> bool:
        """Whether an agent has as many desks open as one person can use."""
        return sum(seat.actor.id == agent_id for seat in self._seats) >= SEATS_PER_AGENT

    async def colleagues(self) -> list[dict[str, Any]]:
        """The agents with their load."""
        now = self._clock()
        return await self._database.read(lambda tx: staff.colleagues(tx, now))

    def alarms(self) -> list[dict[str, Any]]:
        """What alarms supervisors now."""
        return self._alarms.all()

    async def leave_seat(self, seat: Seat) -> None:
        """A desk is closed."""
        self._seats.discard(seat)
        await self.unwatch(seat)

    async def watch(self, seat: Seat, conversation_id: str) -> None:
        """A seat opens a conversation (and leaves the one it had open).

        Raises:
            NotFound, DeskForbidden: it may not look at it.
        """

        def read(tx: Connection) -> Any:
            return check_reach(tx, seat.actor, conversation_id, Reach.SEE)

        row = await self._database.read(read)
        await self.unwatch(seat)
        watch = self._watches.get(conversation_id)
        if watch is None:
            key = ConversationKey(row.channel, row.external_id)
            watch = Watch(self._database, self._bus, conversation_id, key)
            self._watches[conversation_id] = watch
        seat.watching = conversation_id
        try:
            await watch.join(seat)
        except DatabaseUnavailable:
            self._to_refresh.add(conversation_id)
            self._watched_changed.set()

    async def unwatch(self, seat: Seat) -> None:
        """A seat looks at no conversation."""
        watch = self._watches.get(seat.watching or "")
        left, seat.watching = seat.watching, None
        if watch is not None and left is not None and await watch.leave(seat):
            await self._drop_unwatched(left)

    async def _drop_unwatched(self, conversation_id: str) -> None:
        """Stop following what nobody looks at; a seat that is just sitting down looks already."""
        if any(seat.watching == conversation_id for seat in self._seats):
            return
        watch = self._watches.pop(conversation_id, None)
        if watch is not None:
            await watch.close()

    # What happened

    def changed(self, conversation_id: str) -> None:
        """Something about a conversation (or, if empty, about the agents) changed."""
        if conversation_id:
            self._dirty.add(conversation_id)
        else:
            self._agents_changed = True
        self._something.set()

    async def _listen(self) -> None:
        async with self._bus.watch(DESK) as happening:
            while True:
                item = await happening.get()
                if isinstance(item, Changed):
                    self.changed(item.conversation_id)
                else:  # we lagged behind: everything that a seat shows may have changed
                    for seat in self._seats:
                        self._dirty |= seat.mine | ({seat.watching} if seat.watching else set())
                    self.changed("")

    async def _tell(self) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(GATHER_S)
            self._something.clear()
            dirty, self._dirty = self._dirty, set()
            agents_changed, self._agents_changed = self._agents_changed, False
            try:
                if agents_changed:
                    await self._check_sessions()
                await self._tell_items(dirty)
                self._queue_changed.set()
            except DatabaseUnavailable:
                log.warning("desks lag: the database is away")
                self._dirty |= dirty
                self._agents_changed |= agents_changed
                await asyncio.sleep(1)
                self._something.set()
            except Exception:
                log.exception("desk hub failed")

    async def _tell_items(self, dirty: set[str]) -> None:
        if not dirty or not self._seats:
            return
        policy, now = self._handoffs.policy.current(), self._clock()

        def read(tx: Connection) -> tuple[list[Item], dict[str, Any], bool]:
            found = tx.execute(select(conversations).where(conversations.c.id.in_(dirty)))
            rows = {row.id: row for row in found}
            wanted = [name for name, row in rows.items() if self._concerns(name, row)]
            return items(tx, wanted, policy, now), rows, care.touches(tx, dirty)

        found, rows, upset = await self._database.read(read)
        self._passed_over |= dict.fromkeys(dirty - {item["conversation"] for item in found})
        for name in list(self._passed_over)[:-PASSED_OVER]:
            del self._passed_over[name]
        if upset:  # says only that something moved: who shows cases asks for those it may see
            for seat in self._seats:
                seat.send({"type": "care"})
        for item in found:
            self._tell_item(item, rows[item["conversation"]])
        self._tell_alarms(found)
        self._to_refresh |= dirty & self._watches.keys()
        self._watched_changed.set()

    def _concerns(self, name: str, row: Any) -> bool:
        """Whether a seat of this replica is to be told of a conversation."""
        return any(
            name in seat.mine
            or seat.watching == name
            or reach_of(seat.actor, row) >= Reach.HELP  # in charge, or a supervisor
            for seat in list(self._seats)
        )

    async def _refresh_watches(self) -> None:
        """Apart from the lists, so that nobody's telephone rings later for it."""
        while True:
            await self._watched_changed.wait()
            self._watched_changed.clear()
            names, self._to_refresh = self._to_refresh, set()
            try:
                await asyncio.gather(*(self._refresh(name) for name in names))
            except DatabaseUnavailable:
                self._to_refresh |= names
                await asyncio.sleep(1)
                self._watched_changed.set()
            except Exception:
                log.exception("desk hub failed to refresh what is looked at")

    async def _refresh(self, conversation_id: str) -> None:
        watch = self._watches.get(conversation_id)
        if watch is not None and watch.seats:
            await watch.refresh()
        else:  # nobody who looked at it may look any longer
            await self._drop_unwatched(conversation_id)

    def _tell_item(self, item: Item, row: Any) -> None:
        name = item["conversation"]
        frame = wire({"type": "item", "item": item})
        gone = wire({"type": "gone", "conversation": name})
        for seat in list(self._seats):
            reach = reach_of(seat.actor, row)
            if reach is Reach.CHARGE:
                seat.send(frame)
                if name not in seat.mine:
                    seat.mine.add(name)
                    seat.send(ring(name))
            elif name in seat.mine:
                seat.mine.discard(name)
                seat.send(gone)
                if reach >= Reach.SEE:
                    seat.send(frame)
            elif reach >= Reach.HELP or seat.watching == name:
                seat.send(frame if reach >= Reach.SEE else gone)
            if seat.watching == name and reach is Reach.NONE:
                seat.watching = None
                if name in self._watches:
                    self._watches[name].seats.discard(seat)

    def _tell_alarms(self, found: Iterable[Item]) -> None:
        for alarm in self._alarms.look_at(found, self._handoffs.policy.current(), self._clock()):
            frame = wire({"type": "alarm", "alarm": alarm})
            for seat in self._leads():
                seat.send(frame)

    async def _tell_queue(self) -> None:
        while True:
            await self._queue_changed.wait()
            self._queue_changed.clear()
            if self._seats:
                try:
                    await self._send_queue()
                except DatabaseUnavailable:
                    self._queue_changed.set()
            await asyncio.sleep(QUEUE_EVERY_S * (1 + len(self._seats) / SEATS_PER_PACE))

    async def _send_queue(self) -> None:
        policy, now = self._handoffs.policy.current(), self._clock()

        def read(tx: Connection) -> tuple[list[Item], int, list[dict[str, Any]]]:
            shown, total = queue(tx, policy, now, QUEUE_SHOWN)
            return shown, total, staff.colleagues(tx, now)

        shown, total, people = await self._database.read(read)
        self._queue_seen = (asyncio.get_running_loop().time(), shown, total)
        frame = wire({"type": "queue", "items": shown, "total": total})
        if frame != self._queue_told:
            self._queue_told = frame
            for seat in list(self._seats):
                seat.send(frame)
        frame = wire({"type": "agents", "agents": people})
        if frame != self._agents_told:
            self._agents_told = frame
            for seat in self._leads():
                seat.send(frame)

    def _leads(self) -> list[Seat]:
        return [seat for seat in self._seats if seat.actor.may(Op.SEE_ALL)]

    # What time alone changes

    async def _watch_time(self) -> None:
        while True:
            with contextlib.suppress(DatabaseUnavailable):
                await self.look_at_time()
            await asyncio.sleep(TIME_EVERY_S)

    async def look_at_time(self) -> None:
        """Alarms that fall due, snoozes that end, sessions that run out.

        Raises:
            DatabaseUnavailable: the next look makes up for it.
        """
        if not self._seats:
            return
        await self._check_sessions()
        policy, now = self._handoffs.policy.current(), self._clock()
        alarmed = self._alarms.conversations()

        def read(tx: Connection) -> list[Item]:
            ids = alarmed | set(staff.may_alarm(tx, policy, now))
            return items(tx, sorted(ids), policy, now)

        self._tell_alarms(await self._database.read(read))

    async def _check_sessions(self) -> None:
        seats = list(self._seats)  # who sits down while the database is asked was not asked about
        living = await self._sessions.living([seat.actor.session for seat in seats])
        beaten = [seat.actor.session for seat in seats if seat.beaten]
        for seat in seats:
            if seat.actor.session not in living:
                seat.close(LOGGED_OUT)
            seat.beaten = False
        await self._sessions.note_use([one for one in beaten if one in living])

"""Nothing falls between fetching a conversation and watching it, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sqlalchemy import update

from bot.desk.live.hub import Hub
from bot.desk.live.seat import Seat
from bot.records import Database, DatabaseUnavailable
from bot.records.database import Work
from bot.records.tables import conversations
from tests.bot.desk.bench import TIMEOUT_S, Bench


class Moody(Database):
    """Keeps an answer back until it is let go, or fails, when the test says so."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.looks_first = 0
        """So many more looks are answered as ever."""
        self.fails = False
        self.holds = False
        self.held, self.go_on = asyncio.Event(), asyncio.Event()

    async def read[T](self, work: Work[T]) -> T:
        if self.looks_first:
            self.looks_first -= 1
            return await super().read(work)
        if self.fails:
            self.fails = False
            raise DatabaseUnavailable("test")
        found = await super().read(work)
        if self.holds:
            self.holds = False
            self.held.set()
            await self.go_on.wait()
        return found


class Desk:
    """An open desk of a hub of its own."""

    def __init__(self, bench: Bench, database: Moody, seat: Seat) -> None:
        self.database = database
        self.bus = bench.desk.bus
        self.hub = Hub(database, self.bus, bench.clock, bench.desk.handoffs, bench.desk.sessions)
        self.seat = seat

    async def next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                frame: dict[str, Any] = json.loads(await self.seat.outgoing.get())
                if frame["type"] == kind:
                    return frame


async def sit_down(bench: Bench, agent: str) -> Desk:
    actor = await bench.desk.sessions.actor(await bench.token(agent), "")
    assert actor is not None
    desk = Desk(bench, Moody(bench.database.url), Seat(actor))
    await desk.hub.start()
    await desk.hub.take_seat(desk.seat)
    desk.seat.begin({"type": "snapshot"})
    return desk


async def leave(desk: Desk) -> None:
    await desk.hub.stop()
    await desk.database.close()


async def mark_read(bench: Bench, name: str) -> None:
    """The customer has read everything; nobody is told yet."""
    mark = update(conversations).where(conversations.c.id == name)
    await bench.database.write(
        lambda tx: tx.execute(mark.values(read_seq=conversations.c.last_seq))
    )


async def test_what_changes_while_the_first_look_is_under_way_is_told(bench: Bench) -> None:
    me = await bench.agent()
    name, other = await bench.handed_over(me), await bench.handed_over(me)
    desk = await sit_down(bench, me)
    desk.database.looks_first, desk.database.holds = 1, True  # may I look? then the look itself
    beginning = asyncio.create_task(desk.hub.watch(desk.seat, name))
    await desk.database.held.wait()
    await mark_read(bench, name)
    for one in (name, other):  # once news of the other has come, what the first led to is done
        await desk.bus.changed(one)
        await desk.next("item")
    desk.database.go_on.set()
    await beginning
    read: dict[int, bool] = {}
    while not read.get(2):
        message = (await desk.next("message"))["message"]
        read[message["seq"]] = message["read"]
    await leave(desk)


async def test_who_begins_to_look_while_the_database_is_away_hears_all_the_same(
    bench: Bench,
) -> None:
    me = await bench.agent()
    name = await bench.handed_over(me)
    desk = await sit_down(bench, me)
    desk.database.looks_first, desk.database.fails = 1, True
    await desk.hub.watch(desk.seat, name)
    assert [(await desk.next("message"))["message"]["seq"] for _ in range(2)] == [1, 2]
    await bench.customer_says(name, "在吗")
    await desk.bus.changed(name)
    assert (await desk.next("message"))["message"]["text"] == "在吗"
    await leave(desk)


async def test_the_first_word_of_a_conversation_is_told_to_who_waited_for_it(bench: Bench) -> None:
    me = await bench.agent()
    name = await bench.handed_over(me, said=[])
    desk = await sit_down(bench, me)
    await desk.hub.watch(desk.seat, name)
    await bench.customer_says(name, "喂？")
    assert (await desk.next("message"))["message"]["text"] == "喂？"
    await leave(desk)


async def test_a_note_that_was_written_just_before_one_looked_is_told(bench: Bench) -> None:
    me = await bench.agent()
    name = await bench.handed_over(me)
    desk = await sit_down(bench, me)
    client = await bench.as_(me)
    await client.post(f"/conversations/{name}/notes", json={"text": "客户很急"})
    await desk.hub.watch(desk.seat, name)
    assert (await desk.next("note"))["note"]["text"] == "客户很急"
    await leave(desk)


async def test_who_begins_to_look_is_told_of_marks_on_more_than_a_few_messages(
    bench: Bench,
) -> None:
    me = await bench.agent()
    name = await bench.handed_over(me, said=[("在吗", None)] * 8)
    await mark_read(bench, name)
    desk = await sit_down(bench, me)
    await desk.hub.watch(desk.seat, name)
    told = [(await desk.next("message"))["message"] for _ in range(16)]
    assert [m["seq"] for m in told if m["read"]] == list(range(2, 17, 2))
    await leave(desk)

"""Several replicas over one database: never two agents for one conversation, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url

from bot.conversations import DESK, Bus, Changed
from bot.errors import DeskBusy, DeskConflict
from bot.handoff import HandoffDesk
from bot.records import Database
from bot.records.tables import agents, events, handoffs
from tests.bot.handoff.conftest import Room
from tests.support.faults import FaultProxy
from tests.support.servers import RedisServer

_WHERE = {
    "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
    "postgresql": "SELECT current_database() || ' ' || inet_server_port()",
}


async def url_of(database: Database) -> str:
    """Where a test database is, for another process's connections."""
    where = await database.read(
        lambda tx: str(tx.execute(text(_WHERE[database.dialect])).scalar_one())
    )
    if database.dialect == "sqlite":
        return f"sqlite:///{where}"
    name, port = where.split()
    return f"postgresql+asyncpg://postgres@127.0.0.1:{port}/{name}"


@pytest_asyncio.fixture
async def replicas(room: Room) -> AsyncIterator[list[HandoffDesk]]:
    """Two replicas, each with connections of its own."""
    other = Database(await url_of(room.database))
    desk = HandoffDesk(other, Bus(None), room.clock, room.desk.policy, room.shop)
    yield [room.desk, desk]
    await other.close()


async def test_of_twenty_agents_who_take_at_once_exactly_one_gets_it(
    room: Room, replicas: list[HandoffDesk]
) -> None:
    conversation = await room.waiting()
    people = [await room.agent(f"客服{n}") for n in range(20)]
    tries = [replicas[n % 2].take(conversation, agent) for n, agent in enumerate(people)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["DeskConflict"] * 19 + [
        "NoneType"
    ]
    winner = people[results.index(None)]
    assert (await room.conversation(conversation)).agent_id == winner
    assert (await room.kinds(conversation)).count("agent_assigned") == 1


async def test_assigners_and_agents_at_once_give_each_conversation_to_one_within_capacity(
    room: Room, replicas: list[HandoffDesk]
) -> None:
    waiting = [await room.waiting(f"c{n}") for n in range(30)]
    people = [await room.agent(f"客服{n}", capacity=2) for n in range(10)]
    takes = [replicas[n % 2].take(waiting[n], people[n % len(people)]) for n in range(len(waiting))]
    assigns = [replicas[n % 2].assign_waiting() for n in range(6)]
    results = await asyncio.gather(*takes, *assigns, return_exceptions=True)
    assert all(isinstance(r, DeskConflict | int | None) for r in results), results
    load = Counter(row.agent_id for row in await room.rows(handoffs) if row.status == "assigned")
    assert max(load.values()) <= 2
    assert sum(load.values()) == 20
    assigned = [row for row in await room.rows(events) if row.kind == "agent_assigned"]
    assert len(assigned) == len({row.data["handoff"] for row in assigned}) == 20


async def test_resolving_and_transferring_at_once_leave_one_owner(
    room: Room, replicas: list[HandoffDesk]
) -> None:
    one, two = await room.agent("小李"), await room.agent("小周")
    for n in range(5):
        conversation = await room.waiting(f"c{n}")
        await room.desk.take(conversation, one)
        await asyncio.gather(
            replicas[0].resolve(conversation, one, "solved", ""),
            replicas[1].transfer(conversation, one, "", to_agent=two),
            return_exceptions=True,
        )
        row, handoff = await room.conversation(conversation), await room.handoff(conversation)
        if row.owner == "bot":
            assert (row.agent_id, row.handoff_id, handoff.status) == (None, None, "resolved")
        else:
            assert (row.agent_id, handoff.agent_id, handoff.status) == (two, two, "assigned")
            await room.desk.resolve(conversation, two, "solved", "")


async def test_timers_on_two_replicas_requeue_once(room: Room, replicas: list[HandoffDesk]) -> None:
    agent = await room.agent(capacity=20)
    waiting = [await room.waiting(f"c{n}") for n in range(6)]
    await room.desk.assign_waiting()
    room.clock.advance(seconds=61)
    gone = update(agents).where(agents.c.id == agent).values(active=False)
    await room.database.write(lambda tx: tx.execute(gone))
    await asyncio.gather(*(desk.run_once() for desk in replicas))
    for conversation in waiting:
        assert (await room.kinds(conversation)).count("requeued") == 1
        assert (await room.conversation(conversation)).owner == "human"


# SQLite has no network to lose; its locks are tested in tests/bot/records.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_was_away_costs_nobody_their_place(room: Room) -> None:
    waiting = [await room.waiting(f"c{n}") for n in range(5)]
    agent = await room.agent(capacity=10)
    url = make_url(await url_of(room.database))
    async with FaultProxy(url.port or 0) as proxy:
        through = url.set(port=int(proxy.url.rpartition(":")[2]))
        database = Database(through.render_as_string(hide_password=False))
        desk = HandoffDesk(database, Bus(None), room.clock, room.desk.policy, room.shop)
        proxy.mode = "refuse"
        for _ in range(2):
            with contextlib.suppress(DeskBusy):
                await desk.run_once()
        assert [(await room.handoff(c)).status for c in waiting] == ["waiting"] * 5
        proxy.mode = "pass"
        await desk.run_once()
        await database.close()
    owners = [(await room.conversation(c)).agent_id for c in waiting]
    assert owners == [agent] * 5


async def test_desks_on_another_replica_hear_of_changes_also_after_redis_was_restarted(
    room: Room,
) -> None:
    redis = RedisServer()
    redis.start()
    here, there = Bus(redis.url), Bus(redis.url)
    await there.start()
    desk = HandoffDesk(room.database, here, room.clock, room.desk.policy, room.shop)
    try:
        async with there.watch(DESK) as heard:
            conversation, agent = await room.waiting(), await room.agent()
            await _heard(here, heard, "probe")
            redis.stop()
            await desk.take(conversation, agent)  # the truth is in the database
            assert (await room.conversation(conversation)).agent_id == agent
            redis.start()
            await _heard(here, heard, "probe again")
            await desk.resolve(conversation, agent, "solved", "")
            while not (isinstance(item := await heard.get(), Changed) and item.conversation_id):
                pass
            assert item.conversation_id in (conversation, "probe again")
    finally:
        await there.stop()
        await here.stop()
        redis.stop()


async def _heard(bus: Bus, heard: asyncio.Queue[object], what: str) -> None:
    """Nudge until the other replica has heard: it listens (again)."""
    async with asyncio.timeout(60):
        while True:
            await bus.changed(what)
            with contextlib.suppress(TimeoutError):
                item = await asyncio.wait_for(heard.get(), 0.5)
                if isinstance(item, Changed) and item.conversation_id == what:
                    return


async def test_every_assignment_is_announced_in_the_database_too(room: Room) -> None:
    await room.waiting()
    await room.agent()
    await room.desk.assign_waiting()
    announced = select(handoffs.c.announced_at)
    assert await room.database.read(lambda tx: tx.execute(announced).scalar_one()) is not None

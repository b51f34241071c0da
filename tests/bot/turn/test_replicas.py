"""Two replicas of the service over one database and one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.engine import EngineClient
from bot.records import Database
from bot.records.tables import events, messages
from bot.turn import MessageView, TurnService
from tests.bot.turn.conftest import IDLE, KEY, Bench, open_desk, said
from tests.conftest import Service
from tests.support.clock import TestClock
from tests.support.faults import FaultProxy
from tests.support.servers import RedisServer


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def replicas(
    service: Service, database: Database, clock: TestClock, network: FaultProxy, redis: RedisServer
) -> AsyncIterator[list[Bench]]:
    token = service.settings.require_secret("internal_token")
    engine = EngineClient([network.url], token, 20)
    benches = []
    for _ in range(2):
        desk = open_desk(database, clock, redis.url)
        turns = TurnService(database, engine, desk, clock, IDLE)
        await turns.bus.start()
        benches.append(Bench(turns, database, clock, network, desk))
    yield benches
    for bench in benches:
        await bench.turns.stop()
    await engine.close()


async def test_who_watches_on_one_replica_sees_what_was_said_on_the_other(
    replicas: list[Bench],
) -> None:
    here, there = replicas
    async with there.turns.subscribe(KEY) as items:
        replies = await here.say("你好")
        seen: set[int] = set()
        while replies[-1].seq not in seen:
            item = await asyncio.wait_for(anext(items), 30)
            if isinstance(item, MessageView):
                seen.add(item.seq)
    assert seen == {1, *(reply.seq for reply in replies)}


async def test_the_same_message_at_both_replicas_is_answered_once(replicas: list[Bench]) -> None:
    accepted = await asyncio.gather(*(bench.turns.accept(said("你好")) for bench in replicas))
    answers = await asyncio.gather(
        *(
            bench.turns.wait_for_replies(one, 30)
            for bench, one in zip(replicas, accepted, strict=True)
        )
    )
    assert answers[0] == answers[1] != []
    rows = await replicas[0].rows(events)
    assert len([row for row in rows if row["kind"] == "turn"]) == 1


async def test_one_customers_messages_over_both_replicas_are_answered_in_order(
    replicas: list[Bench],
) -> None:
    accepted = [
        await replicas[number % 2].turns.accept(said(text, number))
        for number, text in enumerate(["你好", "谢谢", "你们上海有门店吗", "谢谢", "再见", "你好"])
    ]
    for number, one in enumerate(accepted):
        assert await replicas[number % 2].turns.wait_for_replies(one, 30)
    rows = await replicas[0].rows(events)
    turns = [row["data"]["seq"] for row in rows if row["kind"] == "turn"]
    assert turns == [one.seq for one in accepted]
    seqs = [row["seq"] for row in await replicas[0].rows(messages)]
    assert seqs == list(range(1, len(seqs) + 1))

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.conversations.bus import DESK, QUEUE_LENGTH, Bus, Changed, Nudge
from bot.conversations.speaking import Said
from bot.turn import Author, ConversationKey, MessageView, Typing
from tests.support.servers import RedisServer

KEY = ConversationKey("app_chat", "visitor")
OTHER = ConversationKey("app_chat", "somebody else")


def message(seq: int) -> MessageView:
    return MessageView(seq, Author.BOT, f"第{seq}条", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


async def test_every_watcher_of_a_conversation_hears_of_it_and_nobody_else() -> None:
    bus = Bus(None, "a")
    async with bus.watch(KEY) as first, bus.watch(KEY) as second, bus.watch(OTHER) as stranger:
        await bus.publish(KEY, message(1), Typing(on=False))
        assert [first.get_nowait(), first.get_nowait()] == [message(1), Typing(on=False)]
        assert second.get_nowait() == message(1)
        assert stranger.empty()


async def test_a_slow_watcher_is_told_to_catch_up_instead_of_growing_without_end() -> None:
    bus = Bus(None, "a")
    async with bus.watch(KEY) as queue:
        for seq in range(QUEUE_LENGTH + 10):
            await bus.publish(KEY, message(seq))
        assert queue.qsize() <= QUEUE_LENGTH
        assert queue.get_nowait() == Nudge()


async def test_another_replica_is_nudged_through_redis(redis: RedisServer) -> None:
    here, there = Bus(redis.url, "here"), Bus(redis.url, "there")
    await here.start()
    await there.start()
    async with there.watch(KEY) as remote, here.watch(KEY) as local:
        while not isinstance(await asyncio.wait_for(remote.get(), 10), Nudge):
            pass  # its first catch-up, once it listens
        await here.publish(KEY, message(1))
        assert await asyncio.wait_for(remote.get(), 10) == Nudge()
        while (item := await asyncio.wait_for(local.get(), 10)) == Nudge():
            pass
        assert item == message(1)
    await here.stop()
    await there.stop()


async def test_all_that_a_transaction_leads_to_is_told_at_once(redis: RedisServer) -> None:
    here, there = Bus(redis.url, "here"), Bus(redis.url, "there")
    await there.start()
    said = [Said("cv_1", KEY, (message(1),)), Said("cv_2", OTHER, (message(2),))]
    async with there.watch(KEY) as remote, there.watch(DESK) as far, here.watch(DESK) as near:
        for queue in (remote, far):
            while not isinstance(await asyncio.wait_for(queue.get(), 10), Nudge):
                pass  # their first catch-up, once they listen
        await here.tell(said, ["cv_1", "cv_2"])
        assert [near.get_nowait(), near.get_nowait()] == [Changed("cv_1"), Changed("cv_2")]
        assert await asyncio.wait_for(remote.get(), 10) == Nudge()
        heard = [await asyncio.wait_for(far.get(), 10) for _ in range(2)]
        assert heard == [Changed("cv_1"), Changed("cv_2")]
    redis.stop()
    async with here.watch(KEY) as local:
        await here.tell(said, ["cv_1"])
        assert local.get_nowait() == message(1)
    await here.stop()
    await there.stop()


async def test_local_watchers_do_not_need_redis_to_be_up(redis: RedisServer) -> None:
    redis.stop()
    bus = Bus(redis.url, "a")
    async with bus.watch(KEY) as queue:
        await bus.publish(KEY, message(1))
        assert queue.get_nowait() == message(1)
    assert await bus.ping() == "down"
    await bus.stop()

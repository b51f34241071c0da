"""One token for all replicas, renewed early, by one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from channels.wechat.errors import ApiError
from channels.wechat.tokens import Tokens
from tests.support.clock import TestClock
from tests.support.servers import RedisServer


class Platform:
    """Gives tokens out and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.current = 0
        self.down = False

    async def __call__(self, force: bool) -> tuple[str, int]:
        self.asked.append(force)
        await asyncio.sleep(0)
        if self.down:
            raise ApiError("-1")
        if force or not self.current:
            self.current += 1
        return f"token{self.current}", 7200


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


def replica(platform: Platform, clock: TestClock, url: str | None) -> Tokens:
    redis = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5) if url else None
    return Tokens("wechat:wx1", platform, redis, clock)


async def test_many_at_once_ask_the_platform_once(
    clock: TestClock, redis_server: RedisServer
) -> None:
    platform = Platform()
    replicas = [replica(platform, clock, redis_server.url) for _ in range(3)]
    got = await asyncio.gather(*(one.get() for one in replicas for _ in range(10)))
    assert set(got) == {"token1"}
    assert platform.asked == [False]


async def test_a_token_is_renewed_five_minutes_early(clock: TestClock) -> None:
    platform = Platform()
    tokens = replica(platform, clock, None)
    await tokens.get()
    clock.advance(seconds=7200 - 301)
    await tokens.get()
    assert len(platform.asked) == 1
    clock.advance(seconds=2)
    await tokens.get()
    assert len(platform.asked) == 2


async def test_a_refused_token_that_the_platform_believes_in_is_replaced_by_force(
    clock: TestClock, redis_server: RedisServer
) -> None:
    platform = Platform()
    one, other = (replica(platform, clock, redis_server.url) for _ in range(2))
    await one.get()
    await other.get()
    assert await one.replace("token1") == "token2"
    assert platform.asked == [False, False, True]
    # The other replica hears of it from Redis.
    assert await other.replace("token1") == "token2"
    assert len(platform.asked) == 3


async def test_without_redis_each_process_keeps_its_own(
    clock: TestClock, redis_server: RedisServer
) -> None:
    platform = Platform()
    tokens = replica(platform, clock, redis_server.url)
    redis_server.stop()
    assert await tokens.get() == "token1"
    redis_server.start()
    clock.advance(seconds=7000)
    assert await tokens.get() == "token1"
    assert await replica(platform, clock, redis_server.url).get() == "token1"
    assert len(platform.asked) == 2


async def test_a_platform_that_gives_none_leaves_no_lock_behind(
    clock: TestClock, redis_server: RedisServer
) -> None:
    platform = Platform()
    platform.down = True
    tokens = replica(platform, clock, redis_server.url)
    with pytest.raises(ApiError):
        await tokens.get()
    platform.down = False
    async with asyncio.timeout(5):
        assert await tokens.get() == "token1"

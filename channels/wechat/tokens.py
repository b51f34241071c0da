"""Access tokens, one for all replicas: kept in Redis, renewed early, by one at a time.

WeChat counts token calls (10,000 a day) and a careless second caller could invalidate the first
one's token. ``stable_token`` gives the same token to whoever asks while it is valid; Redis saves
the asking. Without Redis, or while it is away, each process keeps its own copy.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.clock import Clock
from bot.records import new_id

log = logging.getLogger(__name__)

EARLY = timedelta(minutes=5)
"""A token is renewed so long before its end; WeChat keeps the old one valid for as long."""

LOCK_S = 10
"""How long one replica may take to renew before another tries."""

LOOK_AGAIN_S = 0.1

_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


@dataclass(frozen=True)
class Token:
    """An access token and when to stop using it."""

    value: str
    renew_at: datetime


Fetch = Callable[[bool], Awaitable[tuple[str, int]]]
"""Asks the platform for a token (True: a new one by force): the token and its life in seconds."""


class Tokens:
    """The access token of one account.

    Args:
        name: of the account, unique over all platforms (``wechat:<appid>``).
        fetch: asks the platform.
        redis: shared with the other replicas, or None.
        clock: current time.
    """

    def __init__(self, name: str, fetch: Fetch, redis: Redis | None, clock: Clock) -> None:
        self._key = f"yingda:token:{name}"
        self._fetch = fetch
        self._redis = redis
        self._clock = clock
        self._mine: Token | None = None
        self._renewing = asyncio.Lock()

    async def get(self) -> str:
        """A valid token.

        Raises:
            ApiError: the platform gave none.
        """
        token = self._mine
        if token is not None and self._clock() < token.renew_at:
            return token.value
        async with self._renewing:
            token = self._mine
            if token is None or self._clock() >= token.renew_at:
                token = await self._renew(None)
            return token.value

    async def replace(self, refused: str) -> str:
        """A token other than the one that the platform has just refused.

        Raises:
            ApiError: the platform gave none.
        """
        async with self._renewing:
            if self._mine is None or self._mine.value == refused:
                self._mine = None
                await self._renew(refused)
            assert self._mine is not None  # noqa: S101 - renewed above
            return self._mine.value

    async def _renew(self, refused: str | None) -> Token:
        mark = new_id("lock")
        give_up = asyncio.get_running_loop().time() + LOCK_S
        locked = False
        while True:
            shared = await self._shared()
            if shared is not None and shared.value != refused and self._clock() < shared.renew_at:
                self._mine = shared
                return shared
            locked = await self._lock(mark)
            if locked or asyncio.get_running_loop().time() >= give_up:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
        try:
            value, life_s = await self._fetch(False)
            if value == refused:
                # The platform itself still believes in it: ask for another one, by force.
                value, life_s = await self._fetch(True)
            self._mine = Token(value, self._clock() + timedelta(seconds=life_s) - EARLY)
            await self._share(self._mine)
            return self._mine
        finally:
            if locked:
                await self._unlock(mark)

    async def _shared(self) -> Token | None:
        if self._redis is None:
            return None
        try:
            kept = await self._redis.get(self._key)
            if kept is None:
                return None
            fields = json.loads(kept)
            return Token(str(fields["token"]), datetime.fromisoformat(fields["renew_at"]))
        except (RedisError, OSError, TimeoutError):
            log.warning("token not shared: redis is away")
        except (ValueError, KeyError, TypeError):
            log.warning("token in redis is unreadable")
        return None

    async def _share(self, token: Token) -> None:
        left_s = int((token.renew_at - self._clock()).total_seconds())
        if self._redis is None or left_s <= 0:
            return
        kept = json.dumps({"token": token.value, "renew_at": token.renew_at.isoformat()})
        try:
            await self._redis.set(self._key, kept, ex=left_s)
        except (RedisError, OSError, TimeoutError):
            log.warning("token not shared: redis is away")

    async def _lock(self, mark: str) -> bool:
        """Whether it is ours to renew; also when there is nobody to ask."""
        if self._redis is None:
            return True
        try:
            return bool(await self._redis.set(f"{self._key}:lock", mark, nx=True, ex=LOCK_S))
        except (RedisError, OSError, TimeoutError):
            return True

    async def _unlock(self, mark: str) -> None:
        if self._redis is None:
            return
        try:
            await self._redis.eval(_UNLOCK, 1, f"{self._key}:lock", mark)
        except (RedisError, OSError, TimeoutError):
            log.warning("token lock left to run out: redis is away")

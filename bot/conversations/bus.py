"""Tells whoever is watching a conversation, or the desk, that something happened.

Within the process a watcher gets the message itself. Between replicas Redis carries only a nudge
(which conversation) or who is typing: the database has the text, so that a lost nudge loses no
message and Redis holds nothing that anybody said.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bot.conversations.messages import Author, ConversationKey, MessageView, Typing
from bot.conversations.speaking import Said

log = logging.getLogger(__name__)

QUEUE_LENGTH = 256
"""Items a slow watcher may lag behind before it is told to catch up from history."""

PAUSE_S = 1.0
"""While Redis is away, nudges are tried only so often; watchers look by themselves meanwhile."""

_TOPIC = "yingda:conversations"

DESK = "desk"
"""The topic of everybody who works at the desk: which conversations and agents changed."""


@dataclass(frozen=True)
class Nudge:
    """Look again: there are messages that were not handed over one by one."""


@dataclass(frozen=True)
class Changed:
    """A conversation's place at the desk changed: owner, queue, agent, emotion, deadline.

    Args:
        conversation_id: which; empty when it is about the agents.
    """

    conversation_id: str


Item = MessageView | Typing | Nudge | Changed


class Bus:
    """Publish and watch conversations.

    Args:
        redis_url: carries nudges between replicas; None with a single one.
        replica: this replica's name, so that it ignores its own nudges; None makes one up.
    """

    def __init__(self, redis_url: str | None, replica: str | None = None) -> None:
        self._watchers: defaultdict[str, set[asyncio.Queue[Item]]] = defaultdict(set)
        self._replica = replica or f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"
        self._redis: Redis | None = (
            Redis.from_url(
                redis_url,
                socket_timeout=1,
                socket_connect_timeout=1,
                # Nobody may wait for a nudge: the client's own retries take many seconds.
                retry=Retry(NoBackoff(), 0),
            )
            if redis_url
            else None
        )
        self._away_until = 0.0
        self._to_send: list[str] = []
        self._something_to_send = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to hear and to tell other replicas."""
        if self._redis is not None:
            self._tasks = [
                asyncio.create_task(self._listen(self._redis)),
                asyncio.create_task(self._send_for_ever(self._redis)),
            ]

    async def stop(self) -> None:
        """Tell what is still to be told, stop hearing, release connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._redis is not None:
            await self._send_pending(self._redis)
            await self._redis.aclose()

    async def ping(self) -> str:
        """State of Redis: ok, down, or off when none is configured."""
        if self._redis is None:
            return "off"
        try:
            await asyncio.wait_for(self._redis.ping(), 2)
        except (RedisError, OSError, TimeoutError):
            return "down"
        return "ok"

    async def publish(self, key: ConversationKey, *items: MessageView | Typing) -> None:
        """Hand items to every watcher of the conversation, here and on other replicas."""
        self._hand_over(str(key), items)
        await self._send(_nudges(key, items))

    async def changed(self, conversation_id: str = "") -> None:
        """Tell the desk, here and on other replicas, that a conversation (or an agent) changed."""
        self._hand_over(DESK, (Changed(conversation_id),))
        await self._send([_change(conversation_id)])

    async def tell(self, said: Iterable[Said], changed: Iterable[str]) -> None:
        """All that a transaction leads to, in one go: watchers here first, then other replicas.

        Args:
            said: messages that were written.
            changed: conversations whose place at the desk changed; "" stands for the agents.
        """
        nudges: list[dict[str, Any]] = []
        for conversation_id in changed:
            self._hand_over(DESK, (Changed(conversation_id),))
            nudges.append(_change(conversation_id))
        for one in said:
            self._hand_over(str(one.key), one.views)
            nudges += _nudges(one.key, one.views)
        await self._send(nudges)

    async def _send(self, nudges: Sequence[dict[str, Any]]) -> None:
        if not nudges or self._redis is None:
            return
        self._to_send += [json.dumps({"replica": self._replica, **nudge}) for nudge in nudges]
        if self._tasks:
            self._something_to_send.set()  # nobody waits for Redis
        else:
            await self._send_pending(self._redis)

    async def _send_for_ever(self, redis: Redis) -> None:
        while True:
            await self._something_to_send.wait()
            self._something_to_send.clear()
            await self._send_pending(redis)

    async def _send_pending(self, redis: Redis) -> None:
        """Send all that has gathered, in one go; while Redis is away it is dropped."""
        pending, self._to_send = self._to_send, []
        if not pending or time.monotonic() < self._away_until:
            return
        try:
            async with redis.pipeline(transaction=False) as sending:
                for nudge in pending:
                    sending.publish(_TOPIC, nudge)
                await sending.execute()
        except (RedisError, OSError):
            log.warning("nudge not sent: redis is away")
            self._away_until = time.monotonic() + PAUSE_S

    @asynccontextmanager
    async def watch(self, key: ConversationKey | str) -> AsyncIterator[asyncio.Queue[Item]]:
        """A queue that receives what happens in a conversation, or in DESK, inside the block."""
        queue: asyncio.Queue[Item] = asyncio.Queue(QUEUE_LENGTH)
        topic = str(key)
        self._watchers[topic].add(queue)
        try:
            yield queue
        finally:
            self._watchers[topic].discard(queue)
            if not self._watchers[topic]:
                del self._watchers[topic]

    def _hand_over(self, topic: str, items: tuple[Item, ...]) -> None:
        for queue in self._watchers.get(topic, ()):
            for item in items:
                if queue.full():
                    while not queue.empty():
                        queue.get_nowait()
                    queue.put_nowait(Nudge())
                queue.put_nowait(item)

    async def _listen(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub() as topics:
                    await topics.subscribe(_TOPIC)
                    # What was said while we were deaf is in the database.
                    for topic in list(self._watchers):
                        self._hand_over(topic, (Nudge(),))
                    while True:
                        message = await topics.get_message(
                            ignore_subscribe_messages=True, timeout=1
                        )
                        if message is None:
                            continue
                        heard = json.loads(message["data"])
                        if heard["replica"] != self._replica:
                            self._hand_over(heard["topic"], (_item(heard),))
            except (RedisError, OSError):
                log.warning("not hearing other replicas: redis is away")
                await asyncio.sleep(1)


def _nudges(key: ConversationKey, items: Sequence[MessageView | Typing]) -> list[dict[str, Any]]:
    """What other replicas are told of these items."""
    topic = str(key)
    found: list[dict[str, Any]] = []
    if any(isinstance(item, MessageView) for item in items):
        found.append({"topic": topic, "kind": "nudge"})
    found += [
        {"topic": topic, "kind": "typing", "on": item.on, "author": item.author.value}
        for item in items
        if isinstance(item, Typing) and item.author is not Author.BOT
    ]
    return found


def _change(conversation_id: str) -> dict[str, Any]:
    return {"topic": DESK, "kind": "changed", "conversation": conversation_id}


def _item(heard: dict[str, Any]) -> Item:
    """What another replica's message means to a watcher here."""
    if heard["kind"] == "typing":
        return Typing(bool(heard["on"]), Author(heard["author"]))
    if heard["kind"] == "changed":
        return Changed(str(heard["conversation"]))
    return Nudge()

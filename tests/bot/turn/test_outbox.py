"""Delivery to a channel that must be pushed to; its platform is a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import insert

from bot.records import Database
from bot.records.tables import messages, outbox
from bot.turn import ConversationKey, DeliveryFailed, Inbound, MessageView
from bot.turn.inbox import Inbox
from bot.turn.outbox import BACKOFF_S, SENDING_LEASE, Relay
from tests.bot.turn.conftest import IDLE
from tests.support.clock import TestClock

KEY = ConversationKey("pushed", "openid")


class Platform(ThreadingHTTPServer):
    """Takes messages; answers with whatever status it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        platform: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if platform.status == 200:
            platform.taken.append(body["text"])
        self.send_response(platform.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class PlatformChannel:
    """The channel's adapter."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def deliver(self, key: ConversationKey, views: list[MessageView]) -> None:
        async with aiohttp.ClientSession() as session:
            for view in views:
                async with session.post(self._url, json={"text": view.text}) as response:
                    if response.status != 200:
                        raise DeliveryFailed(str(response.status), final=response.status == 410)


@pytest.fixture
def platform() -> Iterator[Platform]:
    server = Platform()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest_asyncio.fixture
async def relay(database: Database, clock: TestClock, platform: Platform) -> AsyncIterator[Relay]:
    channel = PlatformChannel(f"http://127.0.0.1:{platform.server_port}/send")
    yield Relay(database, {"pushed": channel}, clock)


async def reply(database: Database, clock: TestClock, text: str, seq: int) -> None:
    """Put a reply into the outbox, as a turn's commit does."""
    inbox = Inbox(database, clock, IDLE)
    receipt = await inbox.accept(Inbound(KEY, f"m{seq}", "你好"))
    conversation_id = receipt.accepted.conversation_id
    row = {
        "conversation_id": conversation_id,
        "seq": 1000 + seq,
        "inbox_id": receipt.accepted.inbox_id,
        "author": "bot",
        "text": text,
        "at": clock(),
    }
    due = {
        "conversation_id": conversation_id,
        "channel": "pushed",
        "first_seq": 1000 + seq,
        "last_seq": 1000 + seq,
        "status": "waiting",
        "attempts": 0,
        "next_at": clock(),
    }

    def write(tx: Any) -> None:
        episode = tx.exec_driver_sql("SELECT episode_id FROM conversations").scalar_one()
        tx.execute(insert(messages).values(**row, episode_id=episode))
        tx.execute(insert(outbox).values(**due))

    await database.write(write)


async def statuses(database: Database) -> list[str]:
    query = outbox.select().order_by(outbox.c.id)
    return await database.read(lambda tx: [row.status for row in tx.execute(query)])


async def test_a_reply_is_delivered_and_marked_sent(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    await reply(database, clock, "您的订单已发货", 1)
    assert await relay.run_once() == 1
    assert platform.taken == ["您的订单已发货"]
    assert await statuses(database) == ["sent"]
    assert await relay.run_once() == 0


async def test_a_failure_is_never_recorded_as_success_and_is_tried_again_after_a_pause(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    platform.status = 500
    await reply(database, clock, "一", 1)
    await relay.run_once()
    assert await statuses(database) == ["waiting"]
    assert await relay.run_once() == 0
    platform.status = 200
    clock.advance(seconds=BACKOFF_S[0])
    assert await relay.run_once() == 1
    assert await statuses(database) == ["sent"]


async def test_a_later_reply_waits_for_an_earlier_one(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    platform.status = 500
    await reply(database, clock, "一", 1)
    await relay.run_once()
    platform.status = 200
    await reply(database, clock, "二", 2)
    assert await relay.run_once() == 0
    clock.advance(seconds=BACKOFF_S[0])
    while await relay.run_once():
        pass
    assert platform.taken == ["一", "二"]


async def test_after_the_last_try_it_ends_in_the_dead_letter_and_the_next_reply_goes_on(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    platform.status = 500
    await reply(database, clock, "一", 1)
    for pause in (0, *BACKOFF_S):
        clock.advance(seconds=pause)
        assert await relay.run_once() == 1
    assert await statuses(database) == ["dead"]
    platform.status = 200
    await reply(database, clock, "二", 2)
    assert await relay.run_once() == 1
    assert platform.taken == ["二"]


async def test_what_cannot_succeed_is_not_tried_again(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    platform.status = 410
    await reply(database, clock, "一", 1)
    await relay.run_once()
    assert await statuses(database) == ["dead"]


async def test_a_delivery_left_by_a_relay_that_died_is_taken_up_by_another(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    await reply(database, clock, "一", 1)
    await database.write(relay._claim_due)
    assert await relay.run_once() == 0
    clock.advance(seconds=SENDING_LEASE.total_seconds())
    assert await relay.run_once() == 1
    assert platform.taken == ["一"]


async def test_two_relays_do_not_deliver_the_same_reply(
    relay: Relay, database: Database, clock: TestClock, platform: Platform
) -> None:
    await reply(database, clock, "一", 1)
    await asyncio.gather(relay.run_once(), relay.run_once(), relay.run_once())
    assert platform.taken == ["一"]

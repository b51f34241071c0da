"""An outside desk is told of every handoff: signed, again when it fails, in order."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from bot.handoff import HandoffDesk, Webhook
from bot.handoff.webhook import BACKOFF_S
from bot.records.tables import webhook_deliveries
from tests.bot.handoff.conftest import Room
from tests.support.servers import LiveApp

SECRET = "kq8Zr2mP5vX1cN7bT4yL9wJ3"


class OutsideDesk:
    """A brand's own desk, as a real HTTP server; ``statuses`` are its next answers."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.heard: list[dict[str, Any]] = []
        self.forged = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/handoffs")
        async def hear(request: Request) -> Response:
            body = await request.body()
            signed = request.headers["X-Yingda-Timestamp"].encode() + b"." + body
            expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
            if request.headers["X-Yingda-Signature"] != f"sha256={expected}":
                self.forged += 1
            self.heard.append(json.loads(body))
            return Response(status_code=self.statuses.pop(0) if self.statuses else 204)

        return app


@pytest.fixture
def outside() -> Iterator[tuple[OutsideDesk, str]]:
    desk = OutsideDesk()
    server = LiveApp(desk.app)
    server.start()
    yield desk, f"{server.url}/handoffs"
    server.stop()


def told_by(room: Room, url: str) -> tuple[HandoffDesk, Webhook]:
    webhook = Webhook(room.database, room.clock, url, SECRET)
    room.desk = room.replica(webhook=webhook)
    return room.desk, webhook


async def test_opening_and_closing_are_told_in_order_with_a_signature(
    room: Room, outside: tuple[OutsideDesk, str]
) -> None:
    other, url = outside
    desk, webhook = told_by(room, url)
    conversation, agent = await room.waiting(), await room.agent()
    assert await webhook.run_once() == 0  # the packet is not there yet
    await desk.packer.run_once()
    await desk.take(conversation, agent)
    await desk.resolve(conversation, agent, "solved", "")
    assert await webhook.run_once() == 1
    assert await webhook.run_once() == 1
    assert await webhook.run_once() == 0
    assert [event["kind"] for event in other.heard] == ["handoff.opened", "handoff.closed"]
    assert other.heard[0]["packet"]["summary"]
    assert len({event["id"] for event in other.heard}) == 2
    assert other.forged == 0
    await webhook.close()


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_a_refusal_is_tried_again_with_the_same_id(
    room: Room, outside: tuple[OutsideDesk, str], status: int
) -> None:
    other, url = outside
    other.statuses = [status]
    desk, webhook = told_by(room, url)
    await room.waiting()
    await desk.packer.run_once()
    await webhook.run_once()
    assert await webhook.run_once() == 0
    room.clock.advance(seconds=BACKOFF_S[0])
    assert await webhook.run_once() == 1
    assert other.heard[0] == other.heard[1]
    (row,) = await room.rows(webhook_deliveries)
    assert (row.status, row.attempts) == ("sent", 1)
    await webhook.close()


async def test_an_outside_desk_that_is_gone_for_good_ends_in_the_dead_letter(room: Room) -> None:
    desk, webhook = told_by(room, "http://127.0.0.1:9/handoffs")
    await room.waiting()
    await desk.packer.run_once()
    for pause in (0, *BACKOFF_S):
        room.clock.advance(seconds=pause)
        assert await webhook.run_once() == 1
    (row,) = await room.rows(webhook_deliveries)
    assert row.status == "dead"
    room.clock.advance(hours=2)
    assert await webhook.run_once() == 0
    await webhook.close()


async def test_what_a_dead_replica_was_sending_is_sent_by_another(
    room: Room, outside: tuple[OutsideDesk, str]
) -> None:
    other, url = outside
    desk, webhook = told_by(room, url)
    await room.waiting()
    await desk.packer.run_once()
    await room.database.write(webhook._claim)
    assert await webhook.run_once() == 0
    room.clock.advance(seconds=timedelta(seconds=31).total_seconds())
    assert await webhook.run_once() == 1
    assert len(other.heard) == 1
    await webhook.close()

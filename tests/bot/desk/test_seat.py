"""A desk that opens while its work moves."""

from __future__ import annotations

import json

from bot.desk import Role
from bot.desk.accounts import Actor
from bot.desk.live.seat import Seat, ring


def test_what_the_snapshot_shows_does_not_ring_and_what_came_meanwhile_does() -> None:
    seat = Seat(Actor("ag_1", "li", "小李", Role.AGENT, "hash", "127.0.0.1"))
    for name in ("co_shown", "co_new"):
        seat.mine.add(name)
        seat.send(ring(name))
    seat.shows(["co_shown"])
    seat.begin({"type": "snapshot"})
    sent = [json.loads(seat.outgoing.get_nowait()) for _ in range(seat.outgoing.qsize())]
    assert sent == [{"type": "snapshot"}, ring("co_new")]
    assert seat.mine == {"co_shown", "co_new"}

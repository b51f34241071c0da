"""An answer goes by the channel's own request or by the relay, never by both, never by neither."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bot.records import Database
from bot.records.tables import messages, outbox
from bot.turn import Accepted, ConversationKey, Inbound, MessageView, PassiveReplies
from bot.turn.inbox import Inbox
from bot.turn.outbox import Relay
from bot.turn.passive import TAKEN_FOR
from tests.support.clock import TestClock

KEY = ConversationKey("pushed", "openid")
WINDOW = timedelta(seconds=4)


class Wire:
    """What the relay has sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def deliver(self, key: ConversationKey, views: list[MessageView]) -> None:
        self.sent += [view.text for view in views]


class Bench:
    """A message whose answer is ready, and both who could give it."""

    def __init__(self, database: Database, clock: TestClock) -> None:
        self.database = database
        self.clock = clock
        self.wire = Wire()
        self.woken = 0
        self.relay = Relay(database, {"pushed": self.wire}, clock)
        self.passive = PassiveReplies(database, clock, self.wake)

    def wake(self) -> None:
        self.woken += 1

    async def answered(self, number: int = 1) -> Accepted:
        """Accept a message and write its answer down, as a turn's commit does."""
        inbox = Inbox(self.database, self.clock, timedelta(minutes=30))
        inbound = Inbound(KEY, f"m{number}", "你好", passive_for=WINDOW)
        accepted = (await inbox.accept(inbound)).accepted
        seq, now = 1000 + number, self.clock()

        def write(tx: Any) -> None:
            episode = tx.exec_driver_sql("SELECT episode_id FROM conversations").scalar_one()
            tx.execute(
                insert(messages).values(
                    conversation_id=accepted.conversation_id,
                    seq=seq,
                    episode_id=episode,
                    inbox_id=accepted.inbox_id,
                    author="bot",
                    text=f"答{number}",
                    at=now,
                )
            )
            tx.execute(
                insert(outbox).values(
                    conversation_id=accepted.conversation_id,
                    inbox_id=accepted.inbox_id,
                    channel="pushed",
                    first_seq=seq,
                    last_seq=seq,
                    status="waiting",
                    attempts=0,
                    next_at=now + WINDOW,
                )
            )

        await self.database.write(write)
        return accepted

    async def statuses(self) -> list[str]:
        query = outbox.select().order_by(outbox.c.id)
        return await self.database.read(lambda tx: [row.status for row in tx.execute(query)])


@pytest.fixture
def bench(database: Database, clock: TestClock) -> Bench:
    return Bench(database, clock)


async def test_within_the_window_the_request_answers_and_the_relay_does_not(bench: Bench) -> None:
    accepted = await bench.answered()
    assert await bench.relay.run_once() == 0
    taken = await bench.passive.take(accepted)
    assert taken is not None and [view.text for view in taken.views] == ["答1"]
    await bench.passive.confirm(taken, complete=True)
    bench.clock.advance(minutes=5)
    assert await bench.relay.run_once() == 0
    assert bench.wire.sent == [] and await bench.statuses() == ["sent"]


async def test_after_the_window_the_relay_answers_and_the_request_does_not(bench: Bench) -> None:
    accepted = await bench.answered()
    bench.clock.advance(seconds=5)
    await bench.relay.run_once()
    assert await bench.passive.take(accepted) is None
    assert bench.wire.sent == ["答1"]


async def test_a_request_that_leaves_makes_it_due_at_once(bench: Bench) -> None:
    accepted = await bench.answered()
    await bench.passive.leave(accepted)
    assert bench.woken == 1
    await bench.relay.run_once()
    assert bench.wire.sent == ["答1"]


async def test_at_the_same_moment_only_one_of_them_answers(bench: Bench) -> None:
    for number in range(1, 9):
        accepted = await bench.answered(number)
        bench.clock.advance(seconds=4)
        taken, _ = await asyncio.gather(bench.passive.take(accepted), bench.relay.run_once())
        given = [f"答{number}"] if taken is not None else []
        assert given + bench.wire.sent == [f"答{number}"]
        if taken is not None:
            await bench.passive.confirm(taken, complete=True)
        bench.wire.sent.clear()


async def test_a_repeat_of_the_request_gets_the_same_answer(bench: Bench) -> None:
    accepted = await bench.answered()
    both = await asyncio.gather(bench.passive.take(accepted), bench.passive.take(accepted))
    assert sorted(taken.again for taken in both if taken is not None) == [False, True]
    first = next(taken for taken in both if taken is not None and not taken.again)
    await bench.passive.confirm(first, complete=True)
    later = await bench.passive.take(accepted)
    assert later is not None and later.again and later.views == first.views


async def test_an_answer_taken_and_never_confirmed_falls_to_the_relay(bench: Bench) -> None:
    accepted = await bench.answered()
    assert await bench.passive.take(accepted) is not None
    bench.clock.advance(seconds=TAKEN_FOR.total_seconds() - 1)
    assert await bench.relay.run_once() == 0
    bench.clock.advance(seconds=2)
    await bench.relay.run_once()
    assert bench.wire.sent == ["答1"]


async def test_the_rest_of_an_answer_goes_by_the_relay(bench: Bench) -> None:
    accepted = await bench.answered()
    taken = await bench.passive.take(accepted)
    assert taken is not None
    noted: list[str] = []
    await bench.passive.confirm(taken, complete=False, along=lambda tx: noted.append("part 0"))
    assert noted == ["part 0"] and bench.woken == 1
    await bench.relay.run_once()
    assert bench.wire.sent == ["答1"]  # the channel itself knows which part is left


async def test_a_later_answer_does_not_overtake_an_earlier_one(bench: Bench) -> None:
    first = await bench.answered(1)
    second = await bench.answered(2)
    assert await bench.passive.take(second) is None
    taken = await bench.passive.take(first)
    assert taken is not None
    await bench.passive.confirm(taken, complete=True)
    assert await bench.passive.take(second) is not None


async def test_a_repeat_while_the_turn_runs_opens_the_window_again(
    bench: Bench, database: Database, clock: TestClock
) -> None:
    inbox = Inbox(database, clock, timedelta(minutes=30))
    inbound = Inbound(KEY, "m1", "你好", passive_for=WINDOW)
    accepted = (await inbox.accept(inbound)).accepted
    clock.advance(seconds=5)
    await bench.passive.reopen(accepted, WINDOW)
    query = "SELECT count(*) FROM inbox WHERE passive_until > received_at"
    assert await database.read(lambda tx: tx.exec_driver_sql(query).scalar_one()) == 1
    await bench.passive.leave(accepted)
    assert await bench.passive.take(accepted) is None

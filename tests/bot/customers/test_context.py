"""Identity and proof, on a real database and the real demo shop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from actions.context import IdentityLevel, Proof, Who
from actions.shop import DemoShop, ShopUnavailable, open_demo_shop, personas
from bot.customers import ServiceContext
from bot.customers.context import MAX_TRIES_PER_ORDER
from bot.records import Database
from bot.records.tables import customers, episodes, events, handoff_requests, identities
from bot.turn import ConversationKey, Inbound
from bot.turn.inbox import Inbox
from tests.support.clock import TestClock


@pytest_asyncio.fixture
async def shop(tmp_path: Path, clock: TestClock) -> AsyncIterator[DemoShop]:
    opened = open_demo_shop(tmp_path / "shop.db", clock)
    yield opened
    await opened.close()


@pytest.fixture
def context(database: Database, shop: DemoShop, clock: TestClock) -> ServiceContext:
    return ServiceContext(database, shop, clock)


async def new_episode(
    database: Database, clock: TestClock, visitor: str = "v1", customer: str | None = None
) -> str:
    inbox = Inbox(database, clock, timedelta(minutes=30))
    key = ConversationKey("app_chat", visitor)
    await inbox.accept(Inbound(key, f"{visitor}-1", "你好", verified_customer_id=customer))
    newest = select(episodes.c.id).order_by(episodes.c.opened_at.desc()).limit(1)
    return await database.read(lambda tx: tx.execute(newest).scalar_one())


async def test_a_stranger_is_anonymous(
    context: ServiceContext, database: Database, clock: TestClock
) -> None:
    assert await context.who(await new_episode(database, clock)) == Who()


async def test_an_unknown_episode_is_anonymous(context: ServiceContext) -> None:
    assert await context.who("ep_nobody") == Who()


async def test_a_signed_in_customer_is_verified(
    context: ServiceContext, database: Database, clock: TestClock
) -> None:
    who = await context.who(await new_episode(database, clock, customer="C000001"))
    assert who.verified
    assert who.customer_id == "C000001"


async def test_order_number_and_phone_tail_verify_and_link_the_identity(
    context: ServiceContext, database: Database, shop: DemoShop, clock: TestClock
) -> None:
    people = personas(shop)
    episode = await new_episode(database, clock)
    result = await context.prove_order(
        episode, people["lin.in_transit.number"], people["lin.in_transit.tail"]
    )
    assert result.proof is Proof.OK
    assert (await context.who(episode)).customer_id == people["lin.id"]
    query = select(identities.c.level, customers.c.shop_customer_id).join(customers)
    linked = await database.read(lambda tx: tx.execute(query).one())
    assert tuple(linked) == (IdentityLevel.LINKED.value, people["lin.id"])


async def test_three_wrong_tries_lock_the_door_even_for_the_right_answer(
    context: ServiceContext, database: Database, shop: DemoShop, clock: TestClock
) -> None:
    people = personas(shop)
    number, tail = people["lin.in_transit.number"], people["lin.in_transit.tail"]
    wrong = "0000" if tail != "0000" else "1111"
    episode = await new_episode(database, clock)
    guesses = [wrong, str(9999 - int(wrong)).zfill(4), "2222" if tail != "2222" else "3333"]
    results = [await context.prove_order(episode, number, guess) for guess in guesses]
    assert [(r.proof, r.tries_left) for r in results] == [
        (Proof.WRONG, 2),
        (Proof.WRONG, 1),
        (Proof.LOCKED, 0),
    ]
    assert (await context.prove_order(episode, number, tail)).proof is Proof.LOCKED
    assert (await context.who(episode)).door_locked
    assert not (await context.who(episode)).verified


async def test_an_unknown_order_looks_like_a_wrong_tail(
    context: ServiceContext, database: Database, clock: TestClock
) -> None:
    episode = await new_episode(database, clock)
    result = await context.prove_order(episode, "000000000000", "1234")
    assert (result.proof, result.tries_left) == (Proof.WRONG, 2)


async def test_guessing_one_order_over_many_episodes_locks_that_order_for_a_day(
    context: ServiceContext, database: Database, shop: DemoShop, clock: TestClock
) -> None:
    people = personas(shop)
    number, tail = people["lin.in_transit.number"], people["lin.in_transit.tail"]
    for guess in range(MAX_TRIES_PER_ORDER):
        clock.advance(seconds=1)
        episode = await new_episode(database, clock, f"guesser{guess}")
        await context.prove_order(episode, number, "0000" if tail != "0000" else "1111")
    clock.advance(seconds=1)
    episode = await new_episode(database, clock, "late")
    assert (await context.prove_order(episode, number, tail)).proof is Proof.LOCKED
    clock.advance(hours=25)
    episode = await new_episode(database, clock, "next day")
    assert (await context.prove_order(episode, number, tail)).proof is Proof.OK


async def test_tries_made_at_the_same_moment_do_not_slip_past_the_limit(
    context: ServiceContext, database: Database, shop: DemoShop, clock: TestClock
) -> None:
    number = personas(shop)["lin.in_transit.number"]
    episodes_at_once = []
    for guess in range(2 * MAX_TRIES_PER_ORDER):
        clock.advance(seconds=1)
        episodes_at_once.append(await new_episode(database, clock, f"at once {guess}"))
    results = await asyncio.gather(
        *(context.prove_order(episode, number, "0000") for episode in episodes_at_once)
    )
    judged = [result for result in results if result.proof is Proof.WRONG]
    assert len(judged) == MAX_TRIES_PER_ORDER


async def test_the_same_try_repeated_within_a_turn_counts_once(
    context: ServiceContext, database: Database, clock: TestClock
) -> None:
    episode = await new_episode(database, clock)
    results = [await context.prove_order(episode, "000000000000", "1234") for _ in range(4)]
    assert [result.tries_left for result in results] == [2, 2, 2, 2]


async def test_a_try_that_the_shop_could_not_judge_is_not_used_up(
    context: ServiceContext, database: Database, shop: DemoShop, clock: TestClock
) -> None:
    people = personas(shop)
    episode = await new_episode(database, clock)

    class Away:
        async def check_phone_tail(self, order_number: str, last4: str) -> str | None:
            raise ShopUnavailable

    for _ in range(4):
        with pytest.raises(ShopUnavailable):
            await ServiceContext(database, Away(), clock).prove_order(episode, "0" * 12, "1234")  # type: ignore[arg-type]
    result = await context.prove_order(
        episode, people["lin.in_transit.number"], people["lin.in_transit.tail"]
    )
    assert result.proof is Proof.OK


async def test_asking_for_a_person_twice_is_recorded_once(
    context: ServiceContext, database: Database, clock: TestClock
) -> None:
    episode = await new_episode(database, clock)
    await context.request_handoff(episode, "asked_for_human", "seq:1")
    await context.request_handoff(episode, "asked_for_human", "seq:3")
    kinds = select(events.c.kind).order_by(events.c.id)
    assert len(await database.read(lambda tx: tx.execute(select(handoff_requests)).all())) == 1
    assert await database.read(lambda tx: list(tx.execute(kinds).scalars())) == [
        "episode_opened",
        "handoff_requested",
    ]

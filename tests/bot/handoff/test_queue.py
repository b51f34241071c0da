"""Priority then age, skills, capacity, round robin; the queue moves by itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.records.tables import conversations, handoffs
from tests.bot.handoff.conftest import Room


async def test_the_most_urgent_comes_first_then_the_oldest(room: Room) -> None:
    old = await room.waiting("old", priority=4)
    room.clock.advance(seconds=1)
    young = await room.waiting("young", priority=4)
    room.clock.advance(seconds=1)
    urgent = await room.waiting("urgent", priority=1)
    places = {c: await room.desk.queue_place(c) for c in (urgent, old, young)}
    assert [place.place for place in places.values() if place] == [1, 2, 3]
    agent = await room.agent(capacity=1)
    for expected in (urgent, old, young):
        await room.desk.assign_waiting()
        assert (await room.conversation(expected)).agent_id == agent
        await room.desk.resolve(expected, agent, "solved", "")


async def test_free_agents_take_turns(room: Room) -> None:
    agents = [await room.agent(f"客服{n}") for n in range(3)]
    given = []
    for n in range(6):
        conversation = await room.waiting(f"c{n}")
        room.clock.advance(seconds=1)
        await room.desk.assign_waiting()
        given.append((await room.conversation(conversation)).agent_id)
    assert sorted(given[:3]) == sorted(agents)
    assert given[3:] == given[:3]


async def test_nobody_gets_more_than_their_capacity(room: Room) -> None:
    agent = await room.agent(capacity=2)
    waiting = [await room.waiting(f"c{n}") for n in range(3)]
    assert await room.desk.assign_waiting() == 2
    assert await room.desk.assign_waiting() == 0
    await room.desk.resolve(waiting[0], agent, "solved", "")
    assert await room.desk.assign_waiting() == 1


async def test_who_lacks_the_skill_is_asked_only_when_it_has_waited_long(room: Room) -> None:
    conversation = await room.waiting(skill="电话")
    agent = await room.agent(skills=["售后"])
    skilled = await room.agent(skills=["电话"], capacity=0)
    assert await room.desk.assign_waiting() == 0
    room.clock.advance(seconds=121)
    await room.desk.beat(agent)
    await room.desk.beat(skilled)
    assert await room.desk.assign_waiting() == 1
    assert (await room.conversation(conversation)).agent_id == agent


async def test_nobody_waits_for_a_skill_that_no_agent_at_work_has(room: Room) -> None:
    conversation = await room.waiting(skill="电话")
    agent = await room.agent(skills=["售后"])
    await room.agent(skills=["电话"], presence="away")
    await room.agent(role="supervisor", skills=["电话"], capacity=0)
    assert await room.desk.assign_waiting() == 1
    assert (await room.conversation(conversation)).agent_id == agent


async def test_the_language_of_the_customer_is_matched(room: Room) -> None:
    conversation = await room.waiting(language="en")
    await room.agent("小李")
    both = await room.agent("小周", languages=["zh", "en"])
    await room.desk.assign_waiting()
    assert (await room.conversation(conversation)).agent_id == both


async def test_agents_who_are_away_or_gone_or_left_get_nothing(room: Room) -> None:
    await room.waiting()
    await room.agent(presence="away")
    await room.agent(presence="offline")
    await room.agent(active=False)
    await room.agent(seen_at=room.clock() - timedelta(seconds=61))
    assert await room.desk.assign_waiting() == 0


async def test_the_agent_spoken_with_before_comes_first_for_a_day(room: Room) -> None:
    first, other = await room.agent("小李"), await room.agent("小周")
    conversation = await room.waiting()
    await room.desk.take(conversation, first)
    await room.desk.reply(conversation, first, "您好")
    await room.desk.resolve(conversation, first, "solved", "")
    room.clock.advance(hours=3)
    await room.desk.beat(first)
    await room.desk.beat(other)
    await room.say("a", "又坏了")
    await room.open(conversation)
    await room.desk.assign_waiting()
    assert (await room.conversation(conversation)).agent_id == first
    await room.desk.resolve(conversation, first, "solved", "")
    room.clock.advance(hours=25)
    await room.say("a", "还是坏的")
    await room.open(conversation)
    assert (await room.handoff(conversation)).wanted_agent_id is None


async def test_the_agent_spoken_with_before_is_waited_for_only_a_moment(room: Room) -> None:
    first, other = await room.agent("小李", capacity=1), await room.agent("小周")
    busy = await room.waiting("busy")
    await room.desk.take(busy, first)
    conversation = await room.waiting("a")
    wanted = update(handoffs).where(handoffs.c.conversation_id == conversation)
    await room.database.write(lambda tx: tx.execute(wanted.values(wanted_agent_id=first)))
    assert await room.desk.assign_waiting() == 0
    room.clock.advance(seconds=61)
    await room.desk.beat(other)
    await room.desk.assign_waiting()
    assert (await room.conversation(conversation)).agent_id == other


async def test_the_expected_wait_follows_from_what_handling_has_taken(room: Room) -> None:
    agent = await room.agent(capacity=1)
    for n in range(2):
        done = await room.waiting(f"done{n}")
        await room.desk.take(done, agent)
        room.clock.advance(minutes=10)
        await room.desk.beat(agent)
        await room.desk.resolve(done, agent, "solved", "")
    free = await room.waiting("free")
    place = await room.desk.queue_place(free)
    assert place is not None
    assert (place.place, place.wait_s) == (1, 0.0)
    await room.desk.take(free, agent)
    room.clock.advance(seconds=1)
    first, second = await room.waiting("first"), await room.waiting("second")
    waits = [await room.desk.queue_place(c) for c in (first, second)]
    assert [(w.place, w.wait_s) for w in waits if w] == [(1, 600.0), (2, 1200.0)]
    await room.desk.leave(agent)
    gone = await room.desk.queue_place(second)
    assert gone is not None
    assert gone.wait_s is None


async def test_a_customer_who_cancels_is_not_assigned_any_more(room: Room) -> None:
    conversation = await room.waiting()
    await room.agent()
    closed = update(conversations).values(owner="bot", handoff_id=None)
    await room.database.write(lambda tx: tx.execute(closed))
    assert await room.desk.assign_waiting() == 0
    assert (await room.conversation(conversation)).agent_id is None


async def test_nobody_waits_for_an_agent_who_has_gone_home(room: Room) -> None:
    first, other = await room.agent("小李"), await room.agent("小周")
    conversation = await room.waiting()
    await room.desk.take(conversation, first)
    await room.desk.reply(conversation, first, "您好")
    await room.desk.resolve(conversation, first, "solved", "")
    await room.desk.leave(first)
    await room.say("a", "又坏了")
    await room.open(conversation)
    await room.desk.assign_waiting()
    assert (await room.conversation(conversation)).agent_id == other

"""What time changes: nobody waits for ever, whoever falls silent."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations import DESK
from bot.handoff import Effects, HandoffDesk
from bot.records.tables import agents, events, handoffs
from tests.bot.handoff.conftest import Room


async def beat_all(room: Room) -> None:
    for row in await room.rows(agents):
        if row.presence != "offline":
            await room.desk.beat(row.id)


async def later(room: Room, **time: float) -> None:
    """Let time pass with every desk alive, and look once."""
    room.clock.advance(**time)
    await beat_all(room)
    await room.desk.run_once()


async def test_an_agent_who_says_nothing_is_passed_over_then_the_supervisors_are_called(
    room: Room,
) -> None:
    first, second = await room.agent("小李"), await room.agent("小周")
    chief = await room.agent("陈主管", role="supervisor")
    conversation = await room.waiting()
    await room.desk.run_once()
    owners = [(await room.conversation(conversation)).agent_id]
    await later(room, seconds=61)
    owners.append((await room.conversation(conversation)).agent_id)
    assert sorted(owners) == sorted([first, second])
    await later(room, seconds=61)
    assert (await room.conversation(conversation)).agent_id == chief
    handoff = await room.handoff(conversation)
    assert handoff.supervised
    kinds = await room.kinds(conversation)
    assert kinds.count("requeued") == 2
    assert "alarm" in kinds


async def test_a_customer_who_comes_back_to_the_same_agent_is_not_told_so_again(
    room: Room,
) -> None:
    agent = await room.agent("小李")
    conversation = await room.waiting()
    await room.desk.run_once()
    await later(room, seconds=61)  # nobody else is there: the same one is asked again
    await later(room, minutes=5)
    assert (await room.conversation(conversation)).agent_id == agent
    kinds = await room.kinds(conversation)
    assert kinds.count("agent_assigned") > 1
    heard = await room.heard(conversation)
    assert len([text for text in heard if "小李为您服务" in text]) == 1
    other = await room.agent("小周")
    await room.desk.transfer(conversation, agent, "", to_agent=other)
    await room.desk.transfer(conversation, other, "", to_agent=agent)
    assert [text for text in await room.heard(conversation) if "为您服务" in text][-3:] == [
        "客服小李为您服务。",
        "客服小周为您服务。",
        "客服小李为您服务。",
    ]


async def test_an_agent_whose_desk_is_silent_gives_everything_back_with_its_age(
    room: Room,
) -> None:
    gone = await room.agent()
    first, second = await room.waiting("a", priority=2), await room.waiting("b")
    await room.desk.take(first, gone)
    await room.desk.take(second, gone)
    await room.desk.reply(first, gone, "您好")
    room.clock.advance(seconds=61)
    await room.desk.run_once()
    (agent,) = await room.rows(agents)
    assert agent.presence == "offline"
    for conversation in (first, second):
        handoff = await room.handoff(conversation)
        assert (handoff.status, handoff.agent_id) == ("waiting", None)
        assert handoff.queued_at == handoff.opened_at
    assert (await room.handoff(first)).priority == 2
    assert "暂时离开" in (await room.heard(first))[-1]
    assert not any("暂时离开" in text for text in await room.heard(second))
    assert await room.desk.beat(gone) == "offline"


async def test_a_customer_left_waiting_a_quarter_of_an_hour_gets_another_agent(
    room: Room,
) -> None:
    slow, other = await room.agent("小李"), await room.agent("小周")
    conversation = await room.waiting()
    await room.desk.take(conversation, slow)
    await room.desk.reply(conversation, slow, "您好")
    await room.hears(conversation, "在吗")
    await later(room, minutes=14)
    assert (await room.conversation(conversation)).agent_id == slow
    await later(room, minutes=2)
    assert (await room.conversation(conversation)).agent_id == other
    assert any("小李迟迟没有回复" in text for text in await room.heard(conversation))
    rows = [row.data for row in await room.rows(events) if row.kind == "alarm"]
    assert "silent" in {row["alarm"] for row in rows}


async def test_supervisors_hear_once_of_an_answer_that_is_almost_overdue(room: Room) -> None:
    conversation = await room.waiting()
    await later(room, minutes=8)
    assert "alarm" not in await room.kinds(conversation)
    for _ in range(3):
        await later(room, minutes=0.6)
    assert (await room.kinds(conversation)).count("alarm") == 1


async def test_a_snooze_ends_by_itself(room: Room) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    await room.desk.take(conversation, agent)
    await room.desk.reply(conversation, agent, "稍等，我问一下仓库")
    await room.desk.snooze(conversation, agent, room.clock() + timedelta(minutes=20))
    await later(room, minutes=19)
    assert (await room.conversation(conversation)).snoozed_until is not None
    await later(room, minutes=2)
    row = await room.conversation(conversation)
    assert (row.snoozed_until, row.agent_id) == (None, agent)


async def test_the_place_in_the_queue_is_told_again_only_when_it_changed_much(
    room: Room,
) -> None:
    ahead = [await room.waiting(f"c{n}") for n in range(3)]
    room.clock.advance(seconds=1)
    last = await room.waiting("last")
    await later(room, minutes=4)
    assert await room.heard(last) == []
    agent = await room.agent(capacity=1, skills=["电话"])
    for conversation in ahead[:2]:
        await room.desk.take(conversation, agent)
        await room.desk.resolve(conversation, agent, "solved", "")
    await room.desk.leave(agent)
    await later(room, minutes=4)
    (told,) = await room.heard(last)
    assert "让您久等了" in told


async def test_who_still_waits_when_the_day_ends_is_offered_to_leave_a_message(
    room: Room,
) -> None:
    conversation = await room.waiting()
    await later(room, hours=9, minutes=1)
    row, handoff = await room.conversation(conversation), await room.handoff(conversation)
    assert (row.owner, row.expecting, handoff.status) == ("bot", "message_offer", "off_hours")
    assert "明天 09:00" in (await room.heard(conversation))[-1]


async def test_who_still_waits_when_the_day_ends_stays_while_an_agent_works_late(
    room: Room,
) -> None:
    conversation, _agent = await room.waiting(skill="电话"), await room.agent(capacity=0)
    await later(room, hours=9, minutes=1)
    assert (await room.conversation(conversation)).owner == "human"


async def test_an_assignment_that_nobody_lived_to_announce_is_announced_by_another_replica(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, agent = await room.waiting(), await room.agent()

    async def die(_desk: HandoffDesk, _effects: Effects) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(HandoffDesk, "publish", die)
        with pytest.raises(asyncio.CancelledError):
            await room.desk.assign_waiting()
    assert (await room.conversation(conversation)).agent_id == agent
    survivor = room.replica()
    room.clock.advance(seconds=2)
    async with survivor.bus.watch(DESK) as heard:
        await survivor.run_once()
        assert heard.get_nowait().conversation_id == conversation  # type: ignore[union-attr]
    announced = select(handoffs.c.announced_at)
    assert await room.database.read(lambda tx: tx.execute(announced).scalar_one()) is not None


async def test_the_queue_moves_by_itself_once_started(room: Room) -> None:
    conversation, _agent = await room.waiting(), await room.agent()
    async with room.desk.bus.watch(DESK) as heard:
        await room.desk.start()
        while (await room.conversation(conversation)).agent_id is None:
            await asyncio.wait_for(heard.get(), 30)
        await room.desk.stop()

"""Exactly one owner at any time; every change is an event, and the customer hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.errors import DeskConflict, DeskForbidden, MessageEmpty, NotFound
from bot.records.tables import episodes
from tests.bot.handoff.conftest import Room


async def test_an_opened_handoff_waits_and_the_bot_no_longer_owns_the_conversation(
    room: Room,
) -> None:
    conversation = await room.waiting()
    row = await room.conversation(conversation)
    handoff = await room.handoff(conversation)
    assert (row.owner, row.agent_id, row.handoff_id) == ("human", None, handoff.id)
    assert handoff.status == "waiting"
    assert handoff.sla_due == room.clock() + timedelta(minutes=10)
    assert await room.kinds(conversation) == ["episode_opened", "handoff_opened"]


async def test_an_agent_takes_answers_and_resolves(room: Room) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    await room.desk.take(conversation, agent)
    first = await room.desk.reply(conversation, agent, "您好，我来处理", client_id="1")
    again = await room.desk.reply(conversation, agent, "您好，我来处理", client_id="1")
    assert first == again
    assert first.name == "小李"
    assert await room.heard(conversation, "agent") == ["您好，我来处理"]
    await room.desk.resolve(conversation, agent, "solved", "补发一件")
    row, handoff = await room.conversation(conversation), await room.handoff(conversation)
    assert (row.owner, row.agent_id, row.handoff_id) == ("bot", None, None)
    assert (row.last_agent_id, row.episode_id) == (agent, None)
    assert (handoff.status, handoff.disposition, handoff.note) == ("resolved", "solved", "补发一件")
    assert await room.kinds(conversation) == [
        "episode_opened",
        "handoff_opened",
        "agent_assigned",
        "agent_joined",
        "resolved",
        "episode_closed",
    ]
    (episode,) = await room.rows(episodes)
    assert (episode.outcome, episode.close_reason) == ("handed_off", "resolved")
    assert "小李为您服务" in (await room.heard(conversation))[0]


async def test_the_next_message_after_resolving_opens_an_episode_linked_to_the_old_one(
    room: Room,
) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    await room.desk.take(conversation, agent)
    await room.desk.resolve(conversation, agent, "solved", "")
    room.clock.advance(minutes=5)
    await room.say("a", "还有个问题")
    old, new = sorted(await room.rows(episodes), key=lambda row: row.opened_at)
    assert new.previous_id == old.id


async def test_handing_back_lets_the_bot_go_on_knowing_what_was_agreed(room: Room) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    snapshot = {
        "version": 1,
        "slots": {"said": {"handoff": 1, "utter_x": 2}, "tasks": [{"skill": "cancel"}]},
        "loop": None,
    }
    stored = update(episodes).values(snapshot=snapshot, turns=3)
    await room.database.write(lambda tx: tx.execute(stored))
    await room.desk.take(conversation, agent)
    await room.desk.reply(conversation, agent, "给您补发一件")
    await room.desk.hand_back(conversation, agent, "已同意补发一件")
    row, handoff = await room.conversation(conversation), await room.handoff(conversation)
    assert (row.owner, row.handoff_id, handoff.status) == ("bot", None, "handed_back")
    assert row.episode_id is not None
    (episode,) = await room.rows(episodes)
    assert episode.turns == 4
    slots = episode.snapshot["slots"]
    assert slots["said"] == {"utter_x": 2}
    assert slots["tasks"] is None
    assert slots["about"]["agreed"] == "已同意补发一件"
    assert "handed_back" in await room.kinds(conversation)
    assert "小禾" in (await room.heard(conversation))[-1]


async def test_only_who_has_the_conversation_may_speak_in_it(room: Room) -> None:
    conversation = await room.waiting()
    mine, other = await room.agent(), await room.agent("小周")
    with pytest.raises(DeskForbidden):
        await room.desk.reply(conversation, mine, "您好")
    await room.desk.take(conversation, mine)
    with pytest.raises(DeskForbidden):
        await room.desk.reply(conversation, other, "您好")
    with pytest.raises(DeskForbidden):
        await room.desk.resolve(conversation, other, "solved", "")
    with pytest.raises(MessageEmpty):
        await room.desk.reply(conversation, mine, "  ")
    await room.desk.hand_back(conversation, mine, "")
    with pytest.raises(DeskConflict):
        await room.desk.reply(conversation, mine, "您好")
    with pytest.raises(NotFound):
        await room.desk.take("co_nothing", mine)


async def test_a_taken_conversation_cannot_be_taken_again_and_a_full_agent_takes_none(
    room: Room,
) -> None:
    first, second = await room.waiting("a"), await room.waiting("b")
    full, other = await room.agent(capacity=1), await room.agent("小周")
    await room.desk.take(first, full)
    with pytest.raises(DeskConflict) as taken:
        await room.desk.take(first, other)
    assert taken.value.code == "taken"
    with pytest.raises(DeskConflict) as refused:
        await room.desk.take(second, full)
    assert refused.value.code == "full"


async def test_a_conversation_is_given_to_a_colleague_a_skill_or_the_supervisors(
    room: Room,
) -> None:
    conversation, mine = await room.waiting(), await room.agent()
    other, chief = await room.agent("小周"), await room.agent("陈主管", role="supervisor")
    await room.desk.take(conversation, mine)
    await room.desk.transfer(conversation, mine, "懂售后", to_agent=other)
    assert (await room.conversation(conversation)).agent_id == other
    await room.desk.transfer(conversation, other, "要投诉", to_skill="投诉")
    handoff = await room.handoff(conversation)
    assert (handoff.status, handoff.skill, handoff.passed) == ("waiting", "投诉", [other])
    assert "投诉同事" in (await room.heard(conversation))[-1]
    with pytest.raises(DeskForbidden):
        await room.desk.take_over(conversation, mine)
    await room.desk.take_over(conversation, chief)
    assert (await room.conversation(conversation)).agent_id == chief
    with pytest.raises(DeskConflict):
        away = await room.agent("小王", presence="away")
        await room.desk.transfer(conversation, chief, "", to_agent=away)


async def test_a_snoozed_conversation_does_not_count_and_wakes_when_the_agent_speaks(
    room: Room,
) -> None:
    first, second = await room.waiting("a"), await room.waiting("b")
    agent = await room.agent(capacity=1)
    await room.desk.take(first, agent)
    await room.desk.snooze(first, agent, room.clock() + timedelta(minutes=30))
    await room.desk.take(second, agent)
    await room.desk.reply(first, agent, "查到了")
    assert (await room.conversation(first)).snoozed_until is None
    with pytest.raises(DeskConflict):
        await room.desk.snooze(first, agent, room.clock())

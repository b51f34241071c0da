"""People take over within a turn; while they have the conversation, the bot listens in silence."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, update

from bot.records import new_id
from bot.records.tables import (
    agents,
    cases,
    conversations,
    episodes,
    events,
    handoffs,
    inbox,
    messages,
    outbox,
)
from bot.turn import Author, ConversationKey
from bot.turn.inbox import Inbox
from tests.bot.turn.conftest import IDLE, KEY, Bench, said


async def an_agent(bench: Bench) -> str:
    """An agent at work."""
    agent_id = new_id("ag")
    row = {
        "id": agent_id,
        "login": agent_id,
        "name": "小李",
        "role": "agent",
        "password_hash": "-",
        "skills": ["售前", "售后", "投诉"],
        "languages": ["zh"],
        "capacity": 5,
        "active": True,
        "presence": "online",
        "seen_at": bench.clock(),
        "created_at": bench.clock(),
    }
    await bench.database.write(lambda tx: tx.execute(insert(agents).values(**row)))
    return agent_id


async def owner(bench: Bench) -> str:
    """Who has the conversation."""
    return (await bench.turns.state(KEY)).owner


async def conversation_of(bench: Bench) -> str:
    """The conversation's id."""
    (row,) = await bench.rows(conversations)
    return str(row["id"])


async def test_who_asks_for_a_person_hears_the_place_in_the_queue_in_the_same_turn(
    bench: Bench,
) -> None:
    agent = await an_agent(bench)
    result = await bench.turns.answer(said("转人工"), 30)
    assert result is not None
    assert (result.owner, result.handoff) == ("human", "asked_for_human")
    *_ours, notice = result.replies
    assert notice.author is Author.SYSTEM
    assert "您排在第一位，马上就有同事接待" in notice.text
    assert notice.quick_replies == ("取消排队",)
    assert len(await bench.rows(outbox)) == 1
    conversation = await conversation_of(bench)
    await bench.desk.run_once()
    assert (await bench.turns.state(KEY)).agent == "小李"
    view = await bench.desk.reply(conversation, agent, "您好")
    assert (await bench.turns.history(KEY))[-1] == view


async def test_while_people_have_it_the_bot_says_nothing_and_understands_for_the_desk(
    bench: Bench,
) -> None:
    agent = await an_agent(bench)
    await bench.say("转人工", 1)
    await bench.desk.take(await conversation_of(bench), agent)
    result = await bench.turns.answer(said("你们的东西太差了，气死我了", 2), 30)
    assert result is not None
    assert result.replies == ()
    assert result.owner == "human"
    assert result.emotion is not None
    heard = [row for row in await bench.rows(messages) if row["author"] == "customer"][-1]
    assert heard["intent"] is not None
    assert heard["emotion"]["label"] == "negative"  # type: ignore[index]
    kinds = [row["kind"] for row in await bench.rows(events)]
    assert kinds.count("turn") == 1
    assert kinds[-1] == "heard"
    (handoff,) = await bench.rows(handoffs)
    assert handoff["unanswered_since"] is not None


@pytest.mark.parametrize("mode", ["cut", "swallow", "garbage"])
async def test_a_message_to_people_is_kept_while_the_engine_is_away(
    bench: Bench, mode: str
) -> None:
    agent = await an_agent(bench)
    await bench.say("转人工", 1)
    await bench.desk.take(await conversation_of(bench), agent)
    bench.network.mode = mode  # type: ignore[assignment]
    result = await bench.turns.answer(said("在吗", 2), 30)
    assert result is not None
    assert (result.replies, result.intent, result.owner) == ((), None, "human")
    assert [row["status"] for row in await bench.rows(inbox)] == ["done", "done"]


async def test_who_leaves_the_queue_goes_on_with_the_bot(bench: Bench) -> None:
    await bench.say("转人工", 1)
    (reply,) = await bench.say("不用人工了", 2)
    assert reply.author is Author.SYSTEM
    assert "已取消排队" in reply.text
    assert await owner(bench) == "bot"
    (handoff,) = await bench.rows(handoffs)
    assert handoff["status"] == "cancelled"
    answer = await bench.say("你们上海有门店吗", 3)
    assert answer[0].author is Author.BOT
    result = await bench.turns.answer(said("转人工", 4), 30)
    assert result is not None
    assert result.owner == "human"
    assert "已经在" not in result.replies[0].text


async def test_who_leaves_the_queue_for_a_question_has_it_answered_at_once(bench: Bench) -> None:
    await bench.say("转人工", 1)
    result = await bench.turns.answer(said("不用转了，你们上海有门店吗", 2), 30)
    assert result is not None
    assert (result.owner, result.intent) == ("bot", "store_info")
    left, answer, *_ = result.replies
    assert left.text == "好的，已取消排队。"
    assert "上海静安店" in answer.text or "哪个城市" in answer.text or "3 家" in answer.text
    (handoff,) = await bench.rows(handoffs)
    assert handoff["status"] == "cancelled"


async def test_who_asks_while_waiting_hears_once_that_we_could_answer_and_how(
    bench: Bench,
) -> None:
    await bench.say("转人工", 1)
    (offer,) = await bench.say("你们上海有门店吗", 2)
    assert offer.author is Author.SYSTEM
    assert (offer.quick_replies, await owner(bench)) == (("继续问小禾",), "human")
    assert "同事接入后会看到" in offer.text
    assert await bench.say("杭州有门店吗", 3) == []
    left, answer = await bench.say("继续问小禾", 4)
    assert "已取消排队" in left.text
    assert "杭州西湖店" in answer.text
    assert await owner(bench) == "bot"


async def test_what_is_told_to_people_while_waiting_needs_no_word_of_ours(bench: Bench) -> None:
    await bench.say("转人工", 1)
    assert await bench.say("好的谢谢", 2) == []


async def test_once_an_agent_has_it_no_question_is_taken_from_them(bench: Bench) -> None:
    agent = await an_agent(bench)
    await bench.say("转人工", 1)
    await bench.desk.take(await conversation_of(bench), agent)
    assert await bench.say("不用了我问一下你们上海有门店吗", 2) == []
    assert await owner(bench) == "human"


async def test_after_handing_back_the_bot_answers_again(bench: Bench) -> None:
    agent = await an_agent(bench)
    await bench.say("转人工", 1)
    conversation = await conversation_of(bench)
    await bench.desk.take(conversation, agent)
    await bench.desk.reply(conversation, agent, "给您补发一件")
    await bench.desk.hand_back(conversation, agent, "补发一件")
    result = await bench.turns.answer(said("你们上海有门店吗", 2), 30)
    assert result is not None
    assert (result.owner, result.handoff, result.intent) == ("bot", None, "store_info")


@pytest.mark.parametrize("hours", ["never"])
async def test_off_hours_a_message_can_be_left_and_becomes_a_case(bench: Bench) -> None:
    result = await bench.turns.answer(said("转人工", 1), 30)
    assert result is not None
    assert (result.owner, result.handoff) == ("bot", "off_hours")
    assert result.replies[-1].quick_replies == ("留言", "继续问小禾")
    (asked,) = await bench.say("留言", 2)
    assert "留言的内容" in asked.text
    (taken,) = await bench.say("杯子碎了，电话13812345678，请回电", 3)
    assert "已收到您的留言" in taken.text
    (case,) = await bench.rows(cases)
    assert case["kind"] == "left_message"
    assert "138****5678" in str(case["title"])
    assert "13812345678" in str(case["detail"])
    answer = await bench.say("你们上海有门店吗", 4)
    assert answer[0].author is Author.BOT
    await bench.turns.end(KEY)
    (episode,) = await bench.rows(episodes)
    assert episode["outcome"] == "handoff_failed"


async def test_a_caller_in_the_queue_is_offered_nothing_to_write(bench: Bench) -> None:
    call = ConversationKey("phone", "caller")
    result = await bench.turns.answer(said("转人工", 1, call), 30)
    assert result is not None
    assert result.replies[-1].quick_replies == ("取消排队",)


@pytest.mark.parametrize("hours", ["never"])
async def test_off_hours_a_caller_is_offered_a_call_back_and_nothing_to_write(bench: Bench) -> None:
    call = ConversationKey("phone", "caller")
    result = await bench.turns.answer(said("转人工", 1, call), 30)
    assert result is not None
    notice = result.replies[-1]
    assert "回电" in notice.text and "留言" not in notice.text
    assert notice.quick_replies == ("继续问小禾",)


@pytest.mark.parametrize("hours", ["never"])
async def test_off_hours_one_may_also_go_on_with_the_bot(bench: Bench) -> None:
    await bench.say("转人工", 1)
    answer = await bench.say("你们上海有门店吗", 2)
    assert answer[0].author is Author.BOT
    assert await bench.rows(cases) == []


async def test_an_answer_of_the_bot_is_thrown_away_when_people_took_over_meanwhile(
    bench: Bench,
) -> None:
    agent = await an_agent(bench)
    await bench.say("你好", 1)
    bench.network.mode = "swallow"
    accepted = await bench.turns.accept(said("你们上海有门店吗", 2))
    conversation = await conversation_of(bench)
    handoff_id = new_id("ho")
    (episode,) = await bench.rows(episodes)
    row = {
        "id": handoff_id,
        "episode_id": episode["id"],
        "conversation_id": conversation,
        "channel": "app_chat",
        "reason": "complex_intent",
        "evidence": [],
        "priority": 3,
        "skill": "售后",
        "language": "zh",
        "packet": {},
        "packet_version": 0,
        "status": "assigned",
        "agent_id": agent,
        "passed": [],
        "supervised": False,
        "queued_at": bench.clock(),
        "assigned_at": bench.clock(),
        "sla_due": bench.clock(),
        "opened_at": bench.clock(),
    }
    taken = update(conversations).values(owner="human", agent_id=agent, handoff_id=handoff_id)
    await bench.database.write(
        lambda tx: (tx.execute(insert(handoffs).values(**row)), tx.execute(taken))
    )
    bench.network.mode = "pass"
    assert await bench.turns.wait_for_replies(accepted, 30) == []
    assert [m.author for m in await bench.turns.history(KEY, after=accepted.seq)] == []
    assert [row["status"] for row in await bench.rows(inbox)] == ["done", "done"]


async def test_a_message_that_comes_while_the_agent_resolves_is_answered_in_a_new_episode(
    bench: Bench,
) -> None:
    agent = await an_agent(bench)
    await bench.say("转人工", 1)
    conversation = await conversation_of(bench)
    await bench.desk.take(conversation, agent)
    # Accepted, but not yet taken up by anybody.
    receipt = await Inbox(bench.database, bench.clock, IDLE).accept(said("你们上海有门店吗", 2))
    await bench.desk.resolve(conversation, agent, "solved", "")
    assert receipt.lease is not None
    bench.turns._begin(conversation, receipt.lease, KEY)
    replies = await bench.turns.wait_for_replies(receipt.accepted, 30)
    assert replies[0].author is Author.BOT
    old, new = sorted(await bench.rows(episodes), key=lambda row: str(row["previous_id"] or ""))
    assert new["previous_id"] == old["id"]
    moved = [row for row in await bench.rows(messages) if row["seq"] == receipt.accepted.seq]
    assert moved[0]["episode_id"] == new["id"]


async def test_silence_does_not_end_what_people_have_in_hand(bench: Bench) -> None:
    await bench.say("转人工", 1)
    bench.clock.advance(minutes=50)
    await bench.turns.sweep()
    (episode,) = await bench.rows(episodes)
    assert episode["closed_at"] is None
    await bench.say("还在吗", 2)
    assert len(await bench.rows(episodes)) == 1


async def test_a_customer_who_ends_the_conversation_leaves_the_queue(bench: Bench) -> None:
    await bench.say("转人工", 1)
    await bench.turns.end(KEY)
    (handoff,) = await bench.rows(handoffs)
    assert (handoff["status"], handoff["disposition"]) == ("cancelled", "customer_left")
    (row,) = await bench.rows(conversations)
    assert (row["owner"], row["handoff_id"], row["episode_id"]) == ("bot", None, None)


async def test_twice_without_the_engine_a_person_takes_over(bench: Bench) -> None:
    await bench.say("你好", 1)
    bench.network.mode = "garbage"
    first = await bench.turns.answer(said("我的订单到哪了", 2), 30)
    second = await bench.turns.answer(said("查一下积分", 3), 30)
    assert first is not None
    assert second is not None
    assert (first.handoff, second.handoff) == (None, "engine_down")
    assert await owner(bench) == "human"


async def test_a_desk_is_told_of_every_handoff_at_once(bench: Bench) -> None:
    async with bench.desk.bus.watch("desk") as changes:
        await bench.say("转人工")
        changed = await asyncio.wait_for(changes.get(), 30)
    assert changed.conversation_id == await conversation_of(bench)  # type: ignore[union-attr]

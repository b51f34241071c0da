"""A call at the service: episodes, proofs, people, call backs, and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.clock import utc_now
from bot.records.tables import (
    calls,
    cases,
    conversations,
    episodes,
    events,
    handoffs,
    identities,
    messages,
    satisfaction,
)
from ivr.call import HttpPhoneService, ServiceDown
from ivr.transports import Caller
from tests.channels.phone.conftest import Exchange, on_sqlite


@on_sqlite
async def test_a_call_is_an_episode_with_its_greeting_and_ends_with_it(exchange: Exchange) -> None:
    call = await exchange.call()
    answer = await exchange.service.turn(call, "在吗", 1)
    assert [reply.text for reply in answer.replies] == ["收到：在吗"]
    await exchange.service.cut_off(call, "收到")
    await exchange.service.end(call, "hangup", {"turns": 1})
    (episode,) = await exchange.rows(episodes)
    assert episode["closed_at"] is not None and episode["channel"] == "phone"
    said = [(row["author"], row["text"]) for row in await exchange.rows(messages)]
    assert said == [("bot", "您好。"), ("customer", "在吗"), ("bot", "收到：在吗")]
    kinds = [row["kind"] for row in await exchange.rows(events)]
    assert "interrupted" in kinds and kinds.index("call_ended") < kinds.index("episode_closed")
    (row,) = await exchange.rows(calls)
    assert (row["state"], row["end_reason"]) == ("over", "hangup")


async def test_a_repeated_begin_turn_or_end_changes_nothing(exchange: Exchange) -> None:
    caller = Caller("c-twice", "test", None)
    for _ in range(2):
        await exchange.service.begin(caller, "您好。", recorded=False)
    await exchange.service.turn("c-twice", "在吗", 1)
    with pytest.raises(ServiceDown):
        await exchange.service.turn("c-twice", "在吗", 1)
    for _ in range(2):
        await exchange.service.end("c-twice", "hangup", {})
    assert len(await exchange.rows(episodes)) == 1
    assert len(await exchange.rows(messages)) == 3


@on_sqlite
async def test_a_number_is_never_proof_and_the_number_itself_is_in_no_identity(
    exchange: Exchange,
) -> None:
    first = await exchange.call("13800005678")
    (episode,) = await exchange.rows(episodes)
    await exchange.database.write(
        lambda tx: tx.execute(update(episodes).values(level="verified", shop_customer_id="C000001"))
    )
    second = await exchange.call("13800005678")  # the same number at the same time
    await exchange.service.end(first, "hangup", {})
    third = await exchange.call("13800005678")  # and later
    levels = [row["level"] for row in await exchange.rows(episodes) if row["id"] != episode["id"]]
    assert levels == ["anonymous", "anonymous"]
    known = {row["id"]: row["conversation_id"] for row in await exchange.rows(calls)}
    assert known[first] == known[third] != known[second]
    assert not any("13800005678" in row["external_id"] for row in await exchange.rows(identities))


async def test_a_code_sent_to_the_members_mobile_verifies_the_episode(
    exchange: Exchange, caplog: Any
) -> None:
    call = await exchange.call()
    mobile = await _a_members_mobile(exchange)
    assert await exchange.service.send_code(call, mobile)
    code = next(
        record.getMessage().split("code ")[1][:6]
        for record in reversed(caplog.records)
        if "DEMO: code" in record.getMessage()
    )
    wrong = "000000" if code != "000000" else "111111"
    assert await exchange.service.check_code(call, wrong) == "wrong"
    assert await exchange.service.check_code(call, code) == "ok"
    assert await exchange.service.check_code(call, code) == "locked"
    (episode,) = await exchange.rows(episodes)
    assert episode["level"] == "verified" and episode["shop_customer_id"] is not None
    assert mobile not in caplog.text


@on_sqlite
async def test_a_strangers_mobile_gets_no_code_and_guessing_is_locked(exchange: Exchange) -> None:
    call = await exchange.call()
    assert await exchange.service.send_code(call, "13912345670")
    results = [await exchange.service.check_code(call, f"{n:06d}") for n in range(4)]
    assert results == ["wrong", "wrong", "locked", "locked"]
    (episode,) = await exchange.rows(episodes)
    assert episode["level"] == "anonymous"
    assert [await exchange.service.send_code(call, "13912345670") for _ in range(2)] == [
        True,
        False,
    ]


async def test_an_agents_telephone_rings_and_a_call_that_nobody_takes_is_the_bots_again(
    exchange: Exchange,
) -> None:
    await exchange.agent("8001")
    call = await exchange.call()
    answer = await exchange.service.turn(call, "转人工", 1)
    assert (answer.owner, answer.waiting) == ("human", True)
    standing = await exchange.until_agent(call, answer.latest)
    assert (standing.agent.name, standing.agent.extension) == ("小李", "8001")
    await exchange.service.transferring(call, "ringing")
    (row,) = await exchange.rows(calls)
    assert (row["state"], row["extension"], row["transcribed"]) == ("ringing", "8001", False)
    (handoff,) = await exchange.rows(handoffs)
    assert handoff["answered_at"] is not None  # nobody presses the agent to type
    await exchange.service.transferring(call, "no_answer")
    (row,) = await exchange.rows(calls)
    assert (row["state"], row["extension"], row["transcribed"]) == ("bot", None, True)
    assert (await exchange.service.watch(call, 0, 0)).owner == "bot"
    assert (await exchange.service.turn(call, "在吗", 2)).replies[0].text == "收到：在吗"
    await exchange.service.end(call, "hangup", {})
    (episode,) = await exchange.rows(episodes)
    assert episode["outcome"] == "handoff_failed"


@on_sqlite
async def test_a_call_that_was_answered_counts_as_handed_off(exchange: Exchange) -> None:
    await exchange.agent("8001")
    call = await exchange.call()
    answer = await exchange.service.turn(call, "转人工", 1)
    await exchange.until_agent(call, answer.latest)
    await exchange.service.transferring(call, "ringing")
    await exchange.service.transferring(call, "answered")
    await exchange.service.end(call, "transferred", {})
    (episode,) = await exchange.rows(episodes)
    assert episode["outcome"] == "handed_off"
    (conversation,) = await exchange.rows(conversations)
    assert conversation["owner"] == "bot"


@on_sqlite
async def test_what_an_agent_without_a_telephone_types_reaches_the_call(exchange: Exchange) -> None:
    agent = await exchange.agent(None)
    call = await exchange.call()
    answer = await exchange.service.turn(call, "转人工", 1)
    standing = await exchange.until_agent(call, answer.latest)
    assert standing.agent.extension is None
    await exchange.service.transferring(call, "typing")
    heard = await exchange.service.turn(call, "我的锅坏了", 2)
    assert (heard.owner, heard.replies) == ("human", ())
    (conversation,) = await exchange.rows(conversations)
    await exchange.app.state.desk.handoffs.reply(conversation["id"], agent, "别着急，我来看看。")
    news = await exchange.service.watch(call, heard.latest, 5)
    assert [(reply.author, reply.text) for reply in news.replies] == [
        ("agent", "别着急，我来看看。")
    ]


@on_sqlite
async def test_people_can_be_called_for_somebody_who_says_nothing(exchange: Exchange) -> None:
    call = await exchange.call()
    answer = await exchange.service.person(call, "no_input")
    assert answer.owner == "human" and answer.replies
    (handoff,) = await exchange.rows(handoffs)
    assert (handoff["reason"], handoff["skill"]) == ("repeated_failure", "电话")
    assert handoff["evidence"][0]["why"] == "来电者没有说话，也没有按键"


async def test_a_call_back_is_a_case_with_number_and_time_and_leaves_the_queue(
    exchange: Exchange,
) -> None:
    call = await exchange.call()
    await exchange.service.turn(call, "转人工", 1)
    said = await exchange.service.call_back(call, "02155667788", "明天下午三点半")
    assert said == "明天 15:30左右"
    (case,) = await exchange.rows(cases)
    assert case["kind"] == "call_back" and "02155667788" in case["detail"]
    assert "02155667788" not in case["title"]
    assert (await exchange.service.watch(call, 0, 0)).owner == "bot"


@on_sqlite
async def test_hanging_up_in_the_queue_closes_everything(exchange: Exchange) -> None:
    call = await exchange.call()
    await exchange.service.turn(call, "转人工", 1)
    await exchange.service.end(call, "hangup", {})
    (conversation,) = await exchange.rows(conversations)
    assert (conversation["owner"], conversation["episode_id"]) == ("bot", None)
    (handoff,) = await exchange.rows(handoffs)
    assert handoff["closed_at"] is not None


@on_sqlite
async def test_a_call_whose_hotline_died_is_closed(exchange: Exchange) -> None:
    await exchange.call()
    alive = await exchange.call(None)
    await exchange.service.alive([alive])
    long_ago = utc_now() - timedelta(minutes=5)
    await exchange.database.write(
        lambda tx: tx.execute(update(calls).where(calls.c.id != alive).values(seen_at=long_ago))
    )
    await exchange.app.state.phone.sweep()
    reasons = {row["id"] == alive: row["end_reason"] for row in await exchange.rows(calls)}
    assert reasons == {True: None, False: "lost"}


@on_sqlite
async def test_the_door_is_shut_to_strangers_and_to_nonsense(exchange: Exchange) -> None:
    stranger = HttpPhoneService(exchange.url, "wrong")
    with pytest.raises(ServiceDown, match="401"):
        await stranger.begin(Caller("x", "test"), "您好。", recorded=False)
    await stranger.close()
    with pytest.raises(ServiceDown, match="404"):
        await exchange.service.turn("no-such-call", "在吗", 1)
    with pytest.raises(ServiceDown, match="422"):
        await exchange.service.begin(Caller("../x", "test"), "您好。", recorded=False)


async def _a_members_mobile(exchange: Exchange) -> str:
    from actions.shop.demo.data import load_data

    return load_data().personas[0].phone


async def test_a_caller_scores_the_call_once_and_a_low_score_opens_a_case(
    exchange: Exchange,
) -> None:
    call = await exchange.call()
    await exchange.service.turn(call, "查订单", 1)
    assert await exchange.service.may_rate(call)
    assert await exchange.service.rate(call, "1")
    await exchange.service.end(call, "caller_ended", {})
    (row,) = await exchange.rows(satisfaction)
    assert row["score"] == 1
    assert len(await exchange.rows(cases)) == 1
    again = await exchange.call()
    await exchange.service.turn(again, "查订单", 1)
    assert not await exchange.service.may_rate(again)
    with pytest.raises(ServiceDown):
        await exchange.service.rate(again, "9")

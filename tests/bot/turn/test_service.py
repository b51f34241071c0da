"""The promises of a turn: stored before answered, in order, once, whole, whatever fails."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import select, update

from bot.errors import MessageTooLong, ServiceBusy, UnknownChoice
from bot.records import database as database_module
from bot.records.tables import (
    conversations,
    episodes,
    events,
    handoffs,
    inbox,
    messages,
    outbox,
)
from bot.turn import Author, Choice, ConversationKey, Inbound, MessageView, Typing
from bot.turn import service as service_module
from bot.turn.inbox import LEASE, Inbox
from bot.turn.numbering import LostClaim
from tests.bot.turn.conftest import IDLE, KEY, Bench, database_file, said


async def test_a_message_is_answered_and_written_down_whole(bench: Bench) -> None:
    replies = await bench.say("你们上海有门店吗")
    assert replies
    assert all(reply.author is Author.BOT and reply.text for reply in replies)
    customer, *ours = await bench.rows(messages)
    assert customer["intent"] == "store_info"
    assert [row["text"] for row in ours] == [reply.text for reply in replies]
    assert [row["status"] for row in await bench.rows(inbox)] == ["done"]
    assert [row["kind"] for row in await bench.rows(events)] == ["episode_opened", "turn"]
    assert [row["status"] for row in await bench.rows(outbox)] == ["available"]
    (conversation,) = await bench.rows(conversations)
    assert conversation["lease_owner"] is None
    assert conversation["last_seq"] == 1 + len(replies)


async def test_a_message_repeated_at_once_and_later_is_answered_once(bench: Bench) -> None:
    copies = await asyncio.gather(*(bench.turns.accept(said("你好")) for _ in range(5)))
    assert sorted(copy.duplicate for copy in copies) == [False, True, True, True, True]
    answers = [await bench.turns.wait_for_replies(copy, 30) for copy in copies]
    again = await bench.say("你好")
    assert answers == [again] * 5
    assert len(await bench.rows(messages)) == 1 + len(again)


async def test_messages_sent_at_once_are_answered_in_order(bench: Bench) -> None:
    texts = ["你好", "你们上海有门店吗", "谢谢", "积分怎么用", "再见"]
    accepted = [await bench.turns.accept(said(text, n)) for n, text in enumerate(texts)]
    for one in accepted:
        assert await bench.turns.wait_for_replies(one, 30)
    turns = [row for row in await bench.rows(events) if row["kind"] == "turn"]
    assert [row["data"]["seq"] for row in turns] == [one.seq for one in accepted]
    seqs = [row["seq"] for row in await bench.rows(messages)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_customers_do_not_see_each_other(bench: Bench) -> None:
    other = ConversationKey("app_chat", "other")
    await bench.say("你好")
    accepted = await bench.turns.accept(said("谢谢", key=other))
    await bench.turns.wait_for_replies(accepted, 30)
    mine = await bench.turns.history(KEY)
    theirs = await bench.turns.history(other)
    assert mine[0].text == "你好"
    assert theirs[0].text == "谢谢"
    assert not {m.text for m in mine if m.author is Author.CUSTOMER} & {m.text for m in theirs}


async def test_history_is_fetched_from_where_one_was(bench: Bench) -> None:
    await bench.say("你好")
    everything = await bench.turns.history(KEY)
    assert await bench.turns.history(KEY, after=1) == everything[1:]
    assert await bench.turns.history(KEY, limit=1) == everything[:1]
    assert (await bench.turns.state(KEY)).latest == len(everything)


async def test_a_watcher_sees_the_message_typing_and_the_replies(bench: Bench) -> None:
    async with bench.turns.subscribe(KEY) as items:
        await bench.turns.accept(said("你好"))
        seen: list[MessageView | Typing] = []
        while Typing(on=False) not in seen:
            seen.append(await asyncio.wait_for(anext(items), 30))
    assert [m.seq for m in seen if isinstance(m, MessageView)] == [
        m.seq for m in await bench.turns.history(KEY)
    ]
    assert Typing(on=True) in seen


async def test_reading_proves_delivery(bench: Bench) -> None:
    replies = await bench.say("你好")
    await bench.turns.read(KEY, replies[-1].seq)
    assert (await bench.turns.state(KEY)).read == replies[-1].seq
    assert [row["status"] for row in await bench.rows(outbox)] == ["delivered"]
    await bench.turns.read(KEY, 10_000)
    assert (await bench.turns.state(KEY)).read == replies[-1].seq


@pytest.mark.parametrize("deadline_s", [0.5])
async def test_a_quick_reply_is_taken_from_our_own_record(bench: Bench) -> None:
    bench.network.mode = "garbage"
    (apology,) = await bench.say("我的订单呢")
    assert apology.quick_replies == ("转人工",)
    choice = Inbound(KEY, "k", "/evil{}", choice=Choice(apology.seq, 0))
    accepted = await bench.turns.accept(choice)
    assert await bench.turns.wait_for_replies(accepted, 30)
    assert [row["text"] for row in await bench.rows(messages)][2] == "转人工"
    assert [row["reason"] for row in await bench.rows(handoffs)] == ["asked_for_human"]


@pytest.mark.parametrize("deadline_s", [0.5])
@pytest.mark.parametrize("choice", [Choice(1, 0), Choice(2, 5), Choice(2, -1), Choice(99, 0)])
async def test_a_quick_reply_that_was_never_offered_is_refused(
    bench: Bench, choice: Choice
) -> None:
    bench.network.mode = "garbage"
    await bench.say("你好")
    before = await bench.rows(messages)
    with pytest.raises(UnknownChoice):
        await bench.turns.accept(Inbound(KEY, "k", "", choice=choice))
    assert await bench.rows(messages) == before


async def test_a_command_behind_a_quick_reply_is_refused_once_something_else_was_said(
    bench: Bench,
) -> None:
    await bench.say("你好", 1)
    offer = [{"title": "确认取消", "payload": "/affirm"}, {"title": "查订单", "payload": "查订单"}]
    newest = (await bench.turns.state(KEY)).latest
    offered = update(messages).where(messages.c.seq == newest).values(quick_replies=offer)
    await bench.database.write(lambda tx: tx.execute(offered))
    pressed = Inbound(KEY, "press", "", choice=Choice(newest, 0))
    accepted = await bench.turns.accept(pressed)
    assert (await bench.turns.accept(pressed)).duplicate
    await bench.turns.wait_for_replies(accepted, 30)
    with pytest.raises(UnknownChoice):
        await bench.turns.accept(Inbound(KEY, "press again", "", choice=Choice(newest, 0)))
    sentence = Inbound(KEY, "a sentence", "", choice=Choice(newest, 1))
    assert not (await bench.turns.accept(sentence)).duplicate


async def test_a_refused_message_leaves_no_trace(bench: Bench) -> None:
    with pytest.raises(MessageTooLong):
        await bench.turns.accept(said("长" * 10_000))
    assert await bench.rows(inbox) == []


class TestTheEngineFails:
    """Never silence, never twice."""

    async def test_an_answer_lost_on_the_way_is_asked_for_again_and_given_once(
        self, bench: Bench
    ) -> None:
        bench.network.mode = "cut"
        accepted = await bench.turns.accept(said("你好"))
        await bench.network.cut_once.wait()
        bench.network.mode = "pass"
        replies = await bench.turns.wait_for_replies(accepted, 30)
        assert replies
        assert "没能处理" not in replies[0].text
        assert len([row for row in await bench.rows(events) if row["kind"] == "turn"]) == 1

    @pytest.mark.parametrize("deadline_s", [0.5])
    @pytest.mark.parametrize("mode", ["refuse", "cut", "swallow", "garbage"])
    async def test_an_engine_that_does_not_answer_yields_an_apology_and_an_offer(
        self, bench: Bench, mode: str
    ) -> None:
        bench.network.mode = mode  # type: ignore[assignment]
        (reply,) = await bench.say("我的订单到哪了")
        assert "抱歉" in reply.text
        assert reply.quick_replies == ("转人工",)
        turn = (await bench.rows(events))[-1]["data"]
        assert turn["errors"] == [{"where": "service", "what": "engine_down"}]
        bench.network.mode = "pass"
        assert "抱歉，系统" not in (await bench.say("你们上海有门店吗", 2))[0].text

    @pytest.mark.parametrize("deadline_s", [0.5])
    async def test_a_person_can_be_asked_for_while_it_is_down(self, bench: Bench) -> None:
        bench.network.mode = "refuse"
        ours, notice = await bench.say("转人工")
        assert "人工同事" in ours.text
        assert notice.author is Author.SYSTEM
        assert notice.quick_replies == ("留言", "取消排队")
        assert [row["reason"] for row in await bench.rows(handoffs)] == ["asked_for_human"]
        assert (await bench.turns.state(KEY)).owner == "human"


class TestTheServiceFails:
    """A process may die at any moment; what was accepted is answered by the next."""

    async def test_a_message_accepted_by_a_process_that_died_is_answered_after_its_claim_ends(
        self, bench: Bench
    ) -> None:
        dead = Inbox(bench.database, bench.clock, IDLE)
        receipt = await dead.accept(said("你好"))
        assert receipt.lease is not None
        await bench.turns.sweep()
        assert await bench.turns.wait_for_replies(receipt.accepted, 0) == []
        bench.clock.advance(seconds=LEASE.total_seconds() + 1)
        await bench.turns.sweep()
        assert await bench.turns.wait_for_replies(receipt.accepted, 30)
        await bench.turns.sweep()
        assert len([row for row in await bench.rows(events) if row["kind"] == "turn"]) == 1

    async def test_a_worker_that_lost_its_claim_writes_nothing(self, bench: Bench) -> None:
        receipt = await Inbox(bench.database, bench.clock, IDLE).accept(said("你好"))
        assert receipt.lease is not None
        conversation_id = receipt.accepted.conversation_id
        taken = update(conversations).values(lease_owner="somebody else")
        await bench.database.write(lambda tx: tx.execute(taken))
        with pytest.raises(LostClaim):
            await bench.turns._worker.answer_next(conversation_id, receipt.lease)
        assert [row["status"] for row in await bench.rows(inbox)] == ["waiting"]
        assert len(await bench.rows(messages)) == 1

    async def test_messages_that_arrive_while_another_worker_is_busy_wait_for_it(
        self, bench: Bench
    ) -> None:
        first = await Inbox(bench.database, bench.clock, IDLE).accept(said("你好", 1))
        second = await bench.turns.accept(said("谢谢", 2))
        assert await bench.turns.wait_for_replies(second, 0) == []
        assert first.lease is not None
        bench.turns._begin(second.conversation_id, first.lease, KEY)
        assert await bench.turns.wait_for_replies(second, 30)
        turns = [row for row in await bench.rows(events) if row["kind"] == "turn"]
        assert [row["data"]["seq"] for row in turns] == [1, 2]

    async def test_stopping_leaves_what_cannot_be_answered_any_more_to_the_next_process(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service_module, "STOP_WITHIN_S", 0.2)
        bench.network.mode = "swallow"
        accepted = await bench.turns.accept(said("你好"))
        await bench.turns.stop()
        assert [row["status"] for row in await bench.rows(inbox)] == ["waiting"]
        assert [row["lease_owner"] for row in await bench.rows(conversations)] == [None]
        bench.network.mode = "pass"
        await bench.turns.sweep()
        replies = await bench.turns.wait_for_replies(accepted, 30)
        assert replies
        assert "抱歉" not in replies[0].text

    @pytest.mark.parametrize("deadline_s", [0.5])
    async def test_no_apology_is_written_while_stopping(self, bench: Bench) -> None:
        bench.network.mode = "refuse"
        await bench.turns.accept(said("你好"))
        await bench.turns.stop()
        assert [row["status"] for row in await bench.rows(inbox)] == ["waiting"]
        assert [row["lease_owner"] for row in await bench.rows(conversations)] == [None]

    async def test_a_caller_that_goes_away_while_a_message_is_accepted_does_not_strand_it(
        self, bench: Bench
    ) -> None:
        caller = asyncio.create_task(bench.turns.accept(said("你好")))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        # Whichever of the two was stored first, there is one message and it is answered.
        accepted = await bench.turns.accept(said("你好"))
        assert await bench.turns.wait_for_replies(accepted, 30)
        stored = await bench.database.read(lambda tx: list(tx.execute(select(inbox.c.id))))
        assert len(stored) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestTheDatabaseIsLocked:
    """SQLite only: another process holds the write lock."""

    async def test_a_message_that_cannot_be_stored_is_refused_with_a_sentence_and_taken_later(
        self, bench: Bench
    ) -> None:
        await bench.say("你好")
        path = await database_file(bench.database)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ServiceBusy) as refusal:
            await bench.turns.accept(said("谢谢", 2))
        assert refusal.value.retry
        assert "重发" in refusal.value.message
        other.execute("ROLLBACK")
        other.close()
        assert await bench.say("谢谢", 2)

    async def test_an_answer_that_cannot_be_written_yet_is_written_when_the_lock_is_gone(
        self, bench: Bench
    ) -> None:
        bench.network.mode = "swallow"
        accepted = await bench.turns.accept(said("你好"))
        path = await database_file(bench.database)
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        bench.network.mode = "pass"
        waiting = asyncio.create_task(bench.turns.wait_for_replies(accepted, 30))
        await asyncio.sleep(database_module.BUSY_TIMEOUT_S + 0.5)
        assert not waiting.done()
        other.execute("ROLLBACK")
        other.close()
        assert await waiting
        assert len([row for row in await bench.rows(events) if row["kind"] == "turn"]) == 1


class TestEpisodes:
    """One contact each."""

    async def test_a_word_after_the_idle_time_opens_a_new_episode_and_closes_the_old(
        self, bench: Bench
    ) -> None:
        await bench.say("你们上海有门店吗", 1)
        bench.clock.advance(minutes=31)
        await bench.say("你好", 2)
        old, new = sorted(await bench.rows(episodes), key=lambda row: row["opened_at"])
        assert old["close_reason"] == "idle"
        assert old["outcome"] is not None
        assert new["closed_at"] is None

    async def test_a_word_within_the_idle_time_continues_the_episode(self, bench: Bench) -> None:
        await bench.say("你好", 1)
        bench.clock.advance(minutes=29)
        await bench.say("谢谢", 2)
        assert len(await bench.rows(episodes)) == 1

    async def test_silence_closes_an_episode_by_itself(self, bench: Bench) -> None:
        await bench.say("你好")
        bench.clock.advance(minutes=31)
        await bench.turns.sweep()
        (episode,) = await bench.rows(episodes)
        assert episode["closed_at"] is not None
        assert episode["outcome"] is None  # a greeting asks for nothing

    async def test_an_episode_with_a_waiting_message_is_not_closed_for_idleness(
        self, bench: Bench
    ) -> None:
        await Inbox(bench.database, bench.clock, IDLE).accept(said("你好"))
        bench.clock.advance(minutes=31)
        await bench.turns.sweep()
        (episode,) = await bench.rows(episodes)
        assert episode["closed_at"] is None
        assert await bench.turns.wait_for_replies(await bench.turns.accept(said("你好")), 30)

    async def test_the_customer_can_end_the_conversation(self, bench: Bench) -> None:
        await bench.say("你们上海有门店吗", 1)
        await bench.turns.end(KEY)
        await bench.turns.end(KEY)
        (episode,) = await bench.rows(episodes)
        assert episode["close_reason"] == "ended"
        await bench.say("你好", 2)
        assert len(await bench.rows(episodes)) == 2

    async def test_ending_what_never_began_does_nothing(self, bench: Bench) -> None:
        await bench.turns.end(ConversationKey("app_chat", "nobody"))

    async def test_another_person_on_the_same_identity_gets_an_episode_of_their_own(
        self, bench: Bench
    ) -> None:
        first = Inbound(KEY, "1", "你好", verified_customer_id="C000001")
        second = Inbound(KEY, "2", "你好", verified_customer_id="C000002")
        for inbound in (first, second):
            accepted = await bench.turns.accept(inbound)
            await bench.turns.wait_for_replies(accepted, 30)
            bench.clock.advance(seconds=1)
        owners = [row["shop_customer_id"] for row in await bench.rows(episodes)]
        assert sorted(owners) == ["C000001", "C000002"]

"""What reaches an open desk, and when it is told to go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.conversations import Author, Bus, ConversationKey, Typing
from bot.desk import Desk, Passwords, Rates, Role
from bot.records.tables import agents, conversations
from tests.bot.desk.bench import CALM, CHEAP, CROSS, FURIOUS, Bench
from tests.bot.desk.conftest import KEY, serving


async def key_of(bench: Bench, name: str) -> ConversationKey:
    row = next(r for r in await bench.rows(conversations) if r["id"] == name)
    return ConversationKey(str(row["channel"]), str(row["external_id"]))


async def test_a_desk_starts_with_a_snapshot_and_hears_of_its_work(bench: Bench) -> None:
    me = await bench.agent(name="小李")
    mine = await bench.handed_over(me)
    async with bench.live(me) as (live, snapshot):
        assert snapshot["me"]["name"] == "小李"
        assert [i["conversation"] for i in snapshot["mine"]] == [mine]
        assert snapshot["queue"] == {"items": [], "total": 0} and snapshot["alarms"] == []
        waiting = await bench.handed_over()
        queue = await live.next("queue", lambda f: f["total"] == 1)
        assert queue["items"][0]["conversation"] == waiting
        client = await bench.as_(me)
        await client.post(f"/conversations/{waiting}/take")
        item = await live.next("item", lambda f: f["item"]["conversation"] == waiting)
        assert item["item"]["status"] == "assigned"
        assert (await live.next("ring"))["conversation"] == waiting
        await live.next("queue", lambda f: f["total"] == 0)
        await client.post(f"/conversations/{waiting}/resolve", json={"disposition": "solved"})
        assert (await live.next("gone"))["conversation"] == waiting
        assert len([f for f in live.frames if f["type"] == "ring"]) == 1


async def test_who_watches_hears_every_word_and_what_was_understood_of_it(bench: Bench) -> None:
    me = await bench.agent()
    name = await bench.handed_over(me)
    async with bench.live(me) as (live, _snapshot):
        await live.send(type="watch", conversation=name)
        first = await live.next("message")
        assert first["message"]["seq"] == 1  # the newest are sent at once
        await bench.customer_says(name, "你们太慢了")
        said = await live.next("message", lambda f: f["message"]["seq"] == 3)
        assert said["message"]["light"] is None
        await _understood(bench, name, 3)
        said = await live.next("message", lambda f: f["message"]["seq"] == 3)
        assert said["message"]["light"] == "red"
        key = await key_of(bench, name)
        await bench.desk.bus.publish(key, Typing(True, Author.CUSTOMER))
        typing = await live.next("typing")
        assert (typing["author"], typing["on"]) == ("customer", True)
        client = await bench.as_(me)
        await client.post(
            f"/conversations/{name}/messages", json={"text": "马上处理", "client_id": "m"}
        )
        mine = await live.next("message", lambda f: f["message"]["author"] == "agent")
        assert mine["message"]["text"] == "马上处理"
        await client.post(f"/conversations/{name}/notes", json={"text": "客户很急"})
        assert (await live.next("note"))["note"]["text"] == "客户很急"
        await live.send(type="unwatch")
        await live.send(type="beat")


async def _understood(bench: Bench, name: str, seq: int) -> None:
    from sqlalchemy import update

    from bot.records.tables import messages

    change = (
        update(messages)
        .where(messages.c.conversation_id == name, messages.c.seq == seq)
        .values(emotion=FURIOUS)
    )
    await bench.database.write(lambda tx: tx.execute(change))
    await bench.desk.bus.changed(name)


async def test_a_conversation_that_is_passed_on_is_heard_no_more(bench: Bench) -> None:
    me, other = await bench.agent(), await bench.agent()
    name = await bench.handed_over(me)
    async with bench.live(me) as (mine, _), bench.live(other) as (theirs, _):
        await mine.send(type="watch", conversation=name)
        await mine.next("message")
        client = await bench.as_(me)
        body = {"to": {"agent": other}, "note": ""}
        await client.post(f"/conversations/{name}/transfer", json=body)
        await mine.next("gone", lambda f: f["conversation"] == name)
        await theirs.next("ring", lambda f: f["conversation"] == name)
        heard = len(mine.frames)
        await bench.customer_says(name, "还有人吗")
        await theirs.next("item", lambda f: f["item"]["last"]["text"] == "还有人吗")
        await mine.send(type="watch", conversation=name)
        refused = await mine.next("error")
        assert refused["code"] == "forbidden" and "其他同事" in refused["message"]
        assert "还有人吗" not in str(mine.frames[heard:])


async def test_a_whisper_reaches_the_agent_and_not_the_queue(bench: Bench) -> None:
    me, boss = await bench.agent(), await bench.agent(Role.SUPERVISOR)
    name = await bench.handed_over(me)
    async with bench.live(me) as (mine, _), bench.live(boss) as (lead, _):
        for live in (mine, lead):
            await live.send(type="watch", conversation=name)
            await live.next("message")
        client = await bench.as_(boss)
        note = {"text": "先道歉", "kind": "whisper"}
        await client.post(f"/conversations/{name}/notes", json=note)
        for live in (mine, lead):
            assert (await live.next("note"))["note"]["kind"] == "whisper"


async def test_a_whisper_is_on_the_item_of_who_looks_elsewhere(bench: Bench) -> None:
    me, boss = await bench.agent(), await bench.agent(Role.SUPERVISOR)
    name = await bench.handed_over(me)
    async with bench.live(me) as (mine, snapshot):
        assert snapshot["mine"][0]["whispered_at"] is None
        client = await bench.as_(boss)
        note = {"text": "先道歉", "kind": "whisper"}
        await client.post(f"/conversations/{name}/notes", json=note)
        assert await mine.next("item", lambda f: f["item"]["whispered_at"] is not None)


async def test_supervisors_see_everything_live_and_are_alarmed(bench: Bench) -> None:
    me, boss = await bench.agent(), await bench.agent(Role.SUPERVISOR)
    async with bench.live(me) as (mine, _), bench.live(boss) as (lead, _):
        name = await bench.handed_over(me, said=[("不行", CROSS)] * 3)
        await lead.next("item", lambda f: f["item"]["conversation"] == name)
        await bench.customer_says(name, "太差了", CROSS)
        alarm = (await lead.next("alarm"))["alarm"]
        assert (alarm["kind"], alarm["conversation"]) == ("negative", name)
        told = [f["agents"] for f in lead.frames if f["type"] == "agents"]
        assert [a["load"] for a in told[0] if a["id"] == me] == [0]
        await bench.customer_says(name, "好吧", CALM)
        await mine.next("item", lambda f: f["item"]["last"]["text"] == "好吧")
        assert not [f for f in mine.frames if f["type"] in ("alarm", "agents")]
        assert len([f for f in lead.frames if f["type"] == "alarm"]) == 1
        late = await bench.handed_over()
        await lead.next("item", lambda f: f["item"]["conversation"] == late)
        bench.clock.advance(minutes=7, seconds=30)
        await bench.desk.hub.look_at_time()
        alarm = await lead.next("alarm", lambda f: f["alarm"]["conversation"] == late)
        assert alarm["alarm"]["kind"] == "sla"
        async with bench.live(boss) as (_again, snapshot):
            assert {a["kind"] for a in snapshot["alarms"]} >= {"sla"}


async def test_a_beat_is_a_sign_of_life_and_presence_is_set(bench: Bench) -> None:
    me = await bench.agent(online=False)
    async with bench.live(me) as (live, snapshot):
        assert snapshot["me"]["presence"] == "offline"
        await live.send(type="presence", presence="online")
        assert (await live.next("me"))["me"]["presence"] == "online"
        bench.clock.advance(seconds=30)
        await live.send(type="beat")
        await live.next("beat")  # a desk that hears none knows that its line is dead
        await live.send(type="presence", presence="away")
        await live.next("me")
        (row,) = await bench.rows(agents)
        assert (row["presence"], row["seen_at"]) == ("away", bench.clock())


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "not json",
        "[]",
        '{"type":"fly"}',
        '{"type":"watch"}',
        '{"type":"watch","conversation":"x","more":1}',
        '{"type":"typing","conversation":"co","on":"perhaps?"}',
        '{"type":"watch","conversation":"' + "x" * 20_000 + '"}',
        '{"type":"presence","presence":"asleep"}',
    ],
)
async def test_what_cannot_be_read_is_refused_and_too_much_of_it_ends_the_socket(
    bench: Bench, frame: str
) -> None:
    async with bench.live(await bench.agent()) as (live, _snapshot):
        await live.socket.send(frame)
        assert (await live.next("error"))["code"] == "bad_input"
        await live.send(type="beat")
        for _ in range(20):
            await live.socket.send(frame)
        assert await live.closed() == 1008


async def test_a_binary_frame_is_no_frame(bench: Bench) -> None:
    async with bench.live(await bench.agent()) as (live, _snapshot):
        await live.socket.send(b"\x00\x01")
        assert (await live.next("error"))["code"] == "bad_input"


@pytest.mark.parametrize(
    "hello", [{"type": "hello", "token": "made-up"}, {"type": "beat"}, {"type": "hello"}]
)
async def test_a_socket_without_a_session_is_closed(bench: Bench, hello: dict[str, str]) -> None:
    async with bench.socket() as live:
        await live.send(**hello)
        assert await live.closed() == 4401
        assert live.frames[0]["code"] == "not_logged_in"


async def test_one_person_has_only_so_many_desks_open(bench: Bench) -> None:
    from contextlib import AsyncExitStack

    me = await bench.agent()
    async with AsyncExitStack() as open_desks:
        for _ in range(10):
            await open_desks.enter_async_context(bench.live(me))
        async with bench.socket() as live:
            await live.send(type="hello", token=await bench.token(me))
            assert await live.closed() == 4429


async def test_logging_out_closes_the_sockets_of_the_session(bench: Bench) -> None:
    token = await bench.token(await bench.agent())
    client = bench.client({"Authorization": f"Bearer {token}"})
    async with bench.socket() as live:
        await live.send(type="hello", token=token)
        await live.next("snapshot")
        await client.post("/logout")
        assert await live.closed() == 4401


async def test_a_desk_that_lags_is_sent_away(bench: Bench) -> None:
    from bot.desk.live.seat import LAG, LATER, Seat

    actor = (await bench.desk.sessions.living([]), None)[1]
    seat = Seat(actor)  # type: ignore[arg-type]
    seat.begin({"type": "snapshot"})
    for number in range(LAG + 5):
        seat.send({"type": "n", "n": number})
    assert seat.close_code == LATER and seat.gone.is_set()


async def test_who_sits_down_while_sessions_are_checked_stays(bench: Bench) -> None:
    from bot.desk.accounts import Sessions
    from bot.desk.live.hub import Hub
    from bot.desk.live.seat import LOGGED_OUT, Seat

    asked, answer = asyncio.Event(), asyncio.Event()

    class Slow(Sessions):
        async def living(self, hashes: list[str]) -> Any:
            found = await super().living(hashes)
            asked.set()
            await answer.wait()
            return found

    async def seat() -> Seat:
        actor = await bench.desk.sessions.actor(await bench.token(await bench.agent()), "")
        assert actor is not None
        return Seat(actor)

    sessions = Slow(bench.database, bench.clock)
    hub = Hub(bench.database, bench.desk.bus, bench.clock, bench.desk.handoffs, sessions)
    early, late = await seat(), await seat()
    await hub.take_seat(early)
    await bench.desk.sessions.close(early.actor.session)
    check = asyncio.create_task(hub.look_at_time())
    await asked.wait()
    await hub.take_seat(late)
    answer.set()
    await check
    assert (early.close_code, late.close_code) == (LOGGED_OUT, None)


async def test_another_replicas_desk_hears_of_it_too(bench: Bench, redis_url: str) -> None:
    first = await _replica(bench, redis_url)
    second = await _replica(bench, redis_url)
    me = await bench.agent()
    async with serving(first) as one, serving(second) as two:
        here = Bench(one, first, bench.database, bench.clock, bench.shop)
        there = Bench(two, second, bench.database, bench.clock, bench.shop)
        await asyncio.gather(first.bus.start(), second.bus.start())
        await _hear(first.bus, second.bus)
        async with there.live(me) as (live, _snapshot):
            name = await here.handed_over(me)
            assert (await live.next("ring"))["conversation"] == name
            await live.send(type="watch", conversation=name)
            await live.next("message")
            await here.customer_says(name, "在吗")
            await live.next("message", lambda f: f["message"]["text"] == "在吗")
        for client in here.clients + there.clients:
            await client.aclose()
    await asyncio.gather(first.bus.stop(), second.bus.stop())


async def _replica(bench: Bench, redis_url: str) -> Desk:
    from bot.handoff import HandoffDesk

    bus = Bus(redis_url)
    handoffs = HandoffDesk(bench.database, bus, bench.clock, bench.desk.handoffs.policy, bench.shop)
    return Desk(
        bench.database,
        bus,
        bench.shop,
        bench.clock,
        handoffs,
        bench.desk.files,
        KEY,
        rates=Rates(1000, 10_000, 1000, 1000, 1000, 10_000),
        passwords=Passwords(CHEAP),
    )


async def _hear(speaker: Bus, listener: Bus) -> None:
    """Until the listener hears the speaker."""
    async with listener.watch("desk") as heard:
        while True:
            await speaker.changed("nothing")
            try:
                await asyncio.wait_for(heard.get(), 0.1)
                return
            except TimeoutError:
                continue


@pytest.fixture
def redis_url() -> object:
    """A Redis of the test's own."""
    from tests.support.servers import RedisServer

    server = RedisServer()
    server.start()
    yield server.url
    server.stop()

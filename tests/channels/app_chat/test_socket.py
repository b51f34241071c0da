"""The chat's socket: order, idempotency, history, tabs, rates and lines that die."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import struct

import httpx
import pytest

from channels.app_chat import Limits, sign_user_token
from tests.channels.app_chat.client import TIMEOUT_S, client_id, greeted, open_tab
from tests.channels.app_chat.conftest import APP_KEY, Chat, ChatFactory
from tests.support.clock import TestClock


def user_token(user: str, clock: TestClock | None = None, **life: float) -> str:
    clock = clock or TestClock()
    later = TestClock(clock())
    later.advance(**(life or {"minutes": 10}))
    return sign_user_token("shop1", APP_KEY, user, later())


async def test_a_stranger_is_greeted_heard_and_answered(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        assert ready["identity"] == "anonymous"
        assert (ready["latest"], ready["read"], ready["owner"]) == (0, 0, "bot")
        sent = await tab.say("你好")
        reply = await tab.reply("收到：你好")
        accepted = next(f for f in tab.frames if f["type"] == "accepted")
        own = next(m for m in tab.messages() if m["author"] == "customer")
        assert accepted["client_id"] == own["client_id"] == sent
        assert (own["seq"], reply["seq"]) == (1, 2)


async def test_typing_goes_on_before_the_answer_and_off_after_it(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("你好")
        await tab.next("typing", on=True)
        await tab.next("typing", on=False)
        assert any(m["author"] == "bot" for m in tab.messages())


async def test_a_message_sent_twice_is_answered_once(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        again = client_id()
        await tab.say("只要一个回答", client_id=again)
        await tab.reply("收到：只要一个回答")
        await tab.say("只要一个回答", client_id=again)
        repeat = await tab.next("accepted")
        await tab.say("下一句")
        await tab.reply("收到：下一句")
        assert repeat["seq"] == 1
        assert [m["seq"] for m in tab.messages()] == [1, 2, 3, 4]
    async with greeted(chat.url, session=ready["session"], after=0) as (tab, _):
        await tab.reply("收到：下一句")
        assert len(tab.messages()) == 4


async def test_two_visitors_may_use_the_same_client_id(chat: Chat) -> None:
    same = client_id()
    async with greeted(chat.url) as (one, _), greeted(chat.url) as (two, _):
        await one.say("第一位", client_id=same)
        await one.reply("收到：第一位")
        await two.say("第二位", client_id=same)
        await two.reply("收到：第二位")
        assert all("第一位" not in m["text"] for m in two.messages())


async def test_after_a_reconnect_only_what_was_missed_arrives(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        for text in ("一", "二"):
            await tab.say(text)
            await tab.reply(f"收到：{text}")
    session = ready["session"]
    async with greeted(chat.url, session=session, after=2) as (tab, again):
        assert again["conversation"] == ready["conversation"]
        await tab.reply("收到：二")
        assert [m["seq"] for m in tab.messages()] == [3, 4]


async def test_a_new_page_gets_the_end_of_a_long_history_and_asks_for_more(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        for number in range(6):
            await tab.say(f"第{number}句")
            await tab.reply(f"收到：第{number}句")
    async with greeted(chat.url, session=ready["session"], limit=5) as (tab, again):
        assert (again["latest"], again["more"]) == (12, True)
        await tab.reply("收到：第5句")
        assert [m["seq"] for m in tab.messages()] == [8, 9, 10, 11, 12]
        await tab.send(type="history", before=8, limit=4)
        page = await tab.next("history")
        assert [m["seq"] for m in page["messages"]] == [4, 5, 6, 7]
        assert page["more"] is True
        await tab.send(type="history", before=4, limit=50)
        page = await tab.next("history")
        assert [m["seq"] for m in page["messages"]] == [1, 2, 3]
        assert page["more"] is False


async def test_a_client_that_knows_more_than_there_is_misses_nothing_new(chat: Chat) -> None:
    async with greeted(chat.url, after=999) as (tab, ready):
        assert ready["latest"] == 0
        await tab.say("你好")
        await tab.reply("收到：你好")


async def test_two_tabs_of_a_customer_see_the_same_conversation(chat: Chat) -> None:
    async with greeted(chat.url) as (one, ready):
        async with greeted(chat.url, session=ready["session"]) as (two, _):
            both = [one.say(f"甲{n}") for n in range(4)] + [two.say(f"乙{n}") for n in range(4)]
            await asyncio.gather(*both)
            for tab in (one, two):
                await tab.until(lambda _, tab=tab: len(tab.messages()) == 16)  # type: ignore[misc]
            assert one.messages() == two.messages()
            assert [m["seq"] for m in one.messages()] == list(range(1, 17))
            answered = [m["text"] for m in one.messages() if m["author"] == "bot"]
            assert sorted(answered) == sorted(f"收到：{t}{n}" for t in "甲乙" for n in range(4))


async def test_a_quick_reply_is_sent_as_a_choice_and_its_payload_stays_here(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("订单")
        offer = await tab.reply("哪一单")
        assert offer["quick_replies"] == [{"title": "空气炸锅"}, {"title": "都不是"}]
        await tab.say("空气炸锅", choice={"seq": offer["seq"], "index": 0})
        await tab.reply('您选了：/pick{"order_number": "261119004217"}')
        assert '"payload"' not in json.dumps(tab.frames)


@pytest.mark.parametrize(
    "choice", [{"seq": 1, "index": 0}, {"seq": 999, "index": 0}, {"seq": 2, "index": 50}]
)
async def test_a_choice_that_was_never_offered_is_refused(
    chat: Chat, choice: dict[str, int]
) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("订单")
        await tab.reply("哪一单")
        sent = await tab.say("空气炸锅", choice=choice)
        error = await tab.next("error")
        assert (error["code"], error["client_id"]) == ("unknown_choice", sent)
        assert "请直接输入" in error["message"]


async def test_what_was_read_is_remembered_for_the_next_visit(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        await tab.say("你好")
        reply = await tab.reply("收到")
        await tab.send(type="read", seq=reply["seq"])
        await tab.send(type="ping")
        await tab.next("pong")
    async with greeted(chat.url, session=ready["session"]) as (_, again):
        assert again["read"] == reply["seq"]


async def test_a_member_finds_the_conversation_on_another_device(chat: Chat) -> None:
    async with greeted(chat.url, user_token=user_token("C000001")) as (tab, ready):
        assert ready["identity"] == "verified"
        await tab.say("我的订单")
        await tab.reply("收到")
    async with greeted(chat.url, user_token=user_token("C000001")) as (tab, _):
        await tab.reply("收到：我的订单")


async def test_a_member_and_the_stranger_before_them_do_not_see_each_other(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, stranger):
        await tab.say("我是游客")
        await tab.reply("收到")
    member = user_token("C000002")
    async with greeted(chat.url, session=stranger["session"], user_token=member) as (tab, ready):
        assert ready["conversation"] != stranger["conversation"]
        await tab.say("我是会员")
        await tab.reply("收到：我是会员")
        assert all("游客" not in m["text"] for m in tab.messages())
    # Logged out again: the verified session names the same browser, but no longer the member.
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as http:
        answer = await http.post("/chat/session", json={"session": ready["session"]})
    assert answer.json()["identity"] == "anonymous"
    async with greeted(chat.url, session=answer.json()["session"]) as (tab, again):
        assert again["conversation"] == stranger["conversation"]
        await tab.reply("收到：我是游客")
        assert all("会员" not in m["text"] for m in tab.messages())


async def test_two_hundred_messages_in_a_second_lose_nothing_that_was_accepted(
    make_chat: ChatFactory,
) -> None:
    clock = TestClock()
    chat = make_chat(clock=clock)
    async with greeted(chat.url) as (tab, ready):
        sent = [await tab.say(f"第{n}条") for n in range(200)]
        outcome: dict[str, dict[str, object]] = {}
        while len(outcome) < 200:
            frame = await tab.receive()
            if frame["type"] in ("accepted", "error"):
                outcome[frame["client_id"]] = frame
        accepted = [i for i in sent if outcome[i]["type"] == "accepted"]
        refused = [outcome[i] for i in sent if outcome[i]["type"] == "error"]
        assert accepted == sent[:20]  # the burst; time stands still, so no more than that
        assert {r["code"] for r in refused} == {"too_many_messages"}
        assert all(r["retry"] is True and "太快" in str(r["message"]) for r in refused)
        await tab.until(lambda _: len(tab.messages()) == 40)
        clock.advance(seconds=1)
        await tab.say("缓一缓再发", client_id=sent[-1])  # a refused one may be sent again
        await tab.reply("收到：缓一缓再发")
    assert chat.engine.texts() == [*(f"第{n}条" for n in range(20)), "缓一缓再发"]
    async with greeted(chat.url, session=ready["session"], after=0) as (tab, _):
        await tab.reply("缓一缓再发")
        assert [m["seq"] for m in tab.messages()] == list(range(1, 43))


async def test_one_visitor_cannot_open_sockets_without_end(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(connections_per_visitor=2))
    async with greeted(chat.url) as (_, ready):
        session = ready["session"]
        async with greeted(chat.url, session=session):
            async with open_tab(chat.url) as third:
                await third.send(type="hello", session=session)
                error = await third.next("error")
                assert (error["code"], error["retry"]) == ("too_many_connections", True)
                assert await third.closed() == 4429
        # The closed tab's place becomes free, as soon as the server has noticed.
        async with asyncio.timeout(TIMEOUT_S):
            while await _first_frame(chat.url, session) != "ready":
                pass


async def test_one_address_cannot_open_sockets_without_end(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(connections_per_address=1))
    async with greeted(chat.url), open_tab(chat.url) as second:
        assert (await second.next("error"))["code"] == "too_many_connections"


async def test_one_address_cannot_open_sessions_without_end(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(session_burst=1), clock=TestClock())
    async with greeted(chat.url):
        pass
    async with open_tab(chat.url) as tab:
        await tab.send(type="hello")
        assert (await tab.next("error"))["code"] == "too_many_sessions"
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as http:
        assert (await http.post("/chat/session", json={})).status_code == 429


async def test_a_silent_socket_is_closed(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(idle_s=0.05, hello_s=0.05))
    async with open_tab(chat.url) as tab:
        assert (await tab.next("error"))["code"] == "hello_first"
        assert await tab.closed() == 4400
    async with greeted(chat.url) as (tab, _):
        assert await tab.closed() == 4408


async def test_a_verified_socket_ends_with_its_user_token(make_chat: ChatFactory) -> None:
    clock = TestClock()
    chat = make_chat(clock=clock)
    async with greeted(chat.url, user_token=user_token("C000001", clock, minutes=5)) as (tab, _):
        clock.advance(minutes=5)
        await tab.say("我的积分")
        error = await tab.next("error")
        assert error["code"] == "user_token_expired"
        assert await tab.closed() == 4401
    assert chat.engine.texts() == []


async def test_a_reader_that_does_not_read_is_let_go_and_loses_nothing(
    make_chat: ChatFactory,
) -> None:
    chat = make_chat(Limits(send_s=0.2, connections_per_visitor=2))
    async with greeted(chat.url) as (tab, ready):
        session = ready["session"]
        for number in range(10):
            await tab.say(f"{number}{'长' * 1900}")
        await tab.until(lambda _: len(tab.messages()) == 20)
        # 50 KB of history, asked for 400 times and never read: the peer's buffers fill, the server
        # gives it up (its place is free again), and everybody else goes on being served.
        deaf = Deaf(chat.server.port, session)
        for _ in range(400):
            deaf.send({"type": "history", "before": 21, "limit": 50})
        async with asyncio.timeout(TIMEOUT_S):
            while await _first_frame(chat.url, session) != "ready":
                pass
        deaf.close()
        await tab.say("我还在")
        await tab.reply("收到：我还在")
    async with greeted(chat.url, session=session, after=0) as (tab, _):
        await tab.reply("我还在")
        assert [m["seq"] for m in tab.messages()] == list(range(1, 23))


async def _first_frame(url: str, session: str) -> str:
    async with open_tab(url) as tab:
        await tab.send(type="hello", session=session)
        return str((await tab.receive())["type"])


class Deaf:
    """A client that sends but takes nothing until told to: a phone in a lift."""

    def __init__(self, port: int, session: str) -> None:
        self._socket = sockets.socket()
        self._socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(
            b"GET /chat/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._socket.recv(1)  # the handshake is answered
        self.send({"type": "hello", "session": session})

    def send(self, frame: dict[str, object]) -> None:
        """Send a frame, masked with zeros."""
        text = json.dumps(frame).encode()
        size = struct.pack("!BH", 0x80 | 126, len(text))
        self._socket.sendall(b"\x81" + size + bytes(4) + text)

    def close(self) -> None:
        """Out of the lift, and gone."""
        self._socket.close()


async def test_pings_and_looks_into_history_have_a_rate_of_their_own(
    make_chat: ChatFactory,
) -> None:
    clock = TestClock()
    chat = make_chat(Limits(requests_per_second=1, request_burst=3), clock=clock)
    async with greeted(chat.url) as (tab, _):
        for _ in range(2):
            await tab.send(type="ping")
            await tab.next("pong")
        await tab.send(type="history", before=1)
        await tab.next("history")
        for frame in (
            {"type": "ping"},
            {"type": "read", "seq": 1},
            {"type": "history", "before": 9},
        ):
            await tab.send(**frame)
            error = await tab.next("error")
            assert (error["code"], error["retry"]) == ("too_many_requests", True)
        await tab.say("你好")  # messages are counted apart
        await tab.reply("收到：你好")
        clock.advance(seconds=1)
        await tab.send(type="ping")
        await tab.next("pong")


async def test_a_conversation_that_is_ended_starts_anew(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("你好")
        await tab.reply("收到：你好")
        before = chat.engine.requests[-1]
        await tab.send(type="end")
        await tab.next("ended")
        await tab.say("又来了")
        await tab.reply("收到：又来了")
        after = chat.engine.requests[-1]
        assert after["sender"] != before["sender"]

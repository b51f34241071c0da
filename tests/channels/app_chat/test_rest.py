"""The REST twin: the same chat for apps, request by request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from channels.app_chat import Limits, sign_user_token
from tests.channels.app_chat.client import client_id, greeted
from tests.channels.app_chat.conftest import APP_KEY, Chat, ChatFactory
from tests.support.clock import TestClock


@pytest_asyncio.fixture
async def http(chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False, timeout=30) as client:
        yield client


async def opened(http: httpx.AsyncClient, **request: Any) -> dict[str, str]:
    """Headers of a new session."""
    answer = await http.post("/chat/session", json=request)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['session']}"}


async def post(
    http: httpx.AsyncClient, headers: dict[str, str], text: str, **more: Any
) -> dict[str, Any]:
    body = {"client_id": client_id(), "text": text, **more}
    answer = await http.post("/chat/messages", headers=headers, json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_a_message_is_posted_and_its_replies_come_back(http: httpx.AsyncClient) -> None:
    headers = await opened(http)
    result = await post(http, headers, "你好")
    assert result["accepted"]["seq"] == 1
    assert [reply["text"] for reply in result["replies"]] == ["收到：你好"]
    history = (await http.get("/chat/messages", headers=headers)).json()
    assert [m["seq"] for m in history["messages"]] == [1, 2]
    assert (history["latest"], history["owner"]) == (2, "bot")
    later = (await http.get("/chat/messages?after=1&limit=1", headers=headers)).json()
    assert [m["text"] for m in later["messages"]] == ["收到：你好"]


async def test_a_retried_post_is_answered_once_and_alike(http: httpx.AsyncClient) -> None:
    headers = await opened(http)
    same = client_id()
    first = await post(http, headers, "只问一次", client_id=same)
    again = await post(http, headers, "只问一次", client_id=same)
    assert first == again
    history = (await http.get("/chat/messages", headers=headers)).json()
    assert history["latest"] == 2


async def test_a_choice_is_posted(http: httpx.AsyncClient) -> None:
    headers = await opened(http)
    offer = (await post(http, headers, "订单"))["replies"][0]
    result = await post(http, headers, "都不是", choice={"seq": offer["seq"], "index": 1})
    assert result["replies"][0]["text"] == "收到：都不是"


async def test_who_will_not_wait_finds_the_answer_in_history(
    http: httpx.AsyncClient, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    chat.engine.let_go.clear()
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False, timeout=30) as slow:
        headers = await opened(slow)
        result = await post(slow, headers, "不急", wait_s=0)
        assert result["replies"] == []
        chat.engine.let_go.set()
        session = headers["Authorization"].removeprefix("Bearer ")
        async with greeted(chat.url, session=session, after=1) as (tab, _):
            await tab.reply("收到：不急")


async def test_a_member_s_app_speaks_in_the_member_s_conversation(
    http: httpx.AsyncClient, clock: TestClock
) -> None:
    later = TestClock(clock())
    later.advance(hours=1)
    token = sign_user_token("shop1", APP_KEY, "C000003", later())
    answer = (await http.post("/chat/session", json={"user_token": token})).json()
    assert answer["identity"] == "verified"
    headers = {"Authorization": f"Bearer {answer['session']}"}
    await post(http, headers, "在手机上")
    async with greeted(http.base_url.__str__().rstrip("/"), user_token=token) as (tab, ready):
        assert ready["identity"] == "verified"
        await tab.reply("收到：在手机上")
    # The session alone is enough for a socket, as long as it lasts.
    url = str(http.base_url).rstrip("/")
    async with greeted(url, session=answer["session"]) as (_, ready):
        assert ready["identity"] == "verified"


async def test_one_visitor_cannot_read_another_s_messages(http: httpx.AsyncClient) -> None:
    one, two = await opened(http), await opened(http)
    await post(http, one, "我的秘密")
    assert (await http.get("/chat/messages", headers=two)).json()["messages"] == []


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "session_missing"),
        ({"Authorization": "Bearer"}, "session_missing"),
        ({"Authorization": "Basic abc"}, "session_missing"),
        ({"Authorization": "Bearer s1.abc.def"}, "session_invalid"),
        ({"Authorization": "Bearer \xe9"}, "session_invalid"),
    ],
)
async def test_without_a_session_there_is_nothing(
    http: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    encoded = {k: v.encode("latin-1") for k, v in headers.items()}
    for answer in (
        await http.get("/chat/messages", headers=encoded),
        await http.post("/chat/messages", headers=encoded, json={"client_id": "a", "text": "x"}),
    ):
        assert answer.status_code == 401
        error = answer.json()["error"]
        assert error["code"] == code
        assert "请刷新" in error["message"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe\x00", 400, "bad_json"),
        (b"[1]", 400, "bad_json"),
        (b"{}", 422, "bad_frame"),
        (b'{"client_id":"a","text":"x","wait_s":-1}', 422, "bad_frame"),
        (b'{"client_id":"a","text":"x","wait_s":1e9}', 422, "bad_frame"),
        (b'{"client_id":"a","text":"\\u0000"}', 422, "message_empty"),
        (b'{"client_id":"a","text":"' + b"a" * 10_000 + b'"}', 413, "message_too_long"),
        (b'{"client_id":"a","text":"' + b"a" * 20_000 + b'"}', 413, "frame_too_large"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_body_gets_a_clear_error(
    http: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    answer = await http.post("/chat/messages", headers=await opened(http), content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["retry"] is False


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=1000", "after=" + "9" * 30]
)
async def test_a_bad_query_gets_a_clear_error(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"/chat/messages?{query}", headers=await opened(http))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_frame")


async def test_posting_too_fast_is_refused_and_may_be_retried(make_chat: ChatFactory) -> None:
    chat = make_chat(clock=TestClock(), message_burst=1)
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False, timeout=30) as http:
        headers = await opened(http)
        await post(http, headers, "第一条")
        answer = await http.post(
            "/chat/messages", headers=headers, json={"client_id": "b", "text": "第二条"}
        )
    assert answer.status_code == 429
    assert answer.json()["error"] == {
        "code": "too_many_messages",
        "message": "您发送得太快了，请稍等几秒再发。",
        "retry": True,
    }
    assert "Retry-After" in answer.headers


async def test_only_allowed_pages_get_cors_headers(make_chat: ChatFactory) -> None:
    chat = make_chat(allowed_origins=["https://shop.example"])
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as http:
        for method in ("POST", "OPTIONS"):
            good = await http.request(
                method, "/chat/session", json={}, headers={"Origin": "https://shop.example"}
            )
            assert good.is_success
            assert good.headers["Access-Control-Allow-Origin"] == "https://shop.example"
            bad = await http.request(
                method, "/chat/session", json={}, headers={"Origin": "https://evil.example"}
            )
            assert bad.status_code == 403
            assert "Access-Control-Allow-Origin" not in bad.headers
        # An error must be readable for the page that is to show it.
        refused = await http.get("/chat/messages", headers={"Origin": "https://shop.example"})
        assert refused.status_code == 401
        assert refused.headers["Access-Control-Allow-Origin"] == "https://shop.example"


async def test_answers_are_never_cached(http: httpx.AsyncClient) -> None:
    assert (await http.post("/chat/session", json={})).headers["Cache-Control"] == "no-store"


async def test_a_body_nested_absurdly_is_bad_json(http: httpx.AsyncClient) -> None:
    headers = await opened(http)
    body = '{"a":' + "[" * 1_200 + "]" * 1_200 + "}"
    answer = await http.post("/chat/messages", headers=headers, content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_json")


async def test_a_place_in_history_beyond_any_seq_is_refused(http: httpx.AsyncClient) -> None:
    headers = await opened(http)
    assert (await http.get("/chat/messages?after=2147483647", headers=headers)).status_code == 200
    beyond = await http.get("/chat/messages?after=2147483648", headers=headers)
    assert (beyond.status_code, beyond.json()["error"]["code"]) == (422, "bad_frame")


async def test_fetching_history_too_fast_is_refused_and_sending_is_not(
    make_chat: ChatFactory,
) -> None:
    clock = TestClock()
    chat = make_chat(Limits(requests_per_second=1, request_burst=2), clock=clock)
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False, timeout=30) as client:
        headers = await opened(client)
        statuses = [
            (await client.get("/chat/messages", headers=headers)).status_code for _ in "abc"
        ]
        assert statuses == [200, 200, 429]
        refused = (await client.get("/chat/messages", headers=headers)).json()["error"]
        assert (refused["code"], refused["retry"]) == ("too_many_requests", True)
        assert (await post(client, headers, "你好"))["replies"]
        clock.advance(seconds=1)
        assert (await client.get("/chat/messages", headers=headers)).status_code == 200


async def test_one_address_cannot_send_for_a_crowd_of_made_up_visitors(
    make_chat: ChatFactory,
) -> None:
    chat = make_chat(Limits(customers_per_address=2), clock=TestClock(), message_burst=1)
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False, timeout=30) as client:
        answers = []
        for _ in range(3):
            body = {"client_id": client_id(), "text": "你好"}
            answers.append(
                await client.post("/chat/messages", headers=await opened(client), json=body)
            )
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "address_too_busy"
    assert answers[2].json()["error"]["retry"] is True


async def test_a_conversation_that_is_ended_forgets_who_proved_what(
    http: httpx.AsyncClient, chat: Chat
) -> None:
    headers = await opened(http)
    await post(http, headers, "你好")
    assert (await http.post("/chat/end", headers=headers)).json() == {"ended": True}
    assert (await http.post("/chat/end", headers=headers)).status_code == 200  # nothing is open
    before = chat.engine.requests[-1]
    await post(http, headers, "又来了")
    after = chat.engine.requests[-1]
    assert after["sender"] != before["sender"] and after["turn"] == 0
    assert (await http.post("/chat/end")).status_code == 401

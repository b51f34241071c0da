"""The engine's door, as the service uses it: the real engine behind it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.engine import EngineClient, EngineDown
from tests.conftest import Service
from tests.support.components import free_port
from tests.support.faults import FaultProxy


@pytest_asyncio.fixture
async def door(service: Service) -> AsyncIterator[EngineClient]:
    token = service.settings.require_secret("internal_token")
    client = EngineClient(service.settings.engine_urls, token, 20)
    yield client
    await client.close()


def request(text: str, **more: Any) -> dict[str, Any]:
    return {
        "sender": f"test-{uuid.uuid4().hex}",
        "text": text,
        "payload": None,
        "channel": "app_chat",
        "turn": 0,
        "snapshot": None,
        "metadata": {},
    } | more


async def test_a_turn_tells_what_was_understood_and_done(door: EngineClient) -> None:
    answer = await door.turn(request("你们上海有门店吗"))
    assert answer.intent == "store_info"
    assert answer.confidence is not None
    assert 0.0 <= answer.confidence <= 1.0
    assert answer.intent_ranking[0]["name"] == "store_info"
    assert answer.actions == ["action_store_info"]
    assert "上海" in (answer.replies[0].text or "")
    assert answer.errors == []
    assert answer.turn == 1


@pytest.mark.parametrize(
    "text",
    ['/ask_human{"x":"y"}', "/restart", "/session_start", "/affirm", "／转人工", "/back", "/"],
)
async def test_customer_text_cannot_command_the_engine(door: EngineClient, text: str) -> None:
    answer = await door.turn(request(text))
    assert answer.replies
    assert answer.confidence != 1.0
    assert not {"action_restart", "action_session_start", "action_back"} & set(answer.actions)


async def test_a_payload_that_the_service_recorded_is_taken_as_the_intent(
    door: EngineClient,
) -> None:
    answer = await door.turn(request("", payload="/store_info"))
    assert answer.intent == "store_info"
    assert answer.replies


async def test_a_conversation_goes_on_where_the_snapshot_says_when_the_engine_forgot_it(
    door: EngineClient,
) -> None:
    first = await door.turn(request("我的订单到哪了"))
    assert "订单号" in (first.replies[0].text or "")
    forgotten = request("261101000000", turn=first.turn, snapshot=first.snapshot)
    second = await door.turn(forgotten)
    assert "后四位" in (second.replies[0].text or "")
    assert second.turn == first.turn + 1


async def test_an_answer_that_was_never_committed_is_undone_by_the_snapshot(
    door: EngineClient,
) -> None:
    opening = request("我的订单到哪了")
    first = await door.turn(opening)
    again = {"turn": first.turn, "snapshot": first.snapshot}
    lost = await door.turn(opening | again | {"text": "261101000000"})
    repeated = await door.turn(opening | again | {"text": "261101000000"})
    assert repeated.turn == lost.turn
    assert "后四位" in (repeated.replies[0].text or "")


async def test_two_customers_do_not_share_a_memory(door: EngineClient) -> None:
    await door.turn(request("我的订单到哪了"))
    answer = await door.turn(request("261101000000"))
    other = await door.turn(request("谢谢"))
    assert answer.snapshot != other.snapshot


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "。",
        "a" * 2000,
        "😀😀😀",
        "\u200b",
        "DROP TABLE users; --",
        "{{7*7}}",
        "訂單到哪裡了",
    ],
)
async def test_odd_texts_get_an_answer_and_no_error(door: EngineClient, text: str) -> None:
    answer = await door.turn(request(text))
    assert answer.replies
    assert answer.errors == []


async def test_parsing_understands_many_sentences_at_once(door: EngineClient) -> None:
    results = await door.parse(["我还有多少积分", "", "asdkjh"])
    assert [result["text"] for result in results] == ["我还有多少积分", "", "asdkjh"]
    assert results[0]["intent"] == "query_points"
    assert {"intent", "confidence", "intent_ranking", "entities", "emotion"} <= results[0].keys()


@pytest.mark.parametrize("path", ["turn", "parse"])
@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic abc"])
def test_strangers_are_refused(service: Service, path: str, token: str) -> None:
    url = f"{service.settings.engine_urls[0]}/webhooks/door/{path}"
    answer = httpx.post(url, json=request("你好"), headers={"Authorization": token})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b'{"sender": 1}', b'{"text": ["x"]}', b"\xff\xfe"]
)
def test_odd_requests_are_refused_and_break_nothing(service: Service, body: bytes) -> None:
    url = f"{service.settings.engine_urls[0]}/webhooks/door/turn"
    answer = httpx.post(url, content=body, headers=service.internal_headers)
    assert answer.status_code == 400
    assert "error" in answer.json()


async def test_a_dead_engine_is_passed_over_for_the_next(service: Service) -> None:
    token = service.settings.require_secret("internal_token")
    dead = f"http://127.0.0.1:{free_port()}"
    for urls in ([dead, *service.settings.engine_urls], [*service.settings.engine_urls, dead]):
        client = EngineClient(urls, token, 20)
        answers = [await client.turn(request("你好")) for _ in range(4)]
        assert all(answer.replies for answer in answers)
        health = await client.health()
        assert (health["status"], health["up"], health["of"]) == ("degraded", 1, 2)
        await client.close()


async def test_an_engine_that_hangs_leaves_time_for_the_next(service: Service) -> None:
    token = service.settings.require_secret("internal_token")
    async with FaultProxy(service.settings.engine_port) as hanging:
        hanging.mode = "swallow"
        client = EngineClient([hanging.url, *service.settings.engine_urls], token, 3)
        answers = [await client.turn(request("你好")) for _ in range(2)]
        await client.close()
    assert all(answer.replies for answer in answers)


async def test_a_slow_engine_gets_the_turns_of_five_seconds_at_once() -> None:
    at_once, arrived = 250, 0
    all_there = asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        nonlocal arrived
        arrived += 1
        if arrived == at_once:
            all_there.set()
        await all_there.wait()
        return web.json_response({"replies": [{"text": "好的"}], "turn": 1})

    app = web.Application()
    app.router.add_post("/webhooks/door/turn", answer)
    async with TestServer(app) as slow:
        client = EngineClient([str(slow.make_url("")).rstrip("/")], "x" * 32, 20)
        answers = await asyncio.gather(*(client.turn(request("在吗")) for _ in range(at_once)))
        await client.close()
    assert all(answer.replies for answer in answers)
    assert arrived == at_once


async def test_no_engine_at_all_is_said_so(service: Service) -> None:
    client = EngineClient([f"http://127.0.0.1:{free_port()}"], "x" * 32, 0.5)
    with pytest.raises(EngineDown):
        await client.turn(request("你好"))
    with pytest.raises(EngineDown):
        await client.parse(["你好"])
    assert (await client.health())["status"] == "down"
    await client.close()

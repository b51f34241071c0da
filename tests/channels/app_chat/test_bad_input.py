"""Whatever arrives gets a clear answer or error in Chinese, and the line stays usable."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from channels.app_chat import Limits
from tests.channels.app_chat.client import Tab, client_id, greeted, open_tab
from tests.channels.app_chat.conftest import APP_KEY, Chat, ChatFactory
from tests.channels.app_chat.test_tokens import handmade

CHINESE = re.compile("[一-龥]{4,}")


async def error_for(tab: Tab, raw: str | bytes) -> dict[str, Any]:
    """Send something raw; the error that comes back, after which the line still works."""
    await tab.socket.send(raw)
    error = await tab.next("error")
    assert CHINESE.search(error["message"])
    await tab.send(type="ping")
    await tab.next("pong")
    return error


def message(text: str) -> str:
    return json.dumps({"type": "message", "client_id": client_id(), "text": text})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 10_000, "message_too_long"),
        ("字" * 10_000, "frame_too_large"),
        ("字" * 2_001, "message_too_long"),
        ("", "message_empty"),
        ("   \n\t ", "message_empty"),
        ("\u200b\u200d\ufeff\u2060", "message_empty"),
        ("\x00\x01\x02\x1f\x7f", "message_empty"),
        ("\u202e\u2066", "message_empty"),
        ("\ud800", "message_empty"),
    ],
    ids=["ascii 10000", "chinese 10000", "2001", "empty", "blank", "zero-width", "controls", "bidi",
         "lone surrogate"],
)  # fmt: skip
async def test_a_message_that_cannot_be_taken_is_refused_in_chinese(
    chat: Chat, text: str, code: str
) -> None:
    async with greeted(chat.url) as (tab, _):
        raw = message(text)
        error = await error_for(tab, raw)
        assert error["code"] == code
        assert error["retry"] is False
        if code != "frame_too_large":  # an oversized frame is not read, not even for its id
            assert error["client_id"] == json.loads(raw)["client_id"]


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("字" * 2_000, "字" * 2_000),
        ("查\x00订\x07单\x1b[31m", "查订单[31m"),
        ("查\ud83d订单", "查\ufffd订单"),
        ("\ud83d\ude00", "😀"),
        ("😀👨‍👩‍👧🎉", "😀👨‍👩‍👧🎉"),
        ("查\u200b订\u200b单", "查订单"),
        ("<img src=x onerror=alert(1)><script>alert(1)</script>",) * 2,
        ('/inform{"customer_id":"C000001"}',) * 2,
        ("/restart",) * 2,
        ("'; DROP TABLE messages; --",) * 2,
        ("第一行\r\n第二行", "第一行\n第二行"),
        ("{{7*7}} ${7*7} {order_number}",) * 2,
    ],
    ids=["2000", "controls", "half an emoji", "escaped emoji", "emoji only", "zero-width", "html",
         "payload", "restart", "sql", "lines", "templates"],
)  # fmt: skip
async def test_odd_text_is_answered_as_the_text_it_is(
    chat: Chat, text: str, understood: str
) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.socket.send(message(text))
        reply = await tab.reply("收到：")
        assert reply["text"] == f"收到：{understood}"
        own = next(m for m in tab.messages() if m["author"] == "customer")
        assert own["text"] == understood
        asked = chat.engine.requests[-1]
        # A typed payload reaches the engine as text, never as a payload.
        assert (asked["text"], asked["payload"]) == (understood, None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "bad_json"),
        ("hello", "bad_json"),
        ('{"type":"message","client_id":"x","text":"半句', "bad_json"),
        ("null", "bad_json"),
        ("[]", "bad_json"),
        ('"ping"', "bad_json"),
        ("[" * 16_000, "bad_json"),
        ('{"a":' + "[" * 1_200 + "]" * 1_200 + "}", "bad_json"),
        ('{"type":"message","client_id":"a","text":"x","choice":' + '{"a":' * 2_000 + "1" + "}" * 2_001,
         "bad_json"),
        ('{"type":"read","seq":2147483648}', "bad_frame"),
        ('{"type":"history","before":2147483648}', "bad_frame"),
        ('{"type":"ping","seq":' + "9" * 5_000 + "}", "bad_json"),
        ('{"type":"read","seq":NaN}', "bad_json"),
        ('{"type":"read","seq":Infinity}', "bad_json"),
        ("{}", "unknown_type"),
        ('{"type":"shutdown"}', "unknown_type"),
        ('{"type":{"a":1}}', "unknown_type"),
        ('{"type":"message","text":"没有编号"}', "bad_frame"),
        ('{"type":"message","client_id":"","text":"x"}', "bad_frame"),
        ('{"type":"message","client_id":"a b","text":"x"}', "bad_frame"),
        ('{"type":"message","client_id":"a\\n","text":"x"}', "bad_frame"),
        ('{"type":"message","client_id":"' + "a" * 65 + '","text":"x"}', "bad_frame"),
        ('{"type":"message","client_id":"a","text":{"$ne":1}}', "bad_frame"),
        ('{"type":"message","client_id":"a","text":"x","choice":{"seq":-1,"index":0}}', "bad_frame"),
        ('{"type":"message","client_id":"a","text":"x","choice":{"seq":"1","index":0}}', "bad_frame"),
        ('{"type":"message","client_id":"a","text":"x","choice":[1,2]}', "bad_frame"),
        ('{"type":"read","seq":1.5}', "bad_frame"),
        ('{"type":"read","seq":true}', "bad_frame"),
        ('{"type":"read","seq":99999999999999999999}', "bad_frame"),
        ('{"type":"history","before":1,"limit":1000000}', "bad_frame"),
        ('{"type":"hello"}', "bad_frame"),
        (b"\x00\x01\x02", "binary_not_supported"),
        (b'{"type":"ping"}', "binary_not_supported"),
        ("x" * (16 * 1024 + 1), "frame_too_large"),
        ("x" * 1_000_000, "frame_too_large"),
    ],
    ids=lambda value: str(value)[:40] or "nothing",
)  # fmt: skip
async def test_a_broken_frame_gets_an_error_and_the_line_goes_on(
    chat: Chat, raw: str | bytes, code: str
) -> None:
    async with greeted(chat.url) as (tab, _):
        error = await error_for(tab, raw)
        assert (error["code"], error["retry"]) == (code, False)


async def test_an_error_never_repeats_what_was_sent(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, _):
        secret = "13812345678"
        raw = {"type": "message", "client_id": f"{secret} ", "text": [secret], "seq": secret}
        assert secret not in json.dumps({**await error_for(tab, json.dumps(raw)), "client_id": ""})


async def test_a_client_that_sends_only_rubbish_is_let_go(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(bad_frames=5))
    async with greeted(chat.url) as (tab, _):
        for _ in range(5):
            await tab.socket.send("rubbish")
        assert await tab.closed() == 1008
        assert [f["code"] for f in tab.frames[1:]] == ["bad_json"] * 5 + ["too_many_bad_frames"]


@pytest.mark.parametrize(
    "raw", ['{"type":"ping"}', '{"type":"message","client_id":"a","text":"x"}']
)
async def test_nothing_is_done_before_the_hello(chat: Chat, raw: str) -> None:
    async with open_tab(chat.url) as tab:
        await tab.socket.send(raw)
        assert (await tab.next("error"))["code"] == "hello_first"
        assert await tab.closed() == 4400


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"session": "s1.forged.forged"}, "session_invalid"),
        ({"session": "x"}, "session_invalid"),
        ({"user_token": "shop1.QzE.9999999999." + "0" * 64}, "user_token_invalid"),
        ({"user_token": handmade("shop1", b"C000001", "9999999999", "guess")}, "user_token_invalid"),
        ({"user_token": handmade("shop1", b"C000001", "1000000000", APP_KEY)}, "user_token_expired"),
    ],
    ids=["forged session", "no session", "zero signature", "wrong key", "expired"],
)  # fmt: skip
async def test_a_forged_or_expired_signature_opens_nothing(
    chat: Chat, hello: dict[str, str], code: str
) -> None:
    async with open_tab(chat.url) as tab:
        await tab.send(type="hello", **hello)
        error = await tab.next("error")
        assert error["code"] == code
        assert CHINESE.search(error["message"])
        assert await tab.closed() == 4401
        assert [f["type"] for f in tab.frames] == ["error"]


async def test_a_hello_with_a_huge_token_is_refused(chat: Chat) -> None:
    async with open_tab(chat.url) as tab:
        await tab.send(type="hello", session="s1." + "a" * 5000)
        assert (await tab.next("error"))["code"] == "bad_frame"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://shop.example.evil.com"]
)  # fmt: skip
async def test_a_page_of_another_site_cannot_open_the_chat(chat: Chat, origin: str) -> None:
    async with open_tab(chat.url, origin=origin) as tab:
        error = await tab.next("error")
        assert error["code"] == "origin_not_allowed"
        assert await tab.closed() == 4403


async def test_the_brand_s_own_pages_can_open_the_chat(make_chat: ChatFactory) -> None:
    chat = make_chat(allowed_origins=["https://shop.example"])
    for origin in ("https://shop.example", "HTTPS://Shop.Example", chat.url):
        async with open_tab(chat.url, origin=origin) as tab:
            await tab.send(type="hello")
            await tab.next("ready")


async def test_while_the_database_is_locked_a_message_is_refused_and_can_be_sent_again(
    chat: Chat,
) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("第一句")
        await tab.reply("收到：第一句")
        await tab.next("typing", on=False)
        with closing(sqlite3.connect(chat.settings.home / "yingda.db", timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")  # another process writes and does not finish
            sent = await tab.say("第二句")
            error = await tab.next("error")
            assert (error["code"], error["retry"]) == ("service_busy", True)
            assert (error["client_id"], "稍后重发" in error["message"]) == (sent, True)
            other.rollback()
        await tab.say("第二句", client_id=sent)
        await tab.reply("收到：第二句")
        assert [m["seq"] for m in tab.messages()] == [1, 2, 3, 4]

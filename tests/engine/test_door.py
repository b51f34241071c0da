"""The door, over HTTP, in front of a real engine."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any

import pytest

from tests.engine.conftest import TOKEN, Engine


def ascii_start(text: str) -> str:
    """A short name for an odd text."""
    return ascii(text[:8])


class TestEntrance:
    def test_health_tells_the_loaded_model_without_a_token(self, engine: Engine) -> None:
        status, answer = engine.request("health", token=None)
        assert status == 200
        assert answer == {"status": "ok", "model": "small.tar.gz", "warm": True}

    @pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x", "应答"])
    def test_without_the_token_nobody_passes(self, engine: Engine, token: Any) -> None:
        body = engine.talk().body("你好")
        if token == "应答":
            token = None
        assert engine.request("turn", body, token=token)[0] == 401
        assert engine.request("parse", {"texts": ["你好"]}, token=token)[0] == 401

    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"sender":'.ljust(50)]
    )
    def test_a_broken_body_is_refused(self, engine: Engine, raw: bytes) -> None:
        assert engine.request("turn", raw=raw)[0] == 400

    @pytest.mark.parametrize(
        "change",
        [
            {"sender": ""},
            {"sender": None},
            {"text": None},
            {"text": "长" * 10_001},
            {"payload": 3},
            {"channel": "../x"},
            {"channel": None},
            {"turn": -1},
            {"turn": "1"},
            {"turn": True},
            {"snapshot": []},
            {"metadata": "x"},
        ],
    )
    def test_a_wrong_field_is_refused(self, engine: Engine, change: dict[str, Any]) -> None:
        status, answer = engine.request("turn", {**engine.talk().body("你好"), **change})
        assert status == 400
        assert answer["error"]

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self, engine: Engine) -> None:
        head = (
            "POST /webhooks/door/turn HTTP/1.1\r\nHost: engine\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: 600000\r\n\r\n{{"
        )
        with socket.create_connection(("127.0.0.1", engine.port), timeout=20) as connection:
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413")


class TestTurn:
    def test_a_turn_tells_everything(self, engine: Engine) -> None:
        answer = engine.talk().say("查一下我的订单")
        assert answer["intent"] == "query_order"
        assert answer["intent_ranking"][0]["name"] == "query_order"
        assert 0.3 < answer["confidence"] <= 1.0
        assert answer["actions"] == ["action_order"]
        assert answer["slots"] == {"topic": "order"}
        assert answer["emotion"]["label"] == "neutral"
        assert answer["errors"] == []
        assert answer["turn"] == 1
        assert answer["model"] == "small.tar.gz"

    def test_a_bubble_stays_whole_with_buttons_and_card(self, engine: Engine) -> None:
        (reply,) = engine.talk().say("查一下我的订单")["replies"]
        assert reply["text"] == "您的订单在路上\n\n明天到"
        assert reply["buttons"] == [{"title": "查物流", "payload": "/query_order"}]
        assert reply["custom"] == {"card": {"type": "order"}}

    def test_wording_follows_the_channel(self, engine: Engine) -> None:
        assert engine.talk("phone").say("你好")["replies"][0]["text"] == "您好，请讲"
        assert engine.talk("app_chat").say("你好")["replies"][0]["text"] == "您好，我是小禾"

    def test_a_faq_question_is_answered_in_writing_or_spoken(self, engine: Engine) -> None:
        written = engine.talk().say("运费多少钱")
        assert written["intent"] == "faq/shipping_fee"
        assert written["replies"][0]["text"] == "满 99 元包邮。"
        assert written["replies"][0]["buttons"][0]["payload"] == "偏远地区送吗"
        assert engine.talk("phone").say("运费多少钱")["replies"][0]["text"] == "满九十九元包邮。"

    def test_a_leading_slash_is_never_a_payload(self, engine: Engine) -> None:
        for text in ("/request_return", " \u200b/request_return", '/request_return{"a":1}', "//"):
            answer = engine.talk().say(text)
            assert answer["confidence"] < 1.0
            assert answer["snapshot"]["loop"] is None or answer["intent"] == "request_return"
            assert answer["errors"] == []

    def test_a_payload_is_taken_instead_of_the_text(self, engine: Engine) -> None:
        answer = engine.talk().say(
            "退货吧", payload='/request_return{"order_number": "261119004217"}'
        )
        assert answer["intent"] == "request_return"
        assert answer["confidence"] == 1.0
        assert answer["slots"] == {"order_number": "261119004217"}
        assert answer["replies"][0]["text"] == "为什么要退？"

    def test_an_unknown_payload_is_reported_and_the_text_is_read(self, engine: Engine) -> None:
        answer = engine.talk().say("你好", payload="/no_such_intent")
        assert answer["intent"] == "greet"
        assert [error["where"] for error in answer["errors"]] == ["payload"]

    def test_a_payload_in_plain_words_is_read_as_text(self, engine: Engine) -> None:
        answer = engine.talk().say("按钮", payload="你好")
        assert (answer["intent"], answer["errors"]) == ("greet", [])

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "\x00\x01",
            "\ud800你好",
            "😀😀",
            "\u200b\u200d",
            "<script>alert(1)</script>",
            "長" * 10_000,
            "？" * 3000,
            "a",
            "\u202e反",
            "{{7*7}} ${x} %s",
        ],
        ids=ascii_start,
    )
    def test_odd_text_gets_an_answer(self, engine: Engine, text: str) -> None:
        answer = engine.talk().say(text)
        assert not [error for error in answer["errors"] if error["where"] != "action"]
        assert answer["turn"] == 1


class TestFailures:
    def test_a_failed_action_is_reported(self, engine: Engine) -> None:
        answer = engine.talk().say("不对")
        assert answer["replies"] == []
        assert answer["errors"] == [
            {"where": "action", "what": "action_fails: ClientResponseError"}
        ]
        assert answer["turn"] == 1

    def test_an_answer_of_the_wrong_shape_is_reported(self, engine: Engine) -> None:
        answer = engine.talk().say("谢谢你")
        assert [error["where"] for error in answer["errors"]] == ["action"]

    def test_a_hung_action_is_given_up_after_three_seconds(self, engine: Engine) -> None:
        began = time.monotonic()
        answer = engine.talk().say("是的")
        assert time.monotonic() - began < 10
        assert answer["errors"] == [{"where": "action", "what": "action_hangs: TimeoutError"}]

    def test_others_are_served_while_an_action_hangs(self, engine: Engine) -> None:
        answers: list[dict[str, Any]] = []
        hung = threading.Thread(target=lambda: answers.append(engine.talk().say("是的")))
        hung.start()
        assert engine.talk().say("你好")["intent"] == "greet"
        assert not answers
        hung.join(20)
        assert answers

    def test_errors_never_quote_the_customer(self, engine: Engine) -> None:
        answer = engine.talk().say("不对，我叫王小明")
        assert "王小明" not in json.dumps(answer["errors"], ensure_ascii=False)


class TestMemory:
    def test_a_form_goes_on_from_the_snapshot_alone(self, engine: Engine) -> None:
        """The engine was restarted, or another replica gets the next turn."""
        talk = engine.talk()
        talk.say("我要退货")
        elsewhere = engine.talk()
        elsewhere.turn, elsewhere.snapshot = talk.turn, json.loads(json.dumps(talk.snapshot))
        answer = elsewhere.say("订单号是 2611 1900 4217")
        assert answer["slots"]["order_number"] == "261119004217"
        assert answer["replies"][0]["text"] == "为什么要退？"
        third = engine.talk()
        third.turn, third.snapshot = elsewhere.turn, elsewhere.snapshot
        assert third.say("不喜欢这个颜色")["replies"][0]["text"] == (
            "已登记：261119004217，不喜欢这个颜色"
        )

    def test_a_repeated_turn_starts_from_the_same_state(self, engine: Engine) -> None:
        """The service crashed before it committed the answer, and asks again."""
        talk = engine.talk()
        talk.say("我要退货")
        request = talk.body("261119004217")
        first = engine.request("turn", request)[1]
        again = engine.request("turn", request)[1]
        assert first["turn"] == again["turn"] == 2
        assert first["replies"] == again["replies"]
        assert first["snapshot"] == again["snapshot"]

    def test_a_snapshot_of_another_make_is_reported(self, engine: Engine) -> None:
        talk = engine.talk()
        talk.turn, talk.snapshot = 5, {"version": 99}
        answer = talk.say("你好")
        assert [error["where"] for error in answer["errors"]] == ["snapshot"]
        assert answer["intent"] == "greet"

    def test_a_snapshot_with_unknown_names_is_used_without_them(self, engine: Engine) -> None:
        talk = engine.talk()
        talk.turn = 3
        talk.snapshot = {
            "version": 1,
            "slots": {"gone": 1, "topic": "points"},
            "loop": {"name": "gone_form"},
            "latest_action": "gone_action",
            "latest_intent": "gone_intent",
            "bot": None,
        }
        answer = talk.say("你好")
        assert answer["errors"] == []
        assert answer["slots"] == {"topic": "points"}

    def test_what_an_action_is_sent_does_not_grow_with_the_conversation(
        self, engine: Engine
    ) -> None:
        talk = engine.talk()
        sizes = []
        for _ in range(40):
            talk.say("查一下我的订单", payload="/query_order")
            sizes.append(engine.actions.sizes[-1])
        assert max(sizes[10:]) <= 1.3 * max(sizes[2:10])

    def test_slots_and_forms_survive_a_long_conversation(self, engine: Engine) -> None:
        talk = engine.talk()
        talk.say("", payload='/request_return{"order_number": "261119004217"}')
        before = talk.snapshot
        assert before is not None
        for _ in range(12):
            talk.say("", payload="/query_order")  # Rasa's form keeps asking for the reason
        assert talk.snapshot is not None
        assert talk.snapshot["slots"]["order_number"] == "261119004217"

    def test_two_turns_of_one_conversation_at_once_are_both_answered(self, engine: Engine) -> None:
        talk = engine.talk()
        answers: list[Any] = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(engine.request("turn", talk.body("你好")))
            )
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [status for status, _ in answers] == [200] * 6
        assert all(answer["errors"] == [] for _, answer in answers)


class TestActionCalls:
    def test_actions_are_called_with_the_token_and_without_the_domain(self, engine: Engine) -> None:
        talk = engine.talk()
        talk.say("查一下我的订单")
        assert engine.actions.headers[-1]["Authorization"] == f"Bearer {TOKEN}"
        call = engine.actions.calls[-1]
        assert call["sender_id"] == talk.sender
        assert "domain" not in call
        assert call["tracker"]["latest_input_channel"] == "app_chat"
        assert call["tracker"]["latest_message"]["emotion"]["label"] == "neutral"


class TestParse:
    def test_texts_are_understood_without_a_conversation(self, engine: Engine) -> None:
        status, answer = engine.request("parse", {"texts": ["你好", "昨天买的加湿器", "/greet"]})
        assert status == 200
        first, second, third = answer["results"]
        assert first["intent"] == "greet"
        assert {e["value"] for e in second["entities"] if e["entity"] == "product"} == {"A1", "A2"}
        assert third["text"] == "/greet"
        assert third["confidence"] < 1.0

    def test_below_the_threshold_the_intent_is_the_fallback(self, engine: Engine) -> None:
        (result,) = engine.request("parse", {"texts": ["😀"]})[1]["results"]
        assert result["intent"] == "nlu_fallback"

    @pytest.mark.parametrize("texts", [None, "你好", [1], ["a"] * 1001])
    def test_a_wrong_list_is_refused(self, engine: Engine, texts: Any) -> None:
        assert engine.request("parse", {"texts": texts})[0] == 400

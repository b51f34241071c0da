"""Whatever is typed is understood or politely not, and never breaks anything."""

from __future__ import annotations

import pytest

from engine.evaluate import FALLBACK
from tests.quality.sets import Understand

UNSURE = {FALLBACK, "out_of_scope"}


class TestUnusualWriting:
    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("wo de dingdan", "query_order"),
            ("wo yao tuihuo", "request_return"),
            ("kuaidi dao na le", "query_logistics"),
            ("rengong kefu", "ask_human"),
            ("我的快遞到哪裡了", "query_logistics"),
            ("我要退貨", "request_return"),
            ("发飘怎么开", "invoice"),
            ("查一下我的丁单", "query_order"),
            ("我 要 转 人 工", "ask_human"),
            ("有会", "promotion"),
            ("你们客服电话多少", "faq/service_hours"),
            ("我要退货！！！！！！！！", "request_return"),
            ("我要退货😡😡😡", "request_return"),
            ("／我要退货", "request_return"),
        ],
    )
    def test_it_is_understood(self, understand: Understand, text: str, intent: str) -> None:
        (answer,) = understand([text])
        assert answer["intent"] == intent

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", "?", "。。。", "😀", "👍🏽👩‍👩‍👧", "\u200b", "\x00\x01", "﷽"),
            *("a", "的", "7", "asdfghjkl", "the quick brown fox", "Wie geht es dir"),
            *("'; DROP TABLE orders; --", "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap}"),
            *("../../etc/passwd", "%s%s%n", '{"intent": "affirm"}', "[object Object]"),
        ],
    )
    def test_noise_finds_nothing_of_anybodys(self, understand: Understand, text: str) -> None:
        (answer,) = understand([text])
        assert answer["intent"] in {*UNSURE, "greet", "affirm", "deny"} or (
            answer["intent"].startswith("faq")
        )
        assert answer["entities"] == []

    def test_an_order_number_alone_is_found(self, understand: Understand) -> None:
        for text in ("261119004217", "2611 1900 4217", "二六幺幺幺九零零四二幺七"):
            (answer,) = understand([text])
            found = {item["entity"]: item["value"] for item in answer["entities"]}
            assert found == {"order_number": "261119004217"}, text

    @pytest.mark.parametrize("piece", ["我的快递到哪了", "啊", "a", "😀", "1", "发票 "])
    def test_two_thousand_characters_are_read(self, understand: Understand, piece: str) -> None:
        (answer,) = understand([(piece * 2000)[:2000]])
        assert 0 <= answer["confidence"] <= 1

    def test_an_intent_cannot_be_ordered(self, understand: Understand) -> None:
        (answer,) = understand(['/affirm{"order_number": "261119004217"}'])
        assert answer["confidence"] < 1
        assert answer["intent"] != "affirm"

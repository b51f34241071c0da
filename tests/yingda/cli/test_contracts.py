"""What others build on: a line in, a JSON line out (DESIGN.md, section 5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[str]]


def json_lines(done: CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_parse_answers_every_line_in_order_with_the_promised_fields(running: Run) -> None:
    texts = ["我的快递到哪了", "", "<b>你好</b>", '/intent{"slot":"x"}', "转人工", "😀" * 50]
    answers = json_lines(running("parse", "--json", text="\n".join(texts) + "\n"))
    assert [answer["text"] for answer in answers] == texts
    for answer in answers:
        assert {"text", "intent", "confidence", "intent_ranking", "entities", "emotion"} == set(
            answer
        )
        assert 0.0 <= answer["confidence"] <= 1.0
        assert answer["emotion"]["label"] in ("positive", "neutral", "negative")
        assert answer["emotion"]["level"] in ("none", "light", "medium", "severe")
        assert 0.0 <= answer["emotion"]["score"] <= 1.0
    assert answers[0]["intent"] == "query_logistics"
    assert answers[4]["intent"] == "ask_human"


def test_parse_reads_a_file_and_survives_bytes_that_are_not_text(
    running: Run, tmp_path: Path
) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes("查一下积分\r\n".encode() + b"\xff\xfe\x00\n" + "最后一行".encode())
    answers = json_lines(running("parse", "--json", str(file)))
    assert len(answers) == 3
    assert answers[0] | {"text": "查一下积分"} == answers[0]
    assert answers[2]["text"] == "最后一行"


def test_parse_is_readable_without_json(running: Run) -> None:
    done = running("parse", text="我要退货\n")
    assert done.returncode == 0
    assert done.stdout.startswith("我要退货\trequest_return ")


def test_chat_answers_each_line_in_one_conversation(running: Run) -> None:
    answers = json_lines(running("chat", "--json", text="你好\n转人工\n"))
    for answer in answers:
        assert {
            *("text", "replies", "intent", "confidence", "actions", "owner", "handoff", "episode")
        } <= set(answer)
        assert answer["owner"] in ("bot", "human")
        assert "".join(reply["text"] for reply in answer["replies"])
    assert answers[0]["handoff"] is None
    assert answers[1]["handoff"] == "asked_for_human"
    assert answers[0]["episode"] == answers[1]["episode"]


def test_a_message_that_is_refused_does_not_end_the_chat(running: Run) -> None:
    empty, hello = json_lines(running("chat", "--json", text="\n你好\n"))
    assert empty["replies"] == []
    assert empty["error"]["code"] == "message_empty"
    assert hello["intent"] == "greet"


def test_chat_as_a_customer_shows_that_customers_own_things(running: Run) -> None:
    people = json.loads(running("shop", "show", "--json").stdout)["personas"]
    someone = next(person for person in people if person["orders"])
    (answer,) = json_lines(
        running("chat", "--json", "--customer", someone["id"], text="我还有多少积分\n")
    )
    assert answer["intent"] == "query_points"
    assert "订单号" not in answer["replies"][0]["text"]


def test_chat_is_readable_without_json(running: Run) -> None:
    done = running("chat", text="你好\n")
    assert done.returncode == 0
    assert done.stdout.startswith("小禾：")


@pytest.mark.parametrize(
    ("expected", "code"), [("greet", 0), ("query_points", 1)], ids=["same", "differs"]
)
def test_replay_tells_by_its_exit_code_whether_anything_differs(
    running: Run, tmp_path: Path, expected: str, code: int
) -> None:
    file = tmp_path / "dialogue.yml"
    file.write_text(
        f"- dialogue: 打招呼\n  turns:\n    - say: 你好\n      intent: {expected}\n", "utf-8"
    )
    done = running("replay", "--running", "--json", str(file))
    assert done.returncode == code, done.stderr
    line = json.loads(done.stdout)
    assert line["dialogue"] == "打招呼"
    assert line["ok"] is (code == 0)
    assert [difference["got"] for difference in line["differences"]] == ["greet"] * code

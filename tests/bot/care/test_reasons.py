"""Why a customer is upset and where: read from the words, then from what was asked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.care import CAUSES, SCENES, Sentence, load_reasons

SET = Path(__file__).parent / "causes.tsv"


def rows() -> list[dict[str, str]]:
    """The judging set."""
    with SET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_nine_of_ten_causes_and_scenes_are_read_rightly() -> None:
    reasons, read = load_reasons(), rows()
    got = [reasons.read(Sentence(row["text"], row["intent"])) for row in read]
    wrong = [
        (row["text"], row["cause"], row["scene"], found)
        for row, found in zip(read, got, strict=True)
        if (row["cause"], row["scene"]) != (found.cause, found.scene)
    ]
    assert len(read) >= 100 and {row["cause"] for row in read} == set(CAUSES)
    assert {row["scene"] for row in read} == set(SCENES)
    assert len(wrong) <= len(read) // 10, wrong


def test_the_words_that_speak_for_a_cause_are_its_evidence() -> None:
    found = load_reasons().read(Sentence("退款半个月了还没到账，客服也不理人"))
    assert found.cause in ("退换受阻", "服务态度") and found.evidence
    assert all(word in "退款半个月了还没到账，客服也不理人" for word in found.evidence)


def test_a_sentence_that_names_nothing_is_about_what_was_said_before() -> None:
    before = [Sentence("我的快递怎么还没到", "query_logistics"), Sentence("嗯", "affirm")]
    assert load_reasons().read(Sentence("气死我了", "complaint"), before).cause == "物流慢"
    assert load_reasons().read(Sentence("气死我了", "complaint")).cause == "其他"


@pytest.mark.parametrize("text", ["快 递 好 慢 啊", "快遞怎麼還沒到", "快递怎么还没到!!!"])
def test_spaces_and_traditional_characters_change_nothing(text: str) -> None:
    assert load_reasons().read(Sentence(text)).cause == "物流慢"

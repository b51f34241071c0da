from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.text import MAX_LENGTH, clean_text
from bot.errors import MessageEmpty, MessageTooLong


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  我的订单呢 ", "我的订单呢"),
        ("a\x00b\x07c", "abc"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("订\u200b单\ufeff", "订单"),
        ("\u202e倒过来", "倒过来"),
        ("<b>粗</b>", "<b>粗</b>"),
        ("😀👨\u200d👩\u200d👧", "😀👨\u200d👩\u200d👧"),
        ("坏\ud800字", "坏\ufffd字"),
        ("/intent{}", "/intent{}"),
    ],
)
def test_what_cannot_be_read_is_removed_and_the_rest_kept(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize(
    "raw", ["", "  \n\t", "\x00\x01", "\u200b\u200b\u2060", "\u200d\ufe0f", "\ud800"]
)
def test_nothing_readable_is_refused(raw: str) -> None:
    with pytest.raises(MessageEmpty):
        clean_text(raw)


@pytest.mark.parametrize("length", [MAX_LENGTH + 1, 10_000])
def test_too_long_is_refused(length: int) -> None:
    with pytest.raises(MessageTooLong):
        clean_text("长" * length)


def test_the_longest_message_is_taken() -> None:
    assert len(clean_text("长" * MAX_LENGTH)) == MAX_LENGTH


@given(st.text(st.characters(), max_size=300))
def test_any_text_is_cleaned_or_refused_and_can_be_stored(raw: str) -> None:
    try:
        text = clean_text(raw)
    except MessageEmpty:
        return
    text.encode("utf-8")
    assert "\x00" not in text
    assert text == clean_text(text)

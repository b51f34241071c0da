"""Bubbles become messages: cut at sentences, within bytes, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.turn import Author, MessageView
from channels.wechat.parts import Menu, News, Text, as_xml, option_of, plan, squeeze
from channels.wechat.splitting import LIMIT, shorten, size, split
from channels.wechat.xml import BadXml, parse

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def bubble(text: str, seq: int = 1, **more: object) -> MessageView:
    return MessageView(seq, Author.BOT, text, NOW, **more)  # type: ignore[arg-type]


def link(card: dict[str, object]) -> str | None:
    return f"https://x/{card['number']}"


def test_long_text_is_cut_at_sentence_ends_and_nothing_is_lost() -> None:
    text = "第一句很长很长很长。" * 200
    pieces = split(text)
    assert "".join(pieces) == text
    assert all(size(piece) <= LIMIT and piece.endswith("。") for piece in pieces)


def test_text_without_any_mark_is_cut_between_characters() -> None:
    pieces = split("啊" * 3000)
    assert "".join(pieces) == "啊" * 3000
    assert max(map(size, pieces)) <= LIMIT


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "e\u0301", "❤️"])
def test_no_emoji_is_torn(emoji: str) -> None:
    for lead in range(8):
        text = "a" * lead + emoji * 300
        pieces = split(text, 100)
        assert "".join(pieces) == text
        assert all(size(piece) <= 100 for piece in pieces)
        # Each piece is whole emoji after the letters at the front.
        assert all(piece.lstrip("a").replace(emoji, "") == "" for piece in pieces)


def test_a_combining_run_longer_than_a_message_is_still_cut() -> None:
    text = "a" + "\u0301" * 3000
    assert "".join(split(text, 100)) == text


def test_bubbles_of_words_are_one_message() -> None:
    assert plan([bubble("一"), bubble("二", 2)], link) == [Text("一\n\n二")]


def test_options_take_the_words_before_them_as_their_head() -> None:
    parts = plan([bubble("请看"), bubble("选哪个？", 7, quick_replies=("甲", "乙"))], link)
    assert parts == [Menu("请看\n\n选哪个？", (("q7.0", "甲"), ("q7.1", "乙")))]
    assert option_of("q7.1") == (7, 1)
    assert option_of("101") is None


def test_long_words_before_options_leave_room_for_them() -> None:
    long = "很长的一句话在这里。" * 150
    parts = plan([bubble(long, 3, quick_replies=("甲", "乙"))], link)
    assert isinstance(parts[-1], Menu)
    assert all(size(part.content) <= LIMIT for part in parts[:-1] if isinstance(part, Text))
    assert size(parts[-1].numbered()) <= LIMIT


def test_a_card_carries_short_words_and_stands_beside_long_ones() -> None:
    card = {"type": "order", "number": "2611", "state_text": "运输中"}
    assert plan([bubble("正在路上。", card=card)], link) == [
        News("订单 2611 · 运输中", "正在路上。", "https://x/2611")
    ]
    long = "很长的一句话。" * 40
    text, news = plan([bubble(long, card=card)], link)
    assert text == Text(long)
    assert isinstance(news, News)


def test_what_must_fit_into_fewer_messages_becomes_text() -> None:
    card = {"type": "order", "number": "2611", "state_text": "运输中"}
    parts = plan([bubble("路上。", card=card), bubble("还要？", 2, quick_replies=("要",))], link)
    assert len(parts) == 2
    (only,) = squeeze(parts, 1)
    assert isinstance(only, Text)
    assert "https://x/2611" in only.content and "1. 要" in only.content


@pytest.mark.parametrize(
    "text", ["a]]>b", "]]]]>>", "<b>&amp;", "坏\x00\x0b\ud800字", "👍]]>", "]]>]]>"]
)
def test_what_is_written_is_what_is_read(text: str) -> None:
    written = as_xml(Text(text), "o1", "gh", 1)
    fields = parse(written.encode())
    expected = text.replace("\x00", "").replace("\x0b", "").replace("\ud800", "")
    assert fields["Content"] == expected
    assert list(fields) == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]


def test_shortened_text_says_so() -> None:
    assert shorten("一二三四", 12) == "一二三四"
    assert shorten("一二三四五", 12) == "一二三…"


def test_dangerous_xml_is_refused_unread() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>'
    for hostile in (bomb, "<?php x?><xml/>", "<xml><a>" * 20, "<html></html>", "<xml/>"):
        with pytest.raises(BadXml):
            parse(hostile.encode())

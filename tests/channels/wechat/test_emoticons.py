"""WeChat's codes of faces, and what only looks like one."""

from __future__ import annotations

import pytest

from channels.wechat.emoticons import is_sticker, with_emoji


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("在吗[微笑]", "在吗🙂"),
        ("/::D/::-|", "😁😅"),
        ("谢谢/:rose[Rose]", "谢谢🌹🌹"),
        ("/:@@/:@x", "👊😮"),
        ("[图片]和[订单]不是表情", "[图片]和[订单]不是表情"),
        ("https://m.example.cn/::1", "https://m.example.cn/::1"),
    ],
)
def test_faces_are_read_as_emoji_and_nothing_else_is(sent: str, meant: str) -> None:
    assert with_emoji(sent) == meant


def test_only_a_whole_message_is_a_sticker() -> None:
    assert is_sticker("【收到不支持的消息类型，暂无法显示】")
    assert not is_sticker("为什么总说收到不支持的消息类型，暂无法显示")

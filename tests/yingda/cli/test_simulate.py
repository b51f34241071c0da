"""`yingda wechat simulate`: what can be typed, what is shown, what is said when it cannot work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import wechat_platform as package
from tests.fakes.wechat_platform import Delivery, PassiveReply, Push
from tests.support.components import free_port
from yingda.cli.simulated_user import Unknown, read_line, shown, written
from yingda.launcher.home import ROOT

YINGDA = Path(sys.executable).parent / "yingda"


@pytest.mark.parametrize(
    ("line", "type_", "field", "value"),
    [
        ("退货怎么办", "text", "Content", "退货怎么办"),
        ("//affirm", "text", "Content", "/affirm"),
        ("3", "text", "Content", "3"),
        ("/voice 查订单", "voice", "Recognition", "查订单"),
        ("/voice", "voice", "Format", "amr"),
        ("/image", "image", "MediaId", "picture"),
        ("/location 北京南站", "location", "Label", "北京南站"),
        ("/click orders", "event", "EventKey", "orders"),
        ("/subscribe", "event", "Event", "subscribe"),
        ("/scan shop1", "event", "EventKey", "shop1"),
    ],
)
def test_a_line_becomes_what_a_user_does(line: str, type_: str, field: str, value: str) -> None:
    message = read_line(line, package, [("q4.0", "是的"), ("q4.1", "不用了")])
    assert (message.type, message.fields[field]) == (type_, value)


def test_a_number_taps_the_offered_option_and_an_unknown_action_is_explained() -> None:
    tapped = read_line("2", package, [("q4.0", "是的"), ("q4.1", "不用了")])
    assert tapped.fields == {"Content": "不用了", "bizmsgmenuid": "q4.1"}
    with pytest.raises(Unknown, match="/dance"):
        read_line("/dance", package, [])


def test_an_outcome_is_shown_and_written() -> None:
    push = Push({}, b"")
    answered = Delivery(2, ("timeout", 200), PassiveReply("text", "您好"), None, None, push)
    assert shown(answered) == "小禾：您好（微信重试了 1 次）"
    line = written("在吗", answered, [])
    assert line["passive"] == {"type": "text", "text": "您好", "articles": []}
    failed = Delivery(3, (500, 500, 500), None, "暂时无法提供服务", "no answer", push)
    assert "no answer" in shown(failed) and "重试了 2 次" in shown(failed)
    assert "稍后" in shown(Delivery(1, (200,), None, None, None, push))


def test_a_service_that_is_not_there_is_named_with_the_settings_to_use() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    command = [str(YINGDA), "wechat", "simulate", "--url", url, "--port", str(free_port())]
    ended = subprocess.run(
        command, input="在吗\n", capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert ended.returncode == 1
    assert url in ended.stderr and "YINGDA_WECHAT_API_BASE=http://127.0.0.1:" in ended.stderr
    assert "Traceback" not in ended.stderr

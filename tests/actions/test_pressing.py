"""Messages that only press, and what is no such message."""

from __future__ import annotations

import pytest

from actions.dialogue.pressing import presses


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("急死了", "hurry"),
        ("快点快点", "hurry"),
        ("你倒是快点啊", "hurry"),
        ("能不能快一点", "hurry"),
        ("等不及了！", "hurry"),
        ("烦死了", "vent"),
        ("无语", "vent"),
        ("那帮我开一下", "go"),
        ("帮我弄一下吧", "go"),
        ("快递", None),
        ("不急", None),
        ("别着急", None),
        ("快递到哪了", None),
        ("帮我查下快递", None),
        ("毛衣", None),
        ("", None),
        ("快" * 2000, None),
    ],
)
def test_pressing_tells_nothing_else(text: str, how: str | None) -> None:
    assert presses(text) == how

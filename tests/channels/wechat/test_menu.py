"""The menu: one file that is published and that says what a press means."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from channels.wechat import load_menu
from tests.channels.wechat.conftest import OPENID, Shop
from tests.fakes.wechat_platform import WeChatPlatform, click, view


def test_the_command_publishes_the_menu_to_the_account(tmp_path: Path) -> None:
    platform = WeChatPlatform()
    platform.start()
    try:
        environment = {
            **os.environ,
            **platform.environment(),
            "YINGDA_DEMO": "1",
            "YINGDA_HOME": str(tmp_path),
        }
        program = str(Path(sys.executable).with_name("yingda"))
        command = [program, "wechat", "menu", "publish"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert platform.api.menu == load_menu().published()
        other = subprocess.run(
            [*command, "--account", "nobody"], env=environment, capture_output=True, text=True
        )
        assert other.returncode != 0 and "nobody" in other.stderr
    finally:
        platform.stop()


async def test_a_press_says_its_sentence_and_opening_a_page_says_nothing(shop: Shop) -> None:
    delivery = await shop.platform.say(OPENID, click("points"))
    assert delivery.passive_reply is not None
    assert delivery.passive_reply.text == "收到：查积分"
    unknown = await shop.platform.say(OPENID, click("gone"))
    assert unknown.passive_reply is not None and "小禾" in unknown.passive_reply.text
    opened = await shop.platform.say(OPENID, view("https://example.com"))
    assert opened.passive_reply is None and opened.statuses == (200,)
    assert shop.engine.texts() == ["查积分"]


@pytest.mark.parametrize(
    "text",
    [
        "- {name: 四个字了吗, entries: [{key: a, name: b, say: c}]}",
        "- {name: 菜单, entries: [{name: b, say: c}]}",
        "- {name: 菜单, entries: [{key: a, name: b, say: c}, {key: a, name: d, say: e}]}",
        "- {name: 菜单, entries: [{name: b, url: 'javascript:alert(1)'}]}",
    ],
)
def test_a_menu_that_wechat_would_not_take_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "menu.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError):
        load_menu(file)

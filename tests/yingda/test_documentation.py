"""What the documents say must be there, in both languages alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings
from yingda.launcher.home import ROOT

LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
READMES = ["README.md", "README.zh-CN.md"]


def code_blocks(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.findall(r"```(?:bash|html)\n(.*?)```", text, re.DOTALL)
    return [re.sub(r"\s+#.*", "", block) for block in blocks]


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_in_the_table(field: str) -> None:
    table = (ROOT / "docs/operations.md").read_text("utf-8")
    row = re.search(rf"^\| `YINGDA_{field.upper()}` \| (.*?) \|", table, re.MULTILINE)
    assert row, f"YINGDA_{field.upper()} is not in docs/operations.md"
    default = Settings.model_fields[field].default
    if isinstance(default, int | float | Path):
        assert row.group(1).lower() == f"`{default}`".lower()


def test_no_setting_is_in_the_table_that_does_not_exist() -> None:
    table = (ROOT / "docs/operations.md").read_text("utf-8")
    for name in re.findall(r"^\| `YINGDA_(\w+)` \|", table, re.MULTILINE):
        assert name.lower() in Settings.model_fields


def test_both_readmes_show_the_same_commands_and_links() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in READMES)
    assert code_blocks("README.md") == code_blocks("README.zh-CN.md")
    own = set(READMES)
    assert set(LINK.findall(english)) - own == set(LINK.findall(chinese)) - own
    commands = re.compile(r"`(yingda [^`]+)`")
    assert commands.findall(english) == commands.findall(chinese)


@pytest.mark.parametrize("name", [*READMES, "docs/operations.md"])
def test_no_link_leads_nowhere(name: str) -> None:
    folder = (ROOT / name).parent
    for link in LINK.findall((ROOT / name).read_text("utf-8")):
        assert (folder / link).exists(), link

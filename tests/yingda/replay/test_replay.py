"""Dialogues in YAML: what is read, what is said to differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from yingda.replay import Dialogue, Step, dialogue_files, parse, run
from yingda.replay.parse import DialogueError

VALUES = {"lin.id": "C1", "lin.signed.number": "261119004217"}
ROOT = Path(__file__).resolve().parents[3]


def _write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "a.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_placeholders_and_lists_are_read(tmp_path: Path) -> None:
    file = _write(
        tmp_path,
        """
- dialogue: 查单
  customer: lin
  turns:
    - say: 查{lin.signed.number}
      intent: [query_order, faq]
      reply: 毛衣
      card: true
""",
    )
    dialogue = parse(file, VALUES)[0]
    assert dialogue.customer_id == "C1" and dialogue.channel == "app_chat"
    assert dialogue.steps[0] == Step(
        say="查261119004217", intent=("query_order", "faq"), reply=("毛衣",), card=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "- dialogue: x",
        "- turns: [{}]",
        "- turns: [{say: a, choose: b}]",
        "- turns: [{say: a, replies: b}]",
        "- turns: [{say: '{lin.nothing.number}'}]",
        "- {customer: nobody, turns: [{say: a}]}",
        "- {turn: [], turns: [{say: a}]}",
        "[: broken",
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(DialogueError, match=r"a\.yml"):
        parse(_write(tmp_path, text), VALUES)


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    text = "- dialogue: a\n  turns:\n    - say: b\n      reply: [c {x}]\n"
    with pytest.raises(DialogueError, match=r"a\.yml, line 4.*quotes"):
        parse(_write(tmp_path, text), VALUES)


class _Bot:
    """Answers everything alike and notes what came."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[int, int] | None]] = []

    async def __call__(self, text: str, choice: tuple[int, int] | None) -> Mapping[str, Any]:
        self.heard.append((text, choice))
        return {
            "replies": [
                {
                    "seq": 7,
                    "text": "您好，小禾在",
                    "quick_replies": [{"title": "好"}, {"title": "不"}],
                }
            ],
            "intent": "greet",
            "actions": ["action_greet"],
            "handoff": None,
        }


async def test_what_is_expected_and_comes_is_no_difference() -> None:
    bot = _Bot()
    steps = (
        Step(say="你好", intent=("greet",), reply=("小禾",), buttons=("不",), handoff=("none",)),
        Step(choose="不", action=("action_greet",), never=("抱歉",), card=False),
    )
    assert await run(Dialogue("d", steps), bot) == []
    assert bot.heard == [("你好", None), ("不", (7, 1))]


async def test_everything_that_differs_is_told() -> None:
    step = Step(
        say="你好",
        intent=("thanks",),
        action=("action_thanks",),
        reply=("再见",),
        any_of=("甲", "乙"),
        never=("小禾",),
        buttons=("人工",),
        card=True,
        handoff=("frustration",),
    )
    differences = await run(Dialogue("d", (step,)), _Bot())
    assert [d.what for d in differences] == [
        "intent",
        "action",
        "reply",
        "reply (any)",
        "reply (not)",
        "button",
        "card",
        "handoff",
    ]


async def test_a_quick_reply_that_is_not_offered_ends_the_dialogue() -> None:
    bot = _Bot()
    steps = (Step(say="你好"), Step(choose="人工"), Step(say="还在吗"))
    differences = await run(Dialogue("d", steps), bot)
    assert [d.what for d in differences] == ["button"] and len(bot.heard) == 1


async def test_silence_always_differs() -> None:
    async def silent(text: str, choice: tuple[int, int] | None) -> Mapping[str, Any]:
        return {"replies": []}

    assert [d.got for d in await run(Dialogue("d", (Step(say="喂"),)), silent)] == ["silence"]


async def test_a_bot_that_talks_over_a_person_differs() -> None:
    steps = (Step(say="喂", silent=True, handoff=("asked_for_human", "none")),)
    assert [d.expected for d in await run(Dialogue("d", steps), _Bot())] == ["silence"]


def test_folders_are_searched_and_missing_files_named(tmp_path: Path) -> None:
    files = dialogue_files([ROOT / "tests" / "dialogues"])
    assert len(files) >= 10 and files == sorted(files)
    with pytest.raises(DialogueError):
        dialogue_files([tmp_path / "none.yml"])
    with pytest.raises(DialogueError, match=r"no \.yml"):
        dialogue_files([tmp_path])

"""Messages of a conversation are numbered without gaps, whatever speaks within a turn."""

from __future__ import annotations

from typing import Any

import pytest

from bot.records.tables import conversations, messages
from bot.turn import Author
from tests.bot.turn.conftest import KEY, Bench, said


async def numbers(bench: Bench) -> list[int]:
    """The numbers as stored, once they agree with the conversation's own."""
    (conversation,) = await bench.rows(conversations)
    found = sorted(row["seq"] for row in await bench.rows(messages))
    assert found == list(range(1, conversation["last_seq"] + 1))
    return found


async def test_a_plain_turn_and_one_that_people_take_over_number_on(bench: Bench) -> None:
    await bench.turns.answer(said("你好"), 30)
    await bench.turns.answer(said("转人工", 2), 30)
    await bench.turns.answer(said("人呢", 3), 30)
    assert len(await numbers(bench)) >= 5


async def test_a_turn_that_says_less_than_the_assistant_wanted_leaves_no_gap(bench: Bench) -> None:
    result = await bench.turns.answer(said("我不想活了"), 30)
    assert result is not None and result.handoff == "sensitive"
    await numbers(bench)


async def test_what_the_policy_says_within_the_turn_comes_before_the_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speaks(step: Any, conversation_id: str, *_rest: object) -> None:
        step.tell(conversation_id, "同事马上就来。")

    monkeypatch.setattr(bench.desk, "consider", speaks)
    await bench.turns.answer(said("你好"), 30)
    await numbers(bench)
    spoken = [(view.author, view.text) for view in await bench.turns.history(KEY)]
    assert spoken[1] == (Author.SYSTEM, "同事马上就来。")
    assert spoken[2][0] is Author.BOT

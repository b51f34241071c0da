"""What went before decides with: a mild word after much trouble is no mild case."""

from __future__ import annotations

import pytest

from bot.care.policy import Circumstances, load_policy
from tests.bot.care.conftest import House
from tests.bot.care.test_week import ASKS, LIGHT

MISSED, CANCELS = "那个啥来着", "取消这个订单"
ASKS_ANGRILY = "我的快递到哪了呀，怎么还没到"


@pytest.mark.parametrize(
    ("before", "says", "why"),
    [
        ([ASKS, ASKS], ASKS_ANGRILY, "同一问题问了3次"),
        ([MISSED, ASKS, MISSED], LIGHT, "机器人2次没听懂"),
        ([CANCELS], LIGHT, "已为此取消订单"),
    ],
)
async def test_a_mild_sentence_after_much_trouble_is_a_medium_case_that_says_why(
    house: House, before: list[str], says: str, why: str
) -> None:
    for text in before:
        await house.say("a", text)
    await house.say("a", says)
    case = await house.case_of("a")
    assert case.level == "medium" and case.grade == "important"
    assert why in case.evidence


async def test_who_waits_long_for_a_person_is_past_mild(house: House) -> None:
    await house.say("a", "转人工")
    house.clock.advance(minutes=11)
    await house.say("a", LIGHT)
    case = await house.case_of("a")
    assert case.level == "medium" and "等人工已11分钟" in case.evidence


@pytest.mark.parametrize("before", [[ASKS], [MISSED], [ASKS, MISSED], ["好的谢谢，解决了"] * 3])
async def test_a_little_trouble_changes_nothing(house: House, before: list[str]) -> None:
    for text in before:
        await house.say("a", text)
    await house.say("a", ASKS_ANGRILY)
    assert (await house.case_of("a")).level == "light"


async def test_what_went_before_in_another_contact_does_not_count(house: House) -> None:
    await house.say("a", CANCELS)
    house.clock.advance(minutes=40)
    await house.say("a", LIGHT)
    assert (await house.case_of("a")).level == "light"


def test_the_policy_file_says_what_holds_without_it() -> None:
    assert load_policy().raise_when == Circumstances()

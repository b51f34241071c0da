"""What a turn does for an upset customer: said at once, one case, nothing that promises too much."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.records.tables import (
    care_cases,
    care_signals,
    cases,
    conversations,
    coupon_grants,
    messages,
)
from tests.bot.care.conftest import House
from tests.bot.care.test_week import GLAD, LATE_PARCEL, LIGHT, MEDIUM, SEVERE, STILL, VOUCHER

LIN = "C000001"


class TestReading:
    async def test_every_sentence_gets_scene_and_a_negative_one_its_cause_and_words(
        self, house: House
    ) -> None:
        result = await house.say("a", LIGHT)
        assert result.emotion is not None
        assert (result.emotion["cause"], result.emotion["scene"]) == ("物流慢", "售后")
        assert result.emotion["evidence"] and result.emotion["level"] == "light"
        await house.say("a", GLAD)
        stored = [m.emotion for m in await house.rows(messages) if m.author == "customer"]
        assert [one["cause"] for one in stored] == ["物流慢", None]
        assert all(one["scene"] == "售后" for one in stored)

    async def test_a_sentence_to_an_agent_is_read_and_opens_the_agents_case(
        self, house: House
    ) -> None:
        agent, _other = await house.agent(), await house.agent()
        await house.say("a", "转人工")
        (row,) = await house.rows(conversations)
        assert row.owner == "human"
        await house.one.handoffs.take(row.id, agent)
        result = await house.say("a", LATE_PARCEL)
        assert result.replies == () and result.emotion is not None
        assert result.emotion["cause"] == "物流慢"
        case = await house.case_of("a")
        assert (case.owner_id, case.level, case.cause) == (agent, "medium", "物流慢")


class TestLight:
    async def test_what_is_offered_for_the_trouble_comes_after_the_answer(
        self, house: House
    ) -> None:
        await house.agent()
        result = await house.say("a", LIGHT, customer=LIN)
        comfort, answer, offer = result.replies
        assert "核对一遍进度" in comfort.text and "券" not in comfort.text
        assert answer.text == "收到，我看一下。" and not answer.quick_replies
        assert "无门槛券" in offer.text and offer.quick_replies == (VOUCHER,)

    async def test_the_customer_hears_who_looks_until_when_before_the_answer(
        self, house: House
    ) -> None:
        agent = await house.agent()
        result = await house.say("a", LIGHT)
        comfort, answer = result.replies
        assert "今天 09:10 前核对一遍进度" in comfort.text
        assert answer.text == "收到，我看一下。"
        case = await house.case_of("a")
        assert (case.owner_id, case.grade, case.stage) == (agent, "ordinary", "waiting")
        assert case.due_at == house.clock() + timedelta(minutes=10)

    async def test_the_same_mood_once_more_is_the_same_case_and_not_comforted_again(
        self, house: House
    ) -> None:
        await house.say("a", LIGHT)
        result = await house.say("a", STILL)
        assert len(result.replies) == 1
        assert len(await house.rows(cases)) == 1
        assert len(await house.rows(care_signals)) == 2

    async def test_three_in_a_row_make_it_medium(self, house: House) -> None:
        for text in (LIGHT, STILL, LIGHT):
            await house.say("a", text)
        case = await house.case_of("a")
        assert (case.level, case.round) == ("medium", 2)

    async def test_at_night_the_time_that_is_promised_is_one_when_people_are_there(
        self, house: House
    ) -> None:
        house.clock.advance(hours=14)  # 23:00
        house.replica(hours="09:00-21:00")
        result = await house.say("a", LIGHT)
        assert "明天 09:10 前" in result.replies[0].text

    async def test_a_glad_word_ends_it_and_is_kept_as_the_customers_answer(
        self, house: House
    ) -> None:
        await house.say("a", LIGHT)
        await house.say("a", GLAD)
        case = await house.case_of("a")
        assert (case.stage, case.ending, case.status) == ("watching", "turned_positive", "done")
        assert case.feedback == GLAD
        assert case.watch_until == house.clock() + timedelta(days=7)


class TestVoucher:
    async def test_a_verified_customer_is_offered_one_and_gets_it_for_a_yes(
        self, house: House
    ) -> None:
        offered = await house.say("a", LIGHT, LIN)
        assert "5 元无门槛券" in offered.replies[-1].text
        assert offered.replies[-1].quick_replies == (VOUCHER,)
        assert await house.rows(coupon_grants) == []
        taken = await house.say("a", VOUCHER, LIN)
        assert "正在发放" in taken.replies[-1].text
        await house.one.care.ask_shop()
        (grant,) = await house.rows(coupon_grants)
        assert (grant.status, grant.cents, grant.agent_id) == ("granted", 500, None)
        assert grant.coupon_id in (await house.told("a"))[-1]

    async def test_it_is_offered_once_a_month_over_all_channels(self, house: House) -> None:
        await house.say("a", LIGHT, LIN)
        await house.say("a", GLAD, LIN)
        house.clock.advance(days=8)
        await house.one.care.run_once()
        again = await house.say("b", LIGHT, LIN, channel="phone")
        assert not any("券" in reply.text for reply in again.replies)
        house.clock.advance(days=31)
        await house.database.write(lambda tx: tx.execute(update(care_cases).values(stage="over")))
        later = await house.say("c", LIGHT, LIN)
        assert "5 元无门槛券" in later.replies[-1].text

    async def test_a_stranger_is_offered_none_and_gets_none_for_the_words(
        self, house: House
    ) -> None:
        offered = await house.say("a", LIGHT)
        assert not any("券" in reply.text for reply in offered.replies)
        result = await house.say("a", VOUCHER)
        assert "正在发放" not in result.replies[-1].text
        assert await house.rows(coupon_grants) == []

    async def test_a_yes_said_twice_gives_one(self, house: House) -> None:
        await house.say("a", LIGHT, LIN)
        await house.say("a", VOUCHER, LIN)
        await house.say("a", VOUCHER, LIN)
        for _ in range(2):
            await house.one.care.ask_shop()
        assert len(await house.rows(coupon_grants)) == 1


class TestWorse:
    async def test_medium_is_given_to_somebody_who_names_a_time(self, house: House) -> None:
        unskilled = await house.agent(skills=["售前"])
        skilled = await house.agent()
        result = await house.say("a", MEDIUM)
        assert "交给专人负责，今天 10:00 前" in result.replies[0].text
        case = await house.case_of("a")
        assert case.owner_id == skilled != unskilled
        assert (case.grade, case.cause) == ("important", "商品质量")

    async def test_severe_goes_to_a_supervisor_within_four_hours(self, house: House) -> None:
        await house.agent()
        chief = await house.agent("supervisor")
        result = await house.say("a", SEVERE)
        assert result.handoff == "complex_intent" or result.handoff == "frustration"
        case = await house.case_of("a")
        assert (case.owner_id, case.grade) == (chief, "urgent")
        assert case.due_at == house.clock() + timedelta(hours=4)

    async def test_a_worse_sentence_raises_the_case_and_changes_its_owner(
        self, house: House
    ) -> None:
        agent, chief = await house.agent(), await house.agent("supervisor")
        await house.say("a", LIGHT)
        assert (await house.case_of("a")).owner_id == agent
        await house.say("a", SEVERE)
        case = await house.case_of("a")
        assert (case.level, case.owner_id, case.round) == ("severe", chief, 2)
        assert len(await house.rows(cases)) == 1

    async def test_one_customer_upset_on_two_channels_has_one_case(self, house: House) -> None:
        await house.say("a", LIGHT, LIN)
        await house.say("b", MEDIUM, LIN, channel="phone")
        (case,) = await house.rows(cases)
        assert case.grade == "important"


class TestNobodyThere:
    async def test_a_case_that_nobody_has_goes_to_who_comes_to_work(self, house: House) -> None:
        await house.agent(presence="offline")
        await house.say("a", LIGHT)
        assert (await house.case_of("a")).owner_id is None
        await house.one.care.run_once()
        assert (await house.case_of("a")).owner_id is None
        came = await house.agent()
        for _ in range(2):
            await house.one.care.run_once()
        case = await house.case_of("a")
        assert case.owner_id == came
        assert (await house.steps(case.id)).count("assigned") == 2

    @pytest.mark.parametrize("text", ["你好", "我的快递到哪了", GLAD])
    async def test_who_is_not_upset_makes_no_case(self, house: House, text: str) -> None:
        await house.say("a", text)
        count = select(func.count()).select_from(care_cases)
        assert await house.database.read(lambda tx: tx.execute(count).scalar_one()) == 0

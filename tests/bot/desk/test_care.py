"""Cases of upset customers at the desk: what agents do, by whom, within which limits; the causes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from actions.shop import ShopUnavailable
from bot.care import CareCase, open_care_case
from bot.desk import Role
from bot.records.tables import (
    audit,
    care_cases,
    case_steps,
    cases,
    conversations,
    coupon_grants,
    messages,
)
from tests.bot.desk.bench import FURIOUS, Bench, at

LIN = "C000001"
SAID = "等了十天还没到，电话13812345678打不通"


async def upset(
    bench: Bench,
    level: str = "medium",
    *,
    customer: str | None = LIN,
    cause: str = "物流慢",
    text: str = SAID,
) -> str:
    """A case of an upset customer; returns its id."""
    conversation = await bench.conversation(((text, FURIOUS),), customer=customer)

    def work(tx: Connection) -> str:
        episode = tx.execute(
            select(conversations.c.episode_id).where(conversations.c.id == conversation)
        ).scalar_one()
        call = CareCase(
            conversation,
            episode,
            level,
            cause,
            "售后",
            text,
            seq=1,
            score=0.7,
            shop_customer_id=customer,
        )
        step = bench.desk.handoffs.step(tx)
        return open_care_case(step, bench.desk.care.policy.current(), call)

    return await bench.database.write(work)


async def row(bench: Bench, table: Any, **where: Any) -> dict[str, Any]:
    """The one row of a table with these values."""
    (found,) = [
        one for one in await bench.rows(table) if all(one[k] == v for k, v in where.items())
    ]
    return dict(found)


class TestLive:
    async def test_an_open_desk_is_told_that_a_case_moved_and_not_of_calm_talk(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        calm = await bench.handed_over()
        async with bench.live(me) as (live, _snapshot):
            await bench.customer_says(calm, "在吗")
            await live.next("queue")
            assert [frame for frame in live.frames if frame["type"] == "care"] == []
            case_id = await upset(bench)
            bench.desk.hub.changed((await row(bench, cases, id=case_id))["conversation_id"])
            assert await live.next("care") == {"type": "care"}


class TestActing:
    async def test_a_plan_with_a_time_meets_the_deadline_and_is_told_to_the_customer(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        client, case = await bench.as_(me), await upset(bench)
        promised = (bench.clock() + timedelta(hours=5)).isoformat()
        body = {"action": "plan", "text": "今天补发", "promised_at": promised, "tell": True}
        shown = (await client.post(f"/care/{case}/actions", json=body)).json()
        assert (shown["stage"], shown["owner"]["id"]) == ("acting", me)
        assert at(shown["due_at"]) == bench.clock() + timedelta(hours=5)
        assert [timer["kind"] for timer in shown["timers"]] == ["promise"]
        told = [m for m in await bench.rows(messages) if m["author"] == "agent"]
        assert [m["text"] for m in told] == ["今天补发"]

    async def test_a_plan_needs_a_time_and_a_visit_the_customers_words(self, bench: Bench) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        past = (bench.clock() - timedelta(hours=1)).isoformat()
        for body in (
            {"action": "plan", "text": "补发"},
            {"action": "plan", "text": "补发", "promised_at": past},
            {"action": "plan", "promised_at": (bench.clock() + timedelta(hours=1)).isoformat()},
            {"action": "visited", "text": "打了电话"},
            {"action": "nothing"},
        ):
            answer = await client.post(f"/care/{case}/actions", json=body)
            assert answer.status_code == 422, body
        assert (await row(bench, care_cases))["stage"] == "waiting"

    async def test_looking_is_enough_for_light_and_not_for_medium(self, bench: Bench) -> None:
        client = await bench.as_(await bench.agent())
        light, medium = await upset(bench, "light", customer=None), await upset(bench)
        for case, stage in ((light, "acting"), (medium, "waiting")):
            shown = await client.post(f"/care/{case}/actions", json={"action": "checked"})
            assert shown.json()["stage"] == stage

    async def test_severe_is_met_by_a_supervisor_alone(self, bench: Bench) -> None:
        agent, lead = await bench.agent(), await bench.agent(Role.SUPERVISOR, online=False)
        case = await upset(bench, "severe")
        await bench.database.write(
            lambda tx: tx.execute(update(cases).where(cases.c.id == case).values(owner_id=agent))
        )
        promised = (bench.clock() + timedelta(hours=5)).isoformat()
        body = {"action": "contacted", "text": "退款", "promised_at": promised}
        stages = []
        for who in (agent, lead):
            answer = await (await bench.as_(who)).post(f"/care/{case}/actions", json=body)
            stages.append(answer.json()["stage"])
        assert stages == ["waiting", "acting"]

    async def test_an_end_begins_the_watch_and_comes_once(self, bench: Bench) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        body = {"ending": "settled", "result": "已补发"}
        shown = (await client.post(f"/care/{case}/end", json=body)).json()
        assert (shown["stage"], shown["ending_text"]) == ("watching", "已妥善处理")
        assert at(shown["watch_until"]) == bench.clock() + timedelta(days=7)
        again = await client.post(f"/care/{case}/end", json=body)
        assert again.json()["error"]["code"] == "case_done"

    async def test_an_answer_at_the_desks_own_page_settles_the_case(self, bench: Bench) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        await client.post(f"/cases/{case}/answer", json={"text": "今天已补发"})
        found = await row(bench, care_cases)
        assert (found["stage"], found["ending"]) == ("watching", "settled")


BODY = {"yuan": 20, "reason": "物流慢补偿", "key": "care-0001"}


class TestCompensation:
    async def test_a_coupon_of_a_case_is_given_told_and_written_down_once(
        self, bench: Bench
    ) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        given = [await client.post(f"/care/{case}/coupons", json=BODY) for _ in range(2)]
        assert given[0].status_code == 200, given[0].text
        assert given[0].json() == given[1].json()
        grant = await row(bench, coupon_grants)
        assert (grant["status"], grant["case_id"]) == ("granted", case)
        told = [m["text"] for m in await bench.rows(messages) if m["author"] == "agent"]
        assert len(told) == 1 and "20 元无门槛补偿券" in told[0]
        assert len([r for r in await bench.rows(audit) if r["action"] == "coupon"]) == 1
        steps = (await client.get(f"/care/{case}")).json()["steps"]
        assert sum(step["kind"] == "coupon" for step in steps) == 1

    async def test_it_keeps_to_the_roles_limit_and_needs_a_known_customer(
        self, bench: Bench
    ) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        over = await client.post(f"/care/{case}/coupons", json=BODY | {"yuan": 21})
        assert (over.status_code, over.json()["error"]["code"]) == (403, "coupon_limit")
        stranger = await upset(bench, customer=None)
        none = await client.post(f"/care/{stranger}/coupons", json=BODY)
        assert none.json()["error"]["code"] == "not_verified"

    async def test_a_shop_that_was_away_is_asked_again_and_the_customer_told_once(
        self, bench: Bench
    ) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)
        real = bench.shop.grant_coupon

        async def away(*_: object, **__: object) -> Any:
            raise ShopUnavailable("away")

        bench.shop.grant_coupon = away  # type: ignore[method-assign]
        assert (await client.post(f"/care/{case}/coupons", json=BODY)).status_code == 503
        bench.shop.grant_coupon = real  # type: ignore[method-assign]
        for _ in range(3):
            bench.clock.advance(minutes=2)
            await bench.desk.care.ask_shop()
        assert (await row(bench, coupon_grants))["status"] == "granted"
        told = [m["text"] for m in await bench.rows(messages) if m["author"] == "agent"]
        assert len(told) == 1

    async def test_what_the_shop_never_confirms_is_given_up_before_a_repeat_could_double_it(
        self, bench: Bench
    ) -> None:
        client, case = await bench.as_(await bench.agent()), await upset(bench)

        async def away(*_: object, **__: object) -> Any:
            raise ShopUnavailable("away")

        bench.shop.grant_coupon = away  # type: ignore[method-assign]
        await client.post(f"/care/{case}/coupons", json=BODY)
        bench.clock.advance(hours=23, minutes=1)
        await bench.desk.care.ask_shop()
        assert (await row(bench, coupon_grants))["status"] == "failed"
        kinds = [r["kind"] for r in await bench.rows(case_steps) if r["case_id"] == case]
        assert kinds.count("coupon_failed") == 1


class TestSeeing:
    async def test_late_ones_come_first_and_an_agent_sees_no_colleagues(self, bench: Bench) -> None:
        me = await bench.agent()
        first = await upset(bench, "medium")
        bench.clock.advance(minutes=70)
        second = await upset(bench, "light", customer=None)
        other = await bench.agent(online=False)
        await bench.database.write(
            lambda tx: tx.execute(update(cases).where(cases.c.id == second).values(owner_id=other))
        )
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        shown = (await lead.get("/care")).json()["items"]
        assert [(one["id"], one["late"]) for one in shown] == [(first, True), (second, False)]
        mine = (await (await bench.as_(me)).get("/care")).json()["items"]
        assert [one["id"] for one in mine] == [first]
        alarms = (await lead.get("/wall")).json()["alarms"]
        assert [alarm["kind"] for alarm in alarms] == ["case"]

    async def test_the_panel_holds_what_the_customer_was_upset_about_and_said(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        client, case = await bench.as_(me), await upset(bench)
        await client.post(
            f"/care/{case}/actions", json={"action": "feedback", "feedback": "行吧，我等着"}
        )
        name = await bench.handed_over(me, customer=LIN)
        (record,) = (await client.get(f"/conversations/{name}/customer")).json()["care"]
        assert (record["cause"], record["feedback"]) == ("物流慢", "行吧，我等着")
        assert record["recent"] and "13812345678" not in str(record)


class TestCauses:
    async def test_the_week_names_shares_trend_and_masked_sentences(self, bench: Bench) -> None:
        bench.clock.advance(days=-bench.clock().weekday(), hours=6 - bench.clock().hour)
        bench.clock.advance(days=-7)
        await upset(bench, cause="商品质量", customer=None, text="锅掉漆了")
        bench.clock.advance(days=7)
        for n, (cause, text) in enumerate(
            [("物流慢", SAID), ("物流慢", "还不发货"), ("退换受阻", "不给退"), ("商品质量", "裂了")]
        ):
            await upset(bench, cause=cause, text=text, customer=f"C00000{n + 1}")
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        report = (await lead.get("/care/causes")).json()
        assert (report["cases"], report["cases_before"], report["complete"]) == (4, 1, False)
        first = report["causes"][0]
        assert (first["cause"], first["share"], first["change"]) == ("物流慢", 0.5, 0.5)
        assert any("138****5678" in text for text in first["examples"])
        quality = next(one for one in report["causes"] if one["cause"] == "商品质量")
        assert (quality["share_before"], quality["change"]) == (1.0, -0.75)
        table = await lead.get(f"/care/causes.csv?week={report['week']}")
        rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
        assert rows[0]["原因"] == "物流慢"
        assert rows[0]["占比"] == "50.0%" and "13812345678" not in table.text
        assert (await lead.get("/care/causes?week=2026-W60")).status_code == 422

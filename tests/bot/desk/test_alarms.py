"""What alarms, and how it stands on the wall."""

from __future__ import annotations

from datetime import timedelta

from bot.desk import Role
from tests.bot.desk.bench import CALM, CROSS, FURIOUS, Bench


class TestAlarms:
    async def test_who_was_passed_on_had_a_first_answer_all_the_same(self, bench: Bench) -> None:
        me, other = await bench.agent(), await bench.agent()
        name = await bench.handed_over(me)
        bench.clock.advance(seconds=40)
        client = await bench.as_(me)
        await client.post(
            f"/conversations/{name}/messages", json={"text": "您好", "client_id": "a"}
        )
        bench.clock.advance(minutes=5)
        await client.post(f"/conversations/{name}/transfer", json={"to": {"agent": other}})
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        assert (await lead.get("/wall")).json()["today"]["median_answer_s"] == 40

    async def test_a_deadline_that_has_passed_is_not_said_to_be_near(self, bench: Bench) -> None:
        await bench.handed_over(sla=timedelta(seconds=50))
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        (alarm,) = (await lead.get("/wall")).json()["alarms"]
        assert "即将超时" in alarm["text"]
        bench.clock.advance(minutes=2)
        (alarm,) = (await lead.get("/wall")).json()["alarms"]
        assert "已经超时" in alarm["text"]

    async def test_a_conversation_taken_over_after_an_answer_is_not_overdue(
        self, bench: Bench
    ) -> None:
        me, boss = await bench.agent(), await bench.agent(Role.SUPERVISOR)
        name = await bench.handed_over(me, sla=timedelta(minutes=8))
        mine, lead = await bench.as_(me), await bench.as_(boss)
        said = {"text": "您好，我来查", "client_id": "a1"}
        assert (await mine.post(f"/conversations/{name}/messages", json=said)).status_code == 200
        bench.clock.advance(minutes=10)
        assert (await lead.post(f"/conversations/{name}/take-over")).status_code == 200
        (item,) = (await lead.get("/conversations")).json()["items"]
        assert (item["sla_due"], item["alarm"]) == (None, None)
        wall = (await lead.get("/wall")).json()
        assert (wall["sla_at_risk"], wall["sla_broken"], wall["alarms"]) == (0, 0, [])
        await bench.customer_says(name, "好了吗", CALM)  # now somebody waits again
        (item,) = (await lead.get("/conversations")).json()["items"]
        assert item["sla_due"] is not None

    async def test_the_wall_counts_as_many_upset_customers_as_it_shows(self, bench: Bench) -> None:
        me = await bench.agent()
        await bench.handed_over(me, said=[("骗子！", FURIOUS)])  # one severe sentence is enough
        await bench.handed_over(me, said=[("慢", CROSS)])
        await bench.handed_over(said=[("慢死了", CROSS)] * 3)
        await bench.handed_over(said=[("骗子！", FURIOUS), *[("好的", CALM)] * 3])  # is calm again
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        found = (await lead.get("/conversations?list=all")).json()["items"]
        shown = sum(item["emotion"]["light"] == "red" for item in found)
        assert (await lead.get("/wall")).json()["negative"] == shown == 2

    async def test_what_alarms_is_on_the_item_and_on_the_wall(self, bench: Bench) -> None:
        me = await bench.agent(name="小李")
        calm = await bench.handed_over(me, sla=timedelta(hours=1))
        angry = await bench.handed_over(
            me, said=[("慢死了", CROSS)] * 4, sla=timedelta(hours=1), reason="frustration"
        )
        late = await bench.handed_over(sla=timedelta(seconds=50))
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))

        async def alarms() -> dict[str, str | None]:
            found = (await lead.get("/conversations?list=all")).json()["items"]
            return {item["conversation"]: item["alarm"] for item in found}

        assert await alarms() == {calm: None, angry: "negative", late: "sla"}
        wall = (await lead.get("/wall")).json()
        assert wall["counts"] == {"waiting": 1, "assigned": 2, "snoozed": 0, "bot": 0}
        assert (wall["negative"], wall["sla_at_risk"], wall["sla_broken"]) == (1, 1, 0)
        assert wall["by_reason"] == {"asked_for_human": 2, "frustration": 1}
        bench.clock.advance(minutes=16)
        assert (await alarms())[calm] == "silent"
        wall = (await lead.get("/wall")).json()
        texts = [alarm["text"] for alarm in wall["alarms"]]
        assert any("已超过 15 分钟没有得到回复（现在由小李接待）" in text for text in texts)
        assert wall["sla_broken"] == 1 and wall["longest_wait_s"] == 16 * 60

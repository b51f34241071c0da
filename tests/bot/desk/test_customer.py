"""The panel beside the conversation: masked; reveal, returns, coupons and cases, each once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from actions.shop import DemoShop, ShopUnavailable, personas
from bot.desk import Role
from bot.records import DatabaseUnavailable
from bot.records.tables import audit, case_steps, coupon_grants, episodes, messages
from bot.satisfaction import Satisfaction
from tests.bot.desk.bench import Bench, at

LIN = "C000001"


@pytest.fixture
def names(shop: DemoShop) -> dict[str, str]:
    return personas(shop)


async def in_hand(
    bench: Bench, role: Role = Role.AGENT, customer: str | None = LIN
) -> tuple[httpx.AsyncClient, str, str]:
    """A client, the agent, and a conversation in their hands."""
    me = await bench.agent(role)
    return await bench.as_(me), me, await bench.handed_over(me, customer=customer)


def away(*_: object, **__: object) -> Any:
    raise ShopUnavailable("away")


class TestPanel:
    async def test_it_shows_the_customer_over_all_channels_and_nothing_in_clear(
        self, bench: Bench, names: dict[str, str]
    ) -> None:
        client, _me, name = await in_hand(bench)
        await bench.conversation(customer=LIN, channel="wechat")
        answer = await client.get(f"/conversations/{name}/customer")
        shown = answer.json()
        assert shown["identity"]["level_text"] == "已验证"
        assert [i["channel_name"] for i in shown["identities"]] == ["网页/App", "微信"]
        assert shown["profile"]["name"] == "林**" and shown["profile"]["tier_name"] == "金卡会员"
        assert shown["profile"]["phone"] == f"138****{names['lin.tail']}"
        assert shown["points"]["balance"] == 3280
        assert len(shown["orders"]) == 8 and shown["orders"][0]["state_text"]
        assert any(order["may_return"] for order in shown["orders"])
        trace = [scan for o in shown["orders"] for p in o["parcels"] for scan in p["trace"]]
        assert trace
        assert {e["channel_name"] for e in shown["episodes"]} == {"网页/App", "微信"}
        assert shown["shop_error"] is None and at(shown["fetched_at"]) == bench.clock()
        member = await bench.shop.member(LIN)
        orders = await bench.shop.orders(LIN)
        secrets = {member.phone, member.name} if member else set()
        secrets |= {o.ship_to.street for o in orders} | {o.ship_to.phone for o in orders}
        assert not [secret for secret in secrets if secret in answer.text]

    async def test_of_a_stranger_nothing_is_known(self, bench: Bench) -> None:
        client, _me, name = await in_hand(bench, customer=None)
        shown = (await client.get(f"/conversations/{name}/customer")).json()
        assert (shown["profile"], shown["orders"], shown["identity"]["level"]) == (
            None,
            [],
            "anonymous",
        )

    async def test_a_shop_that_is_away_leaves_what_we_know_ourselves(self, bench: Bench) -> None:
        client, _me, name = await in_hand(bench)
        bench.shop.member = away  # type: ignore[method-assign]
        shown = (await client.get(f"/conversations/{name}/customer")).json()
        assert "商城" in shown["shop_error"] and shown["profile"] is None and shown["episodes"]


class TestReveal:
    async def test_it_is_written_down_before_it_is_shown(self, bench: Bench) -> None:
        client, me, name = await in_hand(bench, Role.SUPERVISOR)
        body = {"field": "phone", "reason": "客户要求回电"}
        member = await bench.shop.member(LIN)
        assert member is not None
        shown = await client.post(f"/conversations/{name}/reveal", json=body)
        assert shown.json() == {"value": member.phone}
        (entry,) = [row for row in await bench.rows(audit) if row["action"] == "reveal"]
        assert (entry["agent_id"], entry["subject"]) == (me, f"customer:{LIN}")
        assert (entry["reason"], entry["data"]["field"]) == ("客户要求回电", "phone")
        assert entry["address"] == "127.0.0.1" and member.phone not in str(entry)
        bench.shop.member = away  # type: ignore[method-assign]
        failed = await client.post(f"/conversations/{name}/reveal", json=body)
        assert failed.status_code == 503
        assert len([r for r in await bench.rows(audit) if r["action"] == "reveal"]) == 2

    async def test_an_address_is_of_this_customers_orders_only(
        self, bench: Bench, names: dict[str, str]
    ) -> None:
        client, _me, name = await in_hand(bench, Role.SUPERVISOR)
        body = {"field": "address", "reason": "核对收货地址", "order": names["lin.signed.number"]}
        shown = await client.post(f"/conversations/{name}/reveal", json=body)
        order = await bench.shop.order(names["lin.signed.number"])
        assert order is not None and order.ship_to.street in shown.json()["value"]
        other = body | {"order": names["wang.stuck.number"]}
        assert (await client.post(f"/conversations/{name}/reveal", json=other)).status_code == 404

    async def test_a_message_is_masked_until_it_is_asked_for(self, bench: Bench) -> None:
        client, _me, name = await in_hand(bench, Role.SUPERVISOR)
        await bench.customer_says(name, "请打 13912345678")
        (seen,) = (await client.get(f"/conversations/{name}/messages?after=2")).json()["messages"]
        assert seen["text"] == "请打 139****5678"
        body = {"field": "message", "reason": "客户要求回电", "seq": seen["seq"]}
        shown = await client.post(f"/conversations/{name}/reveal", json=body)
        assert shown.json()["value"] == "请打 13912345678"

    @pytest.mark.parametrize(
        "bad",
        [
            {"reason": "好"},
            {"reason": "     "},
            {"field": "password"},
            {"seq": -1},
            {"reason": None},
        ],
    )
    async def test_without_a_reason_nothing_is_shown(
        self, bench: Bench, bad: dict[str, Any]
    ) -> None:
        client, _me, name = await in_hand(bench, Role.SUPERVISOR)
        body = {"field": "phone", "reason": "客户要求回电"} | bad
        answer = await client.post(f"/conversations/{name}/reveal", json=body)
        assert answer.status_code == 422
        assert not [r for r in await bench.rows(audit) if r["action"] == "reveal"]

    async def test_the_audit_cannot_be_rewritten_and_administrators_read_it(
        self, bench: Bench
    ) -> None:
        client, me, name = await in_hand(bench, Role.ADMIN)
        body = {"field": "name", "reason": "核对姓名身份"}
        await client.post(f"/conversations/{name}/reveal", json=body)
        for change in (update(audit).values(reason="x"), delete(audit)):
            before = await bench.rows(audit)
            with pytest.raises((IntegrityError, DatabaseUnavailable)):
                await bench.database.write(lambda tx, c=change: tx.execute(c))
            assert await bench.rows(audit) == before != []
        found = (await client.get("/audit?action=reveal")).json()["items"]
        assert [(e["agent"]["id"], e["action_text"]) for e in found] == [(me, "查看完整信息")]
        assert (await client.get(f"/audit?before={found[0]['id']}")).json()["items"] == []


class TestReturns:
    async def test_a_return_is_started_once_for_a_key(
        self, bench: Bench, names: dict[str, str]
    ) -> None:
        client, _me, name = await in_hand(bench, customer=names["returner.id"])
        body = {
            "order": names["returner.signed.number"],
            "sku": names["returner.signed.sku"],
            "reason": "尺寸不合适",
            "key": "return-0001",
        }
        made = await client.post(f"/conversations/{name}/returns", json=body)
        assert made.status_code == 200, made.text
        again = await client.post(f"/conversations/{name}/returns", json=body)
        assert again.json() == made.json()
        refused = await client.post(
            f"/conversations/{name}/returns", json=body | {"key": "return-0002"}
        )
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "shop_refused")
        assert "已经申请过" in refused.json()["error"]["message"]
        foreign = body | {"order": names["lin.signed.number"], "key": "return-0003"}
        answer = await client.post(f"/conversations/{name}/returns", json=foreign)
        assert answer.status_code == 404
        assert [r["subject"] for r in await bench.rows(audit) if r["action"] == "return"]

    async def test_a_stranger_must_prove_who_they_are_first(
        self, bench: Bench, names: dict[str, str]
    ) -> None:
        client, _me, name = await in_hand(bench, customer=None)
        number = names["lin.signed.number"]
        body = {"order": number, "sku": "X", "reason": "不合适", "key": "return-0001"}
        answer = await client.post(f"/conversations/{name}/returns", json=body)
        assert answer.json()["error"]["code"] == "not_verified"


COUPON = {"yuan": 20, "reason": "包裹延误补偿", "key": "coupon-0001"}


class TestCoupons:
    async def give(self, client: httpx.AsyncClient, name: str, **more: Any) -> httpx.Response:
        return await client.post(f"/conversations/{name}/coupons", json=COUPON | more)

    async def test_it_is_given_told_and_written_down_once(self, bench: Bench) -> None:
        client, me, name = await in_hand(bench)
        given = await self.give(client, name)
        assert given.status_code == 200, given.text
        assert (await self.give(client, name)).json() == given.json()
        (grant,) = await bench.rows(coupon_grants)
        assert (grant["status"], grant["cents"], grant["agent_id"]) == ("granted", 2000, me)
        told = [r["text"] for r in await bench.rows(messages) if r["author"] == "agent"]
        assert len(told) == 1 and "20 元" in told[0] and grant["coupon_id"] in told[0]
        assert len([r for r in await bench.rows(audit) if r["action"] == "coupon"]) == 1
        other = await self.give(client, name, yuan=10)
        assert other.json()["error"]["code"] == "key_reused"
        shown = (await client.get(f"/conversations/{name}/customer")).json()["coupons"]
        assert [(c["yuan"], c["status"]) for c in shown] == [(20, "granted")]

    async def test_each_role_has_its_limits(self, bench: Bench) -> None:
        client, _me, name = await in_hand(bench)
        over = await self.give(client, name, yuan=21)
        assert (over.status_code, over.json()["error"]["code"]) == (403, "coupon_limit")
        assert (await self.give(client, name, key="coupon-0002")).status_code == 200
        # 30 a customer and day, whichever agent gives it.
        second, _other, same = await in_hand(bench)
        assert (await self.give(second, same, key="coupon-0003", yuan=11)).status_code == 403
        assert (await self.give(second, same, key="coupon-0004", yuan=10)).status_code == 200
        lead, _lead, third = await in_hand(bench, Role.SUPERVISOR)
        assert (await self.give(lead, third, key="coupon-0005", yuan=100)).status_code == 200
        bench.clock.advance(days=1)
        fresh = await bench.as_(_me)
        assert (await self.give(fresh, name, key="coupon-0006")).status_code == 200

    async def test_an_agents_day_ends_at_its_limit_also_for_many_at_once(
        self, bench: Bench
    ) -> None:
        me = await bench.agent(capacity=50)
        client = await bench.as_(me)
        names = [
            await bench.handed_over(me, customer=f"C0000{number:02}") for number in range(1, 13)
        ]
        answers = await asyncio.gather(
            *(self.give(client, name, key=f"coupon-{name}"[:40]) for name in names)
        )
        assert sorted(a.status_code for a in answers) == [200] * 10 + [403] * 2
        assert sum(r["cents"] for r in await bench.rows(coupon_grants)) == 20_000

    async def test_a_shop_that_does_not_answer_leaves_it_unsure_and_the_key_good(
        self, bench: Bench
    ) -> None:
        client, _me, name = await in_hand(bench)
        grant = bench.shop.grant_coupon
        bench.shop.grant_coupon = away  # type: ignore[method-assign]
        failed = await self.give(client, name)
        assert failed.status_code == 503 and "重试" in failed.json()["error"]["message"]
        assert [r["status"] for r in await bench.rows(coupon_grants)] == ["unsure"]
        bench.shop.grant_coupon = grant  # type: ignore[method-assign]
        assert (await self.give(client, name)).status_code == 200
        assert [r["status"] for r in await bench.rows(coupon_grants)] == ["granted"]

    @pytest.mark.parametrize("bad", [{"yuan": 0}, {"yuan": -5}, {"yuan": 2.5}, {"key": "x"}])
    async def test_odd_amounts_and_keys_are_refused(
        self, bench: Bench, bad: dict[str, Any]
    ) -> None:
        client, _me, name = await in_hand(bench)
        assert (await self.give(client, name, **bad)).status_code == 422


class TestCases:
    async def test_a_case_goes_from_open_to_answered_on_the_customers_channel(
        self, bench: Bench
    ) -> None:
        client, me, name = await in_hand(bench)
        body = {"kind": "follow_up", "grade": "important", "title": "查仓库", "detail": "少发一件"}
        case = (await client.post(f"/conversations/{name}/cases", json=body)).json()
        assert (case["status_text"], case["owner"]["id"], case["overdue"]) == ("待处理", me, False)
        assert (at(case["due_at"]) - bench.clock()).total_seconds() == 8 * 3600
        stepped = await client.post(f"/cases/{case['id']}/steps", json={"text": "已问仓库"})
        assert [s["kind"] for s in stepped.json()["steps"]] == ["opened", "note"]
        changed = await client.patch(f"/cases/{case['id']}", json={"status": "doing"})
        assert changed.json()["status"] == "doing"
        await client.post(f"/conversations/{name}/resolve", json={"disposition": "follow_up"})
        answered = await client.post(f"/cases/{case['id']}/answer", json={"text": "补发已寄出"})
        assert (answered.json()["status"], answered.json()["result"]) == ("done", "补发已寄出")
        newest = [r for r in await bench.rows(messages) if r["conversation_id"] == name][-1]
        assert (newest["author"], newest["text"]) == ("agent", "补发已寄出")
        again = await client.post(f"/cases/{case['id']}/answer", json={"text": "再说一次"})
        assert again.status_code == 409
        assert len(await bench.rows(case_steps)) == 4

    async def test_a_low_score_is_a_case_for_everybody_and_its_result_reaches_the_customer(
        self, bench: Bench
    ) -> None:
        client, _me, name = await in_hand(bench)
        await client.post(f"/conversations/{name}/resolve", json={"disposition": "solved"})
        episode = [r for r in await bench.rows(episodes) if r["conversation_id"] == name][-1]["id"]
        satisfaction = Satisfaction(bench.database, bench.desk.handoffs, bench.clock)
        await satisfaction.by_key(episode, "1")
        colleague = await bench.as_(await bench.agent())
        for params in ({}, {"status": "open"}):
            (case,) = (await colleague.get("/cases", params=params)).json()["items"]
            assert (case["kind_text"], case["status"]) == ("低分回访", "open")
            assert (case["grade"], case["overdue"]) == ("important", False)
            assert (at(case["due_at"]) - bench.clock()).total_seconds() == 24 * 3600
        answer_ = {"text": "已为您补发，明天送到"}
        done = await colleague.post(f"/cases/{case['id']}/answer", json=answer_)
        assert (done.json()["status"], done.json()["result"]) == ("done", answer_["text"])
        newest = [r for r in await bench.rows(messages) if r["conversation_id"] == name][-1]
        assert (newest["author"], newest["text"]) == ("agent", answer_["text"])

    async def test_cases_are_listed_by_due_time_and_reach(self, bench: Bench) -> None:
        client, _me, name = await in_hand(bench)
        other, they, _second = await in_hand(bench)

        async def opened(**more: Any) -> str:
            body = {"kind": "other", "title": "事"} | more
            answer = await client.post(f"/conversations/{name}/cases", json=body)
            return str(answer.json()["id"])

        later, sooner = await opened(), await opened(grade="urgent")
        found = (await client.get("/cases")).json()["items"]
        assert [case["id"] for case in found] == [sooner, later]
        assert (await other.get("/cases")).json()["items"] == []
        assert (await other.get(f"/cases/{later}")).status_code == 403
        await client.patch(f"/cases/{later}", json={"owner": they})
        assert [c["id"] for c in (await other.get("/cases")).json()["items"]] == [later]
        bench.clock.advance(hours=3)
        found = (await client.get("/cases")).json()["items"]
        assert [(c["id"], c["overdue"]) for c in found] == [(sooner, True)]

    @pytest.mark.parametrize(
        "bad",
        [
            {"title": ""},
            {"title": "两\n行"},
            {"kind": "magic"},
            {"due_at": "2001-01-01T00:00:00Z"},
            {"due_at": "2126-01-01T00:00:00"},
            {"detail": "\x00"},
        ],
    )
    async def test_odd_cases_are_refused(self, bench: Bench, bad: dict[str, Any]) -> None:
        client, _me, name = await in_hand(bench)
        body = {"kind": "other", "title": "事"} | bad
        answer = await client.post(f"/conversations/{name}/cases", json=body)
        assert answer.status_code == 422, answer.text

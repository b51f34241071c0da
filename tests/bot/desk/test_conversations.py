"""Lists, a conversation, its messages, files, notes and canned replies."""

from __future__ import annotations

import struct
import zlib

import pytest
from sqlalchemy import update

from bot.desk import Role
from bot.records.tables import audit, canned_replies, files, handoffs, outbox
from tests.bot.desk.bench import CALM, CROSS, FURIOUS, Bench


def png() -> bytes:
    """A real picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


class TestLists:
    async def test_the_queue_is_in_order_of_priority_and_age(self, bench: Bench) -> None:
        late = await bench.handed_over(priority=3)
        bench.clock.advance(seconds=10)
        later = await bench.handed_over(priority=3)
        urgent = await bench.handed_over(
            priority=1, reason="sensitive", said=[("漏电了，我手机13812345678", FURIOUS)]
        )
        client = await bench.as_(await bench.agent())
        found = (await client.get("/conversations?list=queue")).json()
        assert [i["conversation"] for i in found["items"]] == [urgent, late, later]
        assert [i["place"] for i in found["items"]] == [1, 2, 3] and found["total"] == 3
        first = found["items"][0]
        assert (first["status"], first["agent"], first["reason_text"]) == (
            "waiting",
            None,
            "敏感内容",
        )
        assert first["emotion"] == {"light": "red", "score": 0.95}
        assert first["waiting_since"] and first["sla_due"] and first["unread"] == 1
        assert first["customer_name"].startswith("访客") and first["identity_level"] == "anonymous"
        few = (await client.get("/conversations?list=queue&limit=1")).json()
        assert (len(few["items"]), few["total"]) == (1, 3)

    async def test_each_list_has_what_it_says(self, bench: Bench) -> None:
        me = await bench.agent(name="小李")
        client = await bench.as_(me)
        mine = await bench.handed_over(me, customer="C000001")
        asleep = await bench.handed_over(me)
        done = await bench.handed_over(me)
        others = await bench.handed_over(await bench.agent())
        bots = await bench.conversation()
        await client.post(f"/conversations/{asleep}/snooze", json={"minutes": 30})
        await client.post(f"/conversations/{done}/resolve", json={"disposition": "solved"})

        async def listed(which: str, who: object = client) -> list[str]:
            found = await who.get(f"/conversations?list={which}")  # type: ignore[attr-defined]
            return sorted(item["conversation"] for item in found.json()["items"])

        assert await listed("mine") == [mine]
        assert await listed("snoozed") == [asleep]
        assert await listed("recent") == [done]
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        assert await listed("all", lead) == sorted([mine, asleep, others, bots])
        assert await listed("recent", lead) == [done]
        item = (await client.get("/conversations")).json()["items"][0]
        assert (item["customer_name"], item["tier_name"]) == ("林**", "金卡会员")
        assert item["identity_level"] == "verified" and item["agent"]["name"] == "小李"
        bench.clock.advance(minutes=31)
        assert await listed("mine") == sorted([mine, asleep])

    async def test_however_many_wait_they_are_listed_with_a_handful_of_queries(
        self, bench: Bench
    ) -> None:
        for _ in range(25):
            await bench.handed_over()
        client = await bench.as_(await bench.agent())
        counts = []
        for limit in (2, 25):
            # The desk's own looks fall into some of these moments, never into all.
            seen = [
                await _statements(
                    bench, lambda n=limit: client.get(f"/conversations?list=queue&limit={n}")
                )
                for _ in range(5)
            ]
            counts.append(min(seen))
        assert counts[1] <= counts[0] <= 12  # session and BEGINs included

    async def test_the_newest_words_are_shown_short_and_without_phone_numbers(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        name = await bench.handed_over(me)
        await bench.customer_says(name, "打我\n电话 13812345678 " + "快点" * 40, CROSS)
        (item,) = (await (await bench.as_(me)).get("/conversations")).json()["items"]
        assert "138****5678" in item["last"]["text"] and len(item["last"]["text"]) == 60
        assert "\n" not in item["last"]["text"] and item["last"]["author"] == "customer"
        assert item["unread"] == 2 and item["emotion"]["light"] == "yellow"

    async def test_the_list_shows_the_customers_words_rather_than_our_notices(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        name = await bench.handed_over(said=[("杯子碎了", CROSS)])
        client = await bench.as_(me)
        await client.post(f"/conversations/{name}/take")  # "客服…为您服务。" is said
        last = (await client.get("/conversations")).json()["items"][0]["last"]
        said = (await client.get(f"/conversations/{name}/messages")).json()["messages"]
        assert said[-1]["author"] == "system"
        assert (last["author"], last["text"]) == ("customer", "杯子碎了")
        assert last["seq"] == max(m["seq"] for m in said if m["author"] == "customer")
        await client.post(
            f"/conversations/{name}/messages", json={"text": "马上给您补发", "client_id": "a1"}
        )
        last = (await client.get("/conversations")).json()["items"][0]["last"]
        assert (last["author"], last["text"]) == ("agent", "马上给您补发")


async def _statements(bench: Bench, ask: object) -> int:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        answer = await ask()  # type: ignore[operator]
        assert answer.status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return seen


class TestAConversation:
    async def test_it_comes_with_packet_notes_and_what_may_be_done(self, bench: Bench) -> None:
        me = await bench.agent()
        client = await bench.as_(me)
        name = await bench.handed_over(None, customer="C000001")
        seen = (await client.get(f"/conversations/{name}")).json()
        assert seen["packet"]["summary"] == "客户要找人工。" and seen["window"] is None
        assert "take" in seen["may"] and "reply" not in seen["may"]
        taken = await client.post(f"/conversations/{name}/take")
        assert taken.json()["item"]["agent"]["id"] == me
        seen = (await client.get(f"/conversations/{name}")).json()
        assert {"reply", "resolve", "coupon", "note"} <= set(seen["may"])
        assert not {"take", "reveal", "take_over"} & set(seen["may"])

    async def test_messages_say_what_was_understood_and_whether_it_arrived(
        self, bench: Bench
    ) -> None:
        me = await bench.agent(name="小李")
        client = await bench.as_(me)
        said = [("查快递", CALM), ("怎么还没到", CROSS), ("你们什么破店", FURIOUS)]
        name = await bench.handed_over(me, said=said)
        sent = await client.post(
            f"/conversations/{name}/messages", json={"text": " 您好，我来处理 ", "client_id": "m1"}
        )
        message = sent.json()
        assert (message["author"], message["agent_name"], message["text"]) == (
            "agent",
            "小李",
            "您好，我来处理",
        )
        assert message["delivery"] == "available" and message["read"] is False
        again = await client.post(
            f"/conversations/{name}/messages", json={"text": "您好，我来处理", "client_id": "m1"}
        )
        assert again.json()["seq"] == message["seq"]
        everything = (await client.get(f"/conversations/{name}/messages")).json()["messages"]
        assert [m["light"] for m in everything] == [
            "green", None, "yellow", None, "red", None, None,
        ]  # fmt: skip
        assert everything[0]["intent_name"] == "转人工"
        assert len(await bench.rows(outbox)) == 1
        page = (await client.get(f"/conversations/{name}/messages?before=4&limit=2")).json()
        assert [m["seq"] for m in page["messages"]] == [2, 3]
        page = (await client.get(f"/conversations/{name}/messages?after=5")).json()
        assert [m["seq"] for m in page["messages"]] == [6, 7]

    async def test_of_two_who_take_at_once_one_gets_it(self, bench: Bench) -> None:
        import asyncio

        name = await bench.handed_over()
        clients = [await bench.as_(await bench.agent()) for _ in range(4)]
        answers = await asyncio.gather(
            *(client.post(f"/conversations/{name}/take") for client in clients)
        )
        first, *others = sorted(answers, key=lambda answer: answer.status_code)
        assert first.status_code == 200
        # Whoever asks after it was taken may not even see it any more (test_permissions).
        assert {refused.status_code for refused in others} <= {403, 409}

    async def test_of_two_in_the_same_moment_one_gets_it(self, bench: Bench) -> None:
        import asyncio

        name = await bench.handed_over()
        agents = [await bench.agent() for _ in range(4)]
        done = await asyncio.gather(
            *(bench.desk.handoffs.take(name, agent) for agent in agents), return_exceptions=True
        )
        assert done.count(None) == 1
        refused = [error for error in done if error is not None]
        assert len(refused) == 3
        assert all("接走" in getattr(error, "message", "") for error in refused), refused

    async def test_who_passes_it_on_says_why_and_sees_it_no_more(self, bench: Bench) -> None:
        me, colleague = await bench.agent(), await bench.agent(name="小周")
        name = await bench.handed_over(me)
        client = await bench.as_(me)
        body = {"to": {"agent": colleague}, "note": "客户要求赔偿"}
        passed = await client.post(f"/conversations/{name}/transfer", json=body)
        assert passed.json()["item"]["agent"]["name"] == "小周"
        assert (await client.get(f"/conversations/{name}")).status_code == 403
        theirs = (await (await bench.as_(colleague)).get(f"/conversations/{name}")).json()
        assert "客户要求赔偿" in theirs["notes"][0]["text"]

    async def test_a_whisper_is_for_the_agent_in_charge_and_supervisors(self, bench: Bench) -> None:
        me, colleague = await bench.agent(), await bench.agent()
        name = await bench.handed_over(me)
        lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
        whisper = {"text": "先道歉，再谈补偿", "kind": "whisper"}
        assert (await lead.post(f"/conversations/{name}/notes", json=whisper)).status_code == 200
        mine = (await (await bench.as_(me)).get(f"/conversations/{name}")).json()
        assert [n["kind"] for n in mine["notes"]] == ["whisper"]
        assert not await bench.rows(outbox)  # nothing was said to the customer
        await lead.post(f"/conversations/{name}/transfer", json={"to": {"agent": colleague}})
        shown = (await (await bench.as_(colleague)).get(f"/conversations/{name}")).json()
        assert len(shown["notes"]) == 1  # now they are in charge

    async def test_a_silent_look_is_written_down_once(self, bench: Bench) -> None:
        name = await bench.handed_over(await bench.agent())
        boss = await bench.agent(Role.SUPERVISOR)
        lead = await bench.as_(boss)
        for _ in range(2):
            await lead.post(f"/conversations/{name}/join")
            await lead.get(f"/conversations/{name}/messages")
        found = [r for r in await bench.rows(audit) if r["action"] == "join"]
        assert [(r["agent_id"], r["subject"]) for r in found] == [(boss, f"conversation:{name}")]
        seen = (await lead.get(f"/conversations/{name}/messages")).json()["messages"]
        assert {m["author"] for m in seen} == {"customer", "bot"}

    async def test_tags_follow_the_customer_over_their_conversations(self, bench: Bench) -> None:
        me = await bench.agent()
        client = await bench.as_(me)
        first = await bench.handed_over(me, customer="C000001")
        second = await bench.handed_over(me, customer="C000001")
        stranger = await bench.handed_over(me)
        kept = await client.put(
            f"/conversations/{first}/tags", json={"tags": [" 易怒 ", "易怒", "大客户"]}
        )
        assert kept.json()["tags"] == ["易怒", "大客户"]
        items = {
            item["conversation"]: item["tags"]
            for item in (await client.get("/conversations")).json()["items"]
        }
        assert items == {first: ["大客户", "易怒"], second: ["大客户", "易怒"], stranger: []}
        for bad in (["<b>"], ["x" * 30], [""], [f"t{n}" for n in range(20)]):
            answer = await client.put(f"/conversations/{first}/tags", json={"tags": bad})
            assert answer.status_code == 422


class TestFiles:
    async def test_a_picture_is_stored_sent_and_given_to_those_within_reach(
        self, bench: Bench
    ) -> None:
        me = await bench.agent()
        client = await bench.as_(me)
        name = await bench.handed_over(me)
        stored = await client.post(
            f"/conversations/{name}/files",
            files={"file": ("../证据\u202e图.exe", png(), "text/html")},
        )
        file = stored.json()
        assert (file["mime"], file["name"].endswith(".png")) == ("image/png", True)
        assert "/" not in file["name"] and "\u202e" not in file["name"]
        raw = await client.post(
            f"/conversations/{name}/files",
            content=b"%PDF-1.7 x",
            headers={"X-File-Name": "%E8%AF%81.pdf"},
        )
        assert raw.json()["name"] == "证.pdf"
        sent = await client.post(
            f"/conversations/{name}/messages",
            json={"files": [file["id"], raw.json()["id"]], "client_id": "f1"},
        )
        assert [f["id"] for f in sent.json()["files"]] == [file["id"], raw.json()["id"]]
        given = await client.get(f"/files/{file['id']}")
        assert given.content == png() and given.headers["content-type"] == "image/png"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert given.headers["content-disposition"].startswith("inline; filename*=UTF-8''")
        assert "sandbox" in given.headers["content-security-policy"]
        pdf = await client.get(f"/files/{raw.json()['id']}")
        assert pdf.headers["content-disposition"].startswith("attachment")
        colleague = await bench.as_(await bench.agent())
        assert (await colleague.get(f"/files/{file['id']}")).status_code == 404

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"<html><script>alert(1)</script>", 415),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
            (b"MZ\x90\x00", 415),
            (b"", 415),
            (b"\x89PNG\r\n\x1a\n" + b"x" * (5 * 1024 * 1024), 413),
            (b"x" * (6 * 1024 * 1024), 413),
        ],
    )
    async def test_what_is_no_picture_or_pdf_or_too_large_is_refused(
        self, bench: Bench, content: bytes, status: int
    ) -> None:
        me = await bench.agent()
        name = await bench.handed_over(me)
        answer = await (await bench.as_(me)).post(
            f"/conversations/{name}/files", content=content, headers={"X-File-Name": "a.png"}
        )
        assert answer.status_code == status
        assert any("\u4e00" <= c <= "\u9fff" for c in answer.json()["error"]["message"])
        assert not await bench.rows(files)

    async def test_a_file_of_another_conversation_cannot_be_sent(self, bench: Bench) -> None:
        me = await bench.agent()
        client = await bench.as_(me)
        one, other = await bench.handed_over(me), await bench.handed_over(me)
        file = (await client.post(f"/conversations/{one}/files", content=png())).json()
        answer = await client.post(
            f"/conversations/{other}/messages", json={"files": [file["id"]], "client_id": "f"}
        )
        assert answer.status_code == 404


class TestCanned:
    async def test_every_desk_starts_with_natural_ones(self, bench: Bench) -> None:
        client = await bench.as_(await bench.agent())
        found = (await client.get("/canned")).json()["items"]
        assert len(found) >= 20 and all(reply["shared"] for reply in found)
        assert len({reply["shortcut"] for reply in found}) == len(found)
        await bench.desk.database.write(_seed_again(bench))
        assert len(await bench.rows(canned_replies)) == len(found)

    async def test_variables_are_filled_with_what_is_known_here(self, bench: Bench) -> None:
        me = await bench.agent(name="小李")
        client = await bench.as_(me)
        body = "{客户姓名}您好，我是{客服姓名}，订单{订单号}的「{商品}」我看到了"
        mine = (
            await client.post("/canned", json={"shortcut": "t1", "title": "试", "body": body})
        ).json()
        known = await bench.handed_over(me, customer="C000002")
        (only,) = await bench.shop.orders("C000002")
        used = (await client.post(f"/conversations/{known}/canned/{mine['id']}")).json()
        assert used == {
            "text": f"陈先生/女士您好，我是小李，订单{only.number}的「{only.lines[0].title}」我看到了",
            "missing": [],
        }
        stranger = await bench.handed_over(me)
        used = (await client.post(f"/conversations/{stranger}/canned/{mine['id']}")).json()
        assert used["missing"] == ["客户姓名", "订单号", "商品"] and "{订单号}" in used["text"]
        listed = (await client.get(f"/canned?conversation={known}")).json()["items"]
        assert next(r for r in listed if r["id"] == mine["id"])["text"].startswith("陈先生")

    async def test_which_of_many_orders_is_meant_is_not_guessed(self, bench: Bench) -> None:
        me = await bench.agent(name="小李")
        client = await bench.as_(me)
        body = {"shortcut": "t1", "title": "试", "body": "订单{订单号}的「{商品}」"}
        reply = (await client.post("/canned", json=body)).json()["id"]
        name = await bench.handed_over(me, customer="C000001")
        used = (await client.post(f"/conversations/{name}/canned/{reply}")).json()
        assert used["missing"] == ["订单号", "商品"]

        orders = await bench.shop.orders("C000001")
        spoken_of = next(order for order in orders[1:] if len(order.lines) == 1)
        packet = {"slots": {"订单号": spoken_of.number}}
        await bench.database.write(
            lambda tx: tx.execute(
                update(handoffs).where(handoffs.c.conversation_id == name).values(packet=packet)
            )
        )
        used = (await client.post(f"/conversations/{name}/canned/{reply}")).json()
        assert used["text"] == f"订单{spoken_of.number}的「{spoken_of.lines[0].title}」"

    async def test_ones_own_are_ones_own(self, bench: Bench) -> None:
        mine, other = await bench.as_(await bench.agent()), await bench.as_(await bench.agent())
        body = {"shortcut": "wd", "title": "我的", "body": "好的"}
        made = (await mine.post("/canned", json=body)).json()
        assert (await mine.post("/canned", json=body)).status_code == 409
        assert made["id"] not in [r["id"] for r in (await other.get("/canned")).json()["items"]]
        assert (await other.put(f"/canned/{made['id']}", json=body)).status_code == 404
        assert (await other.delete(f"/canned/{made['id']}")).status_code == 404
        assert (await mine.put(f"/canned/{made['id']}", json=body | {"title": "新"})).json()[
            "title"
        ] == "新"
        assert (await mine.delete(f"/canned/{made['id']}")).status_code == 200
        for bad in ({"shortcut": "A B"}, {"body": "{密码}"}, {"body": ""}, {"title": "x" * 99}):
            assert (await mine.post("/canned", json=body | bad)).status_code == 422


def _seed_again(bench: Bench) -> object:
    from bot.desk.work import canned

    return lambda tx: canned.seed(tx, bench.clock())

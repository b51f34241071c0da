"""Every role at every endpoint, cell by cell; and every endpoint is in the table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from bot.desk import Role, build_desk
from bot.desk.http.access import May
from bot.desk.permissions import ALLOWED, Op
from bot.records.tables import canned_replies, cases
from tests.bot.desk.bench import Bench

AGENT, LEAD, ADMIN = Role.AGENT, Role.SUPERVISOR, Role.ADMIN
EVERYBODY = (AGENT, LEAD, ADMIN)
LEADS = (LEAD, ADMIN)
GONE = "co_nothing"


@dataclass(frozen=True)
class Cell:
    """An endpoint and who may use it.

    Args:
        call: method and path under /api/desk; ``{c}`` is a conversation.
        roles: who may, on a conversation in their own hands.
        waiting: whether those may also on one in the queue (else 409).
        others: who may on a conversation in another agent's hands.
        body: what is sent.
    """

    call: str
    roles: tuple[Role, ...] = EVERYBODY
    waiting: bool = False
    others: tuple[Role, ...] = ()
    body: dict[str, Any] | None = field(default=None)


COUPON = {"yuan": 5, "reason": "包裹延误", "key": "key-12345"}
RETURN = {"order": "1", "sku": "X", "reason": "不合适", "key": "key-12345"}

TABLE = [
    Cell("POST /logout"),
    Cell("GET /me"),
    Cell("PUT /me/presence", body={"presence": "online"}),
    Cell("POST /me/password", body={"old": "x", "new": "y"}),
    Cell("POST /me/totp"),
    Cell("POST /me/totp/confirm", body={"code": "000000"}),
    Cell("POST /me/totp/remove", body={"password": "x"}),
    Cell("GET /meta"),
    Cell("GET /conversations"),
    Cell("GET /conversations?list=all", LEADS),
    Cell("GET /conversations/{c}", waiting=True, others=LEADS),
    Cell("GET /conversations/{c}/messages", waiting=True, others=LEADS),
    Cell("GET /conversations/{c}/customer", waiting=True, others=LEADS),
    Cell("GET /files/file_none"),
    Cell("POST /conversations/{c}/messages", body={"text": "您好", "client_id": "m1"}),
    Cell("POST /conversations/{c}/files"),
    Cell("POST /conversations/{c}/typing", body={"on": True}),
    Cell("POST /conversations/{c}/take", waiting=True, others=LEADS),
    Cell(
        "POST /conversations/{c}/transfer",
        others=LEADS,
        body={"to": {"skill": "投诉"}, "note": "请接"},
    ),
    Cell("POST /conversations/{c}/snooze", body={"minutes": 10}),
    Cell("POST /conversations/{c}/resolve", body={"disposition": "solved"}),
    Cell("POST /conversations/{c}/hand-back", body={"note": "已说明"}),
    Cell("POST /conversations/{c}/take-over", LEADS, waiting=True, others=LEADS),
    Cell("POST /conversations/{c}/join", LEADS, waiting=True, others=LEADS),
    Cell("POST /conversations/{c}/notes", others=LEADS, body={"text": "留意"}),
    Cell(
        "POST /conversations/{c}/notes?whisper",
        LEADS,
        others=LEADS,
        body={"text": "语气软一点", "kind": "whisper"},
    ),
    Cell("PUT /conversations/{c}/tags", others=LEADS, body={"tags": ["重要"]}),
    Cell(
        "POST /conversations/{c}/reveal",
        LEADS,
        others=LEADS,
        body={"field": "phone", "reason": "客户要求回电"},
    ),
    Cell("POST /conversations/{c}/returns", body=RETURN),
    Cell("POST /conversations/{c}/coupons", body=COUPON),
    Cell("POST /conversations/{c}/cases", others=LEADS, body={"kind": "other", "title": "跟进"}),
    Cell("POST /conversations/{c}/canned/{reply}", waiting=True, others=LEADS),
    Cell("GET /cases"),
    Cell("GET /cases/{case}", LEADS),  # another agent's case
    Cell("PATCH /cases/{case}", LEADS, body={"status": "doing"}),
    Cell("POST /cases/{case}/steps", LEADS, body={"text": "已联系"}),
    Cell("POST /cases/{case}/answer", LEADS, body={"text": "已处理好"}),
    Cell("GET /care"),
    Cell("GET /care/causes", LEADS),
    Cell("GET /care/causes.csv", LEADS),
    Cell("GET /care/{case}", LEADS),
    Cell("POST /care/{case}/actions", LEADS, body={"action": "checked"}),
    Cell("POST /care/{case}/end", LEADS, body={"ending": "settled"}),
    Cell("POST /care/{case}/coupons", LEADS, body=COUPON),
    Cell("GET /canned"),
    Cell("POST /canned", body={"shortcut": "wo", "title": "我的", "body": "好的"}),
    Cell(
        "POST /canned?shared",
        LEADS,
        body={"shortcut": "dj", "title": "大家", "body": "好的", "shared": True},
    ),
    Cell("PUT /canned/{reply}", LEADS, body={"shortcut": "nh9", "title": "新", "body": "新的"}),
    Cell("DELETE /canned/{reply}", LEADS),
    Cell("GET /agents"),
    Cell("GET /agents?all=1", (ADMIN,)),
    Cell(
        "POST /agents",
        (ADMIN,),
        body={"login": "neu1", "name": "新人", "password": "lang-genug-5x"},
    ),
    Cell("PATCH /agents/{agent}", (ADMIN,), body={"capacity": 4}),
    Cell("GET /wall", LEADS),
    Cell("GET /reports", LEADS),
    Cell("GET /reports.csv", LEADS),
    Cell("GET /reports/episodes", LEADS),
    Cell("GET /reports/episodes/{episode}", LEADS),
    Cell("GET /reports/audit", LEADS),
    Cell("POST /reports/audit/{episode}", LEADS, body={"label": "right"}),
    Cell("GET /reports/gaps", LEADS),
    Cell("POST /reports/gaps/label", LEADS, body={"keys": ["0" * 32], "label": "query_order"}),
    Cell("GET /reports/gaps/export", LEADS),
    Cell("GET /handoffs/{handoff}/packet", LEADS),
    Cell("GET /audit", (ADMIN,)),
]


def endpoints() -> dict[str, Op | None]:
    """``METHOD /path`` → operation, of everything under /api/desk but log-in and the socket."""
    app = FastAPI()
    app.include_router(build_desk())
    found = {}
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path.removeprefix('/api/desk')}"
            found[name] = operation.get("x-operation")
    return found


def shape(call: str) -> str:
    """An endpoint's call without the names in it."""
    call = call.partition("?")[0].replace("/files/file_none", "/files/{}")
    return re.sub(r"\{[a-z]+\}", "{}", call)


def test_every_endpoint_declares_its_operation_and_stands_in_the_table() -> None:
    known = {re.sub(r"\{[a-z_]+\}", "{}", name): op for name, op in endpoints().items()}
    assert known.pop("POST /login") is None
    assert all(known.values()), "an endpoint without an operation"
    assert {shape(cell.call) for cell in TABLE} == set(known)


def test_the_operations_of_the_table_are_those_that_endpoints_use() -> None:
    used = {Op(op) for op in endpoints().values() if op is not None}
    # What is checked inside an endpoint or a frame, beside the endpoint's own operation.
    inside = {Op.SEE_ALL, Op.WHISPER, Op.CASE_ALL, Op.CANNED_SHARED}
    assert used | inside == set(Op)
    assert ALLOWED[AGENT] < ALLOWED[LEAD] < ALLOWED[ADMIN] == set(Op)
    assert issubclass(May, object)


async def ask(client: httpx.AsyncClient, cell: Cell, **names: str) -> httpx.Response:
    method, path = cell.call.split(" ")
    path = path.removesuffix("?whisper").removesuffix("?shared")
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    if path.endswith("/files"):
        return await client.post(path, content=b"%PDF-1.4", headers={"X-File-Name": "a.pdf"})
    return await client.request(method, path, json=cell.body)


async def names_of(bench: Bench, conversation: str, owner: str) -> dict[str, str]:
    """What stands for the other names of paths: another agent's case, a shared reply."""
    other = await bench.as_(owner)
    mine = await bench.handed_over(owner)
    case = await other.post(f"/conversations/{mine}/cases", json={"kind": "other", "title": "跟"})
    shared = [row for row in await bench.rows(canned_replies) if row["owner_id"] is None]
    return {
        "c": conversation,
        "case": case.json()["id"],
        "reply": shared[0]["id"],
        "agent": owner,
        "handoff": await bench.handoff_of(mine),
        "episode": "ep_none",
    }


async def test_each_role_may_what_the_table_says_in_a_conversation_of_its_own(
    bench: Bench,
) -> None:
    other = await bench.agent()
    for role in Role:
        me = await bench.agent(role, capacity=50)
        for cell in TABLE:
            client = await bench.as_(me)
            conversation = await bench.handed_over(me)
            answer = await ask(client, cell, **await names_of(bench, conversation, other))
            is_json = answer.headers["content-type"].startswith("application/json")
            said = answer.json().get("error", {}) if is_json else {}
            where = f"{role} {cell.call}: {answer.status_code} {said}"
            if role in cell.roles:
                assert answer.status_code not in (403, 405, 500), where
                # 401 only where the test has not the right password or code.
                assert said.get("code") != "not_logged_in", where
            else:
                assert answer.status_code == 403, where
                assert any("\u4e00" <= c <= "\u9fff" for c in said["message"]), where


async def test_what_waits_in_the_queue_can_be_seen_and_taken_and_no_more(bench: Bench) -> None:
    other = await bench.agent()
    for role in Role:
        me = await bench.agent(role, capacity=50)
        client = await bench.as_(me)
        for cell in TABLE:
            if "{c}" not in cell.call or role not in cell.roles:
                continue
            conversation = await bench.handed_over(None)
            answer = await ask(client, cell, **await names_of(bench, conversation, other))
            where = f"{role} {cell.call}: {answer.status_code} {answer.text[:200]}"
            helps = role in cell.others
            if cell.waiting or helps:
                assert answer.status_code not in (401, 403, 500), where
            else:
                assert answer.status_code == 409, where


async def test_another_agents_conversation_is_for_supervisors_and_only_to_look_and_help(
    bench: Bench,
) -> None:
    other = await bench.agent(capacity=50)
    for role in Role:
        me = await bench.agent(role, capacity=50)
        client = await bench.as_(me)
        for cell in TABLE:
            if "{c}" not in cell.call or role not in cell.roles:
                continue
            conversation = await bench.handed_over(other)
            answer = await ask(client, cell, **await names_of(bench, conversation, other))
            where = f"{role} {cell.call}: {answer.status_code} {answer.text[:200]}"
            if role in cell.others:
                assert answer.status_code not in (401, 403, 500), where
            else:
                assert answer.status_code == (403 if role is AGENT else 409), where


async def test_nobody_gets_anything_without_a_session(bench: Bench) -> None:
    owner = await bench.agent()
    conversation = await bench.handed_over(owner)
    names = await names_of(bench, conversation, owner)
    before = await bench.rows(cases)
    for headers in ({}, {"Authorization": "Bearer made-up"}, {"Cookie": "yingda_desk=made-up"}):
        client = bench.client({"X-Yingda-Desk": "1", **headers})
        for cell in TABLE:
            answer = await ask(client, cell, **names)
            assert answer.status_code == 401, cell.call
            assert answer.json()["error"]["code"] == "not_logged_in"
    assert await bench.rows(cases) == before


async def test_what_does_not_exist_is_not_found(bench: Bench) -> None:
    client = await bench.as_(await bench.agent(ADMIN))
    names = dict.fromkeys(("c", "case", "reply", "agent", "handoff"), GONE)
    for cell in TABLE:
        if "{" in cell.call or "file_none" in cell.call:
            for odd in (GONE, "%00", "' OR 1=1", "x" * 300, "..%2f..%2fme"):
                answer = await ask(client, cell, **dict.fromkeys(names, odd))
                assert answer.status_code in (404, 405), f"{cell.call} {odd}: {answer.text[:200]}"

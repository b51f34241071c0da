"""The customer beside the conversation, and what an agent may do for them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Connection

from bot.desk.accounts import Actor
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.reach import Reach, check_reach, within
from bot.desk.views import care
from bot.desk.views import customer as panel
from bot.desk.views.items import items
from bot.desk.views.shopping import shopping
from bot.desk.work import cases, coupons, returning
from bot.desk.work.reveal import Wanted, reveal
from bot.errors import DeskConflict

api = router("customer")


@api.get("/conversations/{conversation}/customer")
async def customer(
    conversation: Id, actor: Annotated[Actor, Depends(May(Op.CUSTOMER))], desk: DeskDep
) -> dict[str, Any]:
    """Who the customer is, over all channels: masked profile, orders, episodes, cases, tags."""
    policy, now = desk.handoffs.policy.current(), desk.clock()

    def read(tx: Connection) -> tuple[panel.Who, dict[str, Any]]:
        check_reach(tx, actor, conversation, Reach.SEE)
        who = panel.who(tx, conversation)
        (item,) = items(tx, [conversation], policy, now)
        return who, {
            "identity": who.as_json(),
            "identities": panel.identities_of(tx, conversation, who.customer),
            "episodes": panel.episodes_of(tx, conversation, who.customer),
            "cases": cases.listed(
                tx, actor, now, conversation_id=conversation, customer=who.customer, limit=20
            ),
            "tags": item["tags"],
            "coupons": panel.coupons_of(tx, who.customer),
            "care": care.record(tx, conversation, who.customer, now),
        }

    who, known = await desk.database.read(read)
    return known | await shopping(desk.shop, who.customer) | {"fetched_at": now.isoformat()}


@api.post("/conversations/{conversation}/reveal")
async def show(
    conversation: Id,
    body: bodies.RevealBody,
    actor: Annotated[Actor, Depends(May(Op.REVEAL))],
    desk: DeskDep,
) -> dict[str, str]:
    """A phone, name, address or message in clear; written down with the reason before it is shown."""
    await within(desk.database, actor, conversation, Reach.HELP)
    wanted = Wanted(conversation, body.field, body.reason, body.order, body.seq)
    return {"value": await reveal(desk.database, desk.shop, desk.clock, actor, wanted)}


@api.post("/conversations/{conversation}/returns")
async def start_return(
    conversation: Id,
    body: bodies.ReturnBody,
    actor: Annotated[Actor, Depends(May(Op.START_RETURN))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Start a return of one product of the customer's order; once for a key."""
    await within(desk.database, actor, conversation, Reach.CHARGE)
    wanted = returning.Wanted(
        conversation,
        body.order,
        body.sku,
        body.reason,
        body.opened,
        body.defective,
        body.key,
    )
    made = await returning.start_return(desk.database, desk.shop, desk.clock, actor, wanted)
    return made.model_dump(mode="json")


@api.post("/conversations/{conversation}/coupons")
async def coupon(
    conversation: Id,
    body: bodies.CouponBody,
    actor: Annotated[Actor, Depends(May(Op.COUPON))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Give a compensation coupon within one's limits; the customer is told; once for a key."""

    def read(tx: Connection) -> panel.Who:
        check_reach(tx, actor, conversation, Reach.CHARGE)
        return panel.who(tx, conversation)

    who = await desk.database.read(read)
    if who.customer is None:
        raise DeskConflict(
            "客户还没有验证身份，无法发券到账户，请先请客户核对订单。", "not_verified"
        )
    grant = coupons.Grant(conversation, who.customer, body.yuan, body.reason, body.key)
    return coupons.shown(*await desk.coupons.grant(actor, grant))


@api.post("/conversations/{conversation}/cases")
async def open_case(
    conversation: Id,
    body: bodies.CaseBody,
    actor: Annotated[Actor, Depends(May(Op.CASE))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Open a case: work on this conversation that outlives it."""
    now = desk.clock()

    def write(tx: Connection) -> dict[str, Any]:
        row = check_reach(tx, actor, conversation, Reach.HELP)
        case_id = cases.open_case(
            tx,
            actor,
            row,
            kind=body.kind,
            grade=body.grade,
            title=body.title,
            detail=body.detail,
            due_at=body.due_at,
            now=now,
        )
        return cases.one(tx, actor, case_id, now)

    return await desk.database.write(write)

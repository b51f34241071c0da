"""Canned replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy import Connection, select

from actions.shop import ShopError
from actions.shop.models import Order
from bot.desk.accounts import Actor
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.reach import Reach, check_reach
from bot.desk.service import Desk
from bot.desk.views.customer import who
from bot.desk.work import audit, canned
from bot.records.tables import handoffs

api = router("canned replies")

Canned = Annotated[Actor, Depends(May(Op.CANNED))]
_ORDER = ("order_number", "订单号", "订单")
_PRODUCT = ("product", "商品")


@api.get("/canned")
async def listed(
    actor: Canned,
    desk: DeskDep,
    conversation: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = None,
) -> dict[str, Any]:
    """The shared ones and one's own; with ``conversation`` each with its text filled in."""
    found = await desk.database.read(lambda tx: canned.readable(tx, actor))
    if conversation is not None:
        values = await _values(desk, actor, conversation)
        for reply in found:
            reply["text"], reply["missing"] = canned.fill(reply["body"], values)
    return {"items": found}


@api.post("/canned")
async def add(body: bodies.CannedBody, actor: Canned, desk: DeskDep) -> dict[str, Any]:
    """Keep a new one; ``shared`` is for supervisors."""
    now = desk.clock()

    def write(tx: Connection) -> dict[str, Any]:
        added = canned.add(tx, actor, _canned(body), now)
        _note(tx, desk, actor, added)
        return added

    return await desk.database.write(write)


@api.put("/canned/{reply}")
async def change(
    reply: Id, body: bodies.CannedBody, actor: Canned, desk: DeskDep
) -> dict[str, Any]:
    """Write one anew."""
    now = desk.clock()

    def write(tx: Connection) -> dict[str, Any]:
        changed = canned.change(tx, actor, reply, _canned(body), now)
        _note(tx, desk, actor, changed)
        return changed

    return await desk.database.write(write)


@api.delete("/canned/{reply}")
async def remove(reply: Id, actor: Canned, desk: DeskDep) -> dict[str, Any]:
    """Throw one away."""

    def write(tx: Connection) -> None:
        _note(tx, desk, actor, canned.remove(tx, actor, reply))

    await desk.database.write(write)
    return {"ok": True}


@api.post("/conversations/{conversation}/canned/{reply}")
async def use(conversation: Id, reply: Id, actor: Canned, desk: DeskDep) -> dict[str, Any]:
    """The text for this conversation; what nothing is known for stays standing in it."""
    found = await desk.database.read(lambda tx: canned.one(tx, actor, reply))
    text, missing = canned.fill(found["body"], await _values(desk, actor, conversation))
    return {"text": text, "missing": missing}


async def _values(desk: Desk, actor: Actor, conversation: str) -> dict[str, str]:
    """What variables stand for here: what was spoken of, or the only thing that can be meant."""

    def read(tx: Connection) -> tuple[str | None, dict[str, Any]]:
        row = check_reach(tx, actor, conversation, Reach.SEE)
        packet = tx.execute(
            select(handoffs.c.packet).where(handoffs.c.id == row.handoff_id)
        ).scalar()
        return who(tx, conversation).customer, packet or {}

    customer, packet = await desk.database.read(read)
    values = {"客服姓名": actor.name}
    slots = packet.get("slots") or {}
    order = next((str(slots[name]) for name in _ORDER if slots.get(name)), None)
    product = next((str(slots[name]) for name in _PRODUCT if slots.get(name)), None)
    if customer is not None:
        try:
            member = await desk.shop.member(customer)
            if member is not None and member.name.strip():
                # The family name is all that an agent is shown of a name.
                values["客户姓名"] = f"{member.name.strip()[0]}先生/女士"
            if order is None or product is None:
                meant = _meant(await desk.shop.orders(customer), order, product)
                if meant is not None:
                    order = meant.number
                    titles = {line.title for line in meant.lines}
                    product = product or (titles.pop() if len(titles) == 1 else None)
        except ShopError:
            pass  # an unfilled variable stays standing, for the agent to fill
    if order is not None:
        values["订单号"] = order
    if product is not None:
        values["商品"] = product
    return values


def _meant(orders: Sequence[Order], number: str | None, product: str | None) -> Order | None:
    """The one order that fits what is known; where several do, the agent says which."""
    fitting = [
        order
        for order in orders
        if number in (None, order.number)
        and (product is None or product in {line.title for line in order.lines})
    ]
    return fitting[0] if len(fitting) == 1 else None


def _canned(body: bodies.CannedBody) -> canned.Canned:
    return canned.Canned(body.shortcut, body.title, body.body, tuple(body.intents), body.shared)


def _note(tx: Connection, desk: Desk, actor: Actor, reply: dict[str, Any]) -> None:
    if reply["shared"]:
        audit.write(
            tx,
            actor,
            "canned_shared",
            f"canned:{reply['id']}",
            desk.clock(),
            data={"shortcut": reply["shortcut"], "body": reply["body"]},
        )

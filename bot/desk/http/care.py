"""Cases of upset customers: the page, what agents do about them, and the week's causes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from sqlalchemy import Connection

from bot.care import Action
from bot.care.weekly import Week, as_csv, weekly_causes
from bot.desk.accounts import Actor
from bot.desk.errors import BadInput
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.service import Desk
from bot.desk.views import care
from bot.desk.work import audit, cases, coupons
from bot.errors import DeskConflict, NotFound

api = router("care")

Case = Annotated[Actor, Depends(May(Op.CASE))]
Lead = Annotated[Actor, Depends(May(Op.WALL))]
WeekName = Annotated[str | None, Query(pattern=r"^\d{4}-W\d{2}$")]


@api.get("/care")
async def listed(
    actor: Case,
    desk: DeskDep,
    scope: Literal["open", "watching", "over"] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """One's own and unowned cases (a supervisor: all), late ones first."""
    now = desk.clock()
    found = await desk.database.read(
        lambda tx: care.listed(tx, actor, now, scope=scope, limit=limit)
    )
    return {"items": found}


@api.get("/care/causes")
async def causes(actor: Lead, desk: DeskDep, week: WeekName = None) -> dict[str, Any]:
    """What upset customers in a week (``2026-W47``; without one the present week)."""
    return await _report(desk, week)


@api.get("/care/causes.csv")
async def causes_csv(actor: Lead, desk: DeskDep, week: WeekName = None) -> Response:
    """The same as a table; written down in the audit."""
    report = await _report(desk, week)

    def note(tx: Connection) -> None:
        audit.write(tx, actor, "export", f"causes:{report['week']}", desk.clock())

    await desk.database.write(note)
    name = f"causes-{report['week']}.csv"
    return Response(
        as_csv(report),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@api.get("/care/{case}")
async def one(case: Id, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """A case with its steps and the deadlines to come."""
    await _within(desk, actor, case)
    return await _shown(desk, case)


@api.post("/care/{case}/actions")
async def act(case: Id, body: bodies.CareActionBody, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """Write down what was done; it settles the deadlines that waited for it."""
    await _within(desk, actor, case)
    if body.tell and not body.text.strip():
        raise BadInput("请写下要发给客户的话。")
    done = Action(
        body.action, body.text.strip(), body.promised_at, body.feedback.strip(), body.tell
    )
    await desk.care.act(case, actor.id, done)
    return await _shown(desk, case)


@api.post("/care/{case}/end")
async def end(case: Id, body: bodies.CareEndBody, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """End a case; it is watched for some days and reopens by itself."""
    await _within(desk, actor, case)
    await desk.care.end(case, actor.id, body.ending, body.result.strip())
    return await _shown(desk, case)


@api.post("/care/{case}/coupons")
async def coupon(
    case: Id,
    body: bodies.CouponBody,
    actor: Annotated[Actor, Depends(May(Op.COUPON))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Compensate within one's limits; the customer is told on their channel; once for a key."""
    row = await _within(desk, actor, case)
    if row.shop_customer_id is None or row.conversation_id is None:
        raise DeskConflict("客户没有验证过身份，无法发券到账户。", "not_verified")
    grant = coupons.Grant(
        row.conversation_id, row.shop_customer_id, body.yuan, body.reason, body.key, case
    )
    return coupons.shown(*await desk.coupons.grant(actor, grant))


async def _within(desk: Desk, actor: Actor, case_id: str) -> Any:
    """The case's row, if this agent may work on it."""
    return await desk.database.read(lambda tx: cases.reachable(tx, actor, case_id))


async def _shown(desk: Desk, case_id: str) -> dict[str, Any]:
    """A case as it stands; whoever just gave it away may still see what they did."""
    now = desk.clock()

    def read(tx: Connection) -> dict[str, Any]:
        found = care.one(tx, case_id, now)
        if found is None:
            raise NotFound("没有找到这个情绪个案。")
        return found | {"steps": cases.with_steps(tx, cases.row_of(tx, case_id), now)["steps"]}

    return await desk.database.read(read)


async def _report(desk: Desk, name: str | None) -> dict[str, Any]:
    now = desk.clock()
    try:
        week = Week.of(now) if name is None else Week.parse(name)
    except ValueError:
        raise BadInput("没有这一周，请按 2026-W47 的写法填写。") from None
    return await desk.database.read(lambda tx: weekly_causes(tx, week, now))

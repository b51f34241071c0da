"""Colleagues, the wall, exports, accounts and the audit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, select

from bot.desk.accounts import Actor, NewAgent
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.service import Desk
from bot.desk.views import staff
from bot.desk.views.care import late_alarms
from bot.desk.work import audit
from bot.errors import DeskConflict, NotFound
from bot.records.tables import handoffs

api = router("supervision")

Admin = Annotated[Actor, Depends(May(Op.AGENTS))]


@api.get("/agents")
async def agents(
    actor: Annotated[Actor, Depends(May(Op.COLLEAGUES))],
    desk: DeskDep,
    everybody: Annotated[bool, Query(alias="all")] = False,
) -> dict[str, Any]:
    """Colleagues with presence and load; ``all`` (administrators) also who left, and log-ins."""
    if everybody:
        actor.require(Op.AGENTS)
    now = desk.clock()
    found = await desk.database.read(lambda tx: staff.colleagues(tx, now, everybody=everybody))
    return {"agents": found}


@api.post("/agents")
async def add(body: bodies.AgentBody, actor: Admin, desk: DeskDep) -> dict[str, Any]:
    """Add an agent."""
    new = NewAgent(
        body.login,
        body.name,
        body.role,
        tuple(body.skills),
        tuple(body.languages),
        body.capacity,
        body.extension,
    )
    agent_id = await desk.people.add(new, body.password)
    await _note(desk, actor, "agent_add", agent_id, {"login": new.login, "role": new.role.value})
    await desk.bus.changed()
    return await _agent(desk, agent_id)


@api.patch("/agents/{agent}")
async def change(
    agent: Id, body: bodies.AgentChange, actor: Admin, desk: DeskDep
) -> dict[str, Any]:
    """Change an agent; with ``active`` false every session ends and their work is given back."""
    known = await desk.people.by_id(agent)
    fields = body.model_dump(exclude_unset=True, exclude={"password", "totp"}, mode="json")
    fields = {name: value for name, value in fields.items() if value is not None}
    if agent == actor.id and ({"role", "active"} & fields.keys()):
        raise DeskConflict("不能修改自己的角色或停用自己，请找另一位管理员。", "oneself")
    if fields:
        leaves = fields.get("active") is False and known.active
        if leaves:
            await desk.handoffs.leave(agent)
        await desk.people.change(agent, fields)
        await _note(desk, actor, "agent_deactivate" if leaves else "agent_change", agent, fields)
    if body.password is not None:
        await desk.people.set_password(agent, known.login, body.password)
        await _note(desk, actor, "agent_password", agent, {})
    if body.totp is False:
        await desk.people.forget_factor(agent)
        await _note(desk, actor, "agent_change", agent, {"totp": False})
    await desk.bus.changed()
    return await _agent(desk, agent)


@api.get("/wall")
async def wall(actor: Annotated[Actor, Depends(May(Op.WALL))], desk: DeskDep) -> dict[str, Any]:
    """How things stand: counts, waits, deadlines, moods, agents, what alarms."""
    policy, now = desk.handoffs.policy.current(), desk.clock()

    def read(tx: Connection) -> dict[str, Any]:
        by_time = {alarm["id"]: alarm for alarm in staff.alarms_now(tx, policy, now)}
        known = {alarm["id"]: alarm for alarm in desk.hub.alarms()}
        kept = {  # since when, as it was told; what about, as it is now
            name: alarm | {"text": by_time.get(name, alarm)["text"]}
            for name, alarm in known.items()
        }
        alarms = [*(by_time | kept).values(), *late_alarms(tx, now)]
        return staff.wall(tx, policy, now, alarms)

    return await desk.database.read(read)


@api.get("/handoffs/{handoff}/packet")
async def packet(
    handoff: Id, actor: Annotated[Actor, Depends(May(Op.EXPORT))], desk: DeskDep
) -> JSONResponse:
    """The packet of a handoff as a file, masked; written down in the audit."""

    def write(tx: Connection) -> dict[str, Any]:
        row = tx.execute(select(handoffs.c.packet).where(handoffs.c.id == handoff)).one_or_none()
        if row is None:
            raise NotFound("没有找到这次转人工的记录。")
        audit.write(tx, actor, "export", f"handoff:{handoff}", desk.clock())
        return dict(row.packet)

    content = await desk.database.write(write)
    return JSONResponse(
        content,
        headers={"Content-Disposition": f'attachment; filename="handoff-{handoff}.json"'},
    )


@api.get("/audit")
async def audited(
    actor: Annotated[Actor, Depends(May(Op.AUDIT))],
    desk: DeskDep,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    agent: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = None,
    action: Annotated[str | None, Query(pattern=r"^[a-z_]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=audit.MAX_PAGE)] = 50,
) -> dict[str, Any]:
    """What agents did, newest first."""
    found = await desk.database.read(
        lambda tx: audit.entries(tx, before=before, agent=agent, action=action, limit=limit)
    )
    return {"items": found}


async def _agent(desk: Desk, agent_id: str) -> dict[str, Any]:
    now = desk.clock()
    people = await desk.database.read(lambda tx: staff.colleagues(tx, now, everybody=True))
    return next(one for one in people if one["id"] == agent_id)


async def _note(desk: Desk, actor: Actor, action: str, agent: str, data: dict[str, Any]) -> None:
    def write(tx: Connection) -> None:
        audit.write(tx, actor, action, f"agent:{agent}", desk.clock(), data=data)

    await desk.database.write(write)

"""Cases, whoever has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from sqlalchemy import Connection, select

from bot.conversations import Author, Bubble, Said, say
from bot.desk.accounts import Actor
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.work import audit, cases
from bot.errors import DeskConflict
from bot.records.tables import conversations, episodes

api = router("cases")

Case = Annotated[Actor, Depends(May(Op.CASE))]


@api.get("/cases")
async def listed(
    actor: Case,
    desk: DeskDep,
    status: Literal["open", "doing", "done"] | None = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """One's own and unowned cases (a supervisor: all), what is due first before what is done."""
    now = desk.clock()
    found = await desk.database.read(
        lambda tx: cases.listed(tx, actor, now, status=status, mine=mine, limit=limit)
    )
    return {"items": found}


@api.get("/cases/{case}")
async def one(case: Id, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """A case with its steps."""
    now = desk.clock()
    return await desk.database.read(lambda tx: cases.one(tx, actor, case, now))


@api.patch("/cases/{case}")
async def change(case: Id, body: bodies.CaseChange, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """Change status, grade, owner, due time or result; each is written down as a step."""
    now = desk.clock()
    fields = body.model_dump(exclude_unset=True)
    if "owner" in fields:
        fields["owner_id"] = fields.pop("owner")
    fields = {name: v for name, v in fields.items() if v is not None or name == "owner_id"}

    def write(tx: Connection) -> dict[str, Any]:
        if fields:
            cases.change(tx, actor, case, fields, now)
            if fields.get("status") == "done":
                desk.care.closed_at_desk(tx, case, actor.id)
            # Whoever gave it away may still see what they did.
            return cases.with_steps(tx, cases.row_of(tx, case), now)
        return cases.one(tx, actor, case, now)

    return await desk.database.write(write)


@api.post("/cases/{case}/steps")
async def step(case: Id, body: bodies.StepBody, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """Write down what was done about it."""
    now = desk.clock()

    def write(tx: Connection) -> dict[str, Any]:
        row = cases.reachable(tx, actor, case)
        if row.status == "done":
            raise DeskConflict("这个工单已经办结了。", "case_done")
        cases.step(tx, case, actor, "note", body.text, now)
        return cases.one(tx, actor, case, now)

    return await desk.database.write(write)


@api.post("/cases/{case}/answer")
async def answer(case: Id, body: bodies.AnswerBody, actor: Case, desk: DeskDep) -> dict[str, Any]:
    """Tell the customer on the channel that they wrote on, and close the case."""
    now = desk.clock()

    def write(tx: Connection) -> tuple[Said, dict[str, Any]]:
        cases.lock_where(tx, case)
        row = cases.close_answered(tx, actor, case, body.text, now)
        desk.care.closed_at_desk(tx, case, actor.id)
        said = say(
            tx,
            row.conversation_id,
            Author.AGENT,
            [Bubble(body.text)],
            now,
            push_channels=desk.push_channels,
            episode_id=_episode(tx, row),
            agent_id=actor.id,
        )
        audit.write(tx, actor, "case_answer", f"case:{case}", now)
        return said, cases.with_steps(tx, cases.row_of(tx, case), now)

    said, shown = await desk.database.write(write)
    await desk.bus.publish(said.key, *said.views)
    await desk.bus.changed(said.conversation_id)
    return shown


def _episode(tx: Connection, case: Any) -> str:
    """To which episode an answer belongs: the open one, else the one that the case is about."""
    open_one: str | None = tx.execute(
        select(conversations.c.episode_id).where(conversations.c.id == case.conversation_id)
    ).scalar_one()
    newest = (
        select(episodes.c.id)
        .where(episodes.c.conversation_id == case.conversation_id)
        .order_by(episodes.c.opened_at.desc())
        .limit(1)
    )
    return open_one or case.episode_id or str(tx.execute(newest).scalar_one())

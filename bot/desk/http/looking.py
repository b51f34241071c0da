"""Looking: lists, a conversation with its packet, its messages, its files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from sqlalchemy import Connection, select

from bot.conversations import ConversationKey
from bot.desk.accounts import LANGUAGES, SKILLS, Actor
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id, may_now, note_join
from bot.desk.permissions import Op
from bot.desk.reach import Reach, check_reach, within
from bot.desk.views import names
from bot.desk.views.items import MAX_ITEMS, items, listed
from bot.desk.views.messages import MAX_PAGE, page
from bot.desk.work import notes
from bot.errors import DeskError, UnknownFile
from bot.records.tables import handoffs
from bot.web import file_response

api = router("conversations")

See = Annotated[Actor, Depends(May(Op.SEE))]


@api.get("/meta")
async def meta(actor: See, desk: DeskDep) -> dict[str, Any]:
    """What the selects of a desk offer, with their Chinese texts."""
    policy = desk.handoffs.policy.current()

    def options(texts: dict[str, str]) -> list[dict[str, str]]:
        return [{"id": name, "text": text} for name, text in texts.items()]

    return {
        "skills": list(SKILLS),
        "languages": list(LANGUAGES),
        "dispositions": options(names.DISPOSITIONS),
        "case_kinds": options(names.CASE_KINDS),
        "case_states": options(names.CASE_STATES),
        "grades": options(names.GRADES),
        "channels": options(names.CHANNELS),
        "presences": options(names.PRESENCES),
        "intents": options(names.INTENTS),
        "reasons": [{"id": name, "text": rule.text} for name, rule in policy.reasons.items()],
    }


@api.get("/conversations")
async def conversations(
    actor: See,
    desk: DeskDep,
    which: Annotated[
        Literal["mine", "queue", "snoozed", "all", "recent"], Query(alias="list")
    ] = "mine",
    limit: Annotated[int, Query(ge=1, le=MAX_ITEMS)] = 200,
) -> dict[str, Any]:
    """A list of conversations, and how long it is in all; ``all`` is for supervisors."""
    policy, now = desk.handoffs.policy.current(), desk.clock()
    found, total = await desk.database.read(lambda tx: listed(tx, which, actor, policy, now, limit))
    return {"items": found, "total": total}


@api.get("/conversations/{conversation}")
async def conversation(conversation: Id, actor: See, desk: DeskDep) -> dict[str, Any]:
    """A conversation with the packet of its handoff, notes, and what one may do with it now."""
    policy, now = desk.handoffs.policy.current(), desk.clock()

    def read(tx: Connection) -> tuple[Any, dict[str, Any]]:
        row = check_reach(tx, actor, conversation, Reach.SEE)
        (item,) = items(tx, [conversation], policy, now)
        packet = None
        if item["handoff"] is not None:
            packet = tx.execute(
                select(handoffs.c.packet).where(handoffs.c.id == item["handoff"])
            ).scalar_one()
        return row, {
            "item": item,
            "packet": packet or None,
            "notes": notes.of_conversation(tx, actor, conversation),
            "may": may_now(actor, row),
        }

    row, shown = await desk.database.read(read)
    window = await desk.windows.of(ConversationKey(row.channel, row.external_id))
    return shown | {"window": window.as_json() if window else None}


@api.get("/conversations/{conversation}/messages")
async def messages(
    conversation: Id,
    actor: See,
    desk: DeskDep,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    after: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> dict[str, Any]:
    """Messages, oldest first: the newest, those before a seq, or those after one."""
    row = await within(desk.database, actor, conversation, Reach.SEE)
    if row.agent_id != actor.id and actor.may(Op.JOIN):
        await desk.database.write(lambda tx: note_join(tx, desk, actor, row))
    found = await desk.database.read(
        lambda tx: page(tx, conversation, before=before, after=after, limit=limit)
    )
    return {"messages": found}


@api.get("/files/{file}")
async def file(file: Id, actor: See, desk: DeskDep) -> Response:
    """A picture or document of a conversation within one's reach."""
    stored = await desk.files.load(file)
    try:
        await within(desk.database, actor, stored.conversation_id, Reach.SEE)
    except DeskError as error:
        raise UnknownFile("没有找到这个文件。") from error
    response = file_response(stored.name, stored.mime, stored.content)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

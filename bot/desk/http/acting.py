"""Acting in a conversation: answering, taking, passing on, ending; notes and tags beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from bot.conversations import Author, ConversationKey, Typing
from bot.desk.accounts import Actor
from bot.desk.errors import BadInput, TooFast
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, DeskRoute, May, router
from bot.desk.http.common import Id, note_join
from bot.desk.permissions import Op
from bot.desk.reach import Reach, check_reach, within
from bot.desk.service import Desk
from bot.desk.views.items import items
from bot.desk.views.messages import page
from bot.desk.work import audit, notes, tagging
from bot.errors import DeskConflict

UPLOAD_BYTES = 5 * 1024 * 1024 + 64 * 1024
"""The largest file and what a form puts around it."""


class UploadRoute(DeskRoute):
    """A route that takes a file."""

    body_bytes = UPLOAD_BYTES


api = router("conversations")
uploads = router("conversations", UploadRoute)

Reply = Annotated[Actor, Depends(May(Op.REPLY))]


@api.post("/conversations/{conversation}/messages")
async def reply(
    conversation: Id, body: bodies.ReplyBody, actor: Reply, desk: DeskDep
) -> dict[str, Any]:
    """Answer the customer; the same ``client_id`` again says it once."""
    await within(desk.database, actor, conversation, Reach.CHARGE)
    view = await desk.handoffs.reply(conversation, actor.id, body.text, body.files, body.client_id)
    (message,) = await desk.database.read(
        lambda tx: page(tx, conversation, after=view.seq - 1, limit=1)
    )
    return message


@uploads.post("/conversations/{conversation}/files")
async def upload(conversation: Id, request: Request, actor: Reply, desk: DeskDep) -> dict[str, Any]:
    """Store a file for a reply: a form's first file, or the raw body with ``X-File-Name``."""
    if not desk.uploads.take(actor.session):
        raise TooFast("上传得太快了，请稍等几秒再试。", 4)
    await within(desk.database, actor, conversation, Reach.CHARGE)
    name, content = await _file_of(request)
    return await desk.files.keep(conversation, Author.AGENT, name, content)


@api.post("/conversations/{conversation}/typing")
async def typing(
    conversation: Id, body: bodies.TypingBody, actor: Reply, desk: DeskDep
) -> dict[str, Any]:
    """Let the customer see that one is writing."""
    row = await within(desk.database, actor, conversation, Reach.CHARGE)
    key = ConversationKey(row.channel, row.external_id)
    await desk.bus.publish(key, Typing(body.on, Author.AGENT))
    return {"ok": True}


@api.post("/conversations/{conversation}/take")
async def take(
    conversation: Id, actor: Annotated[Actor, Depends(May(Op.TAKE))], desk: DeskDep
) -> dict[str, Any]:
    """Take a conversation out of the queue; of several at once exactly one gets it."""
    await within(desk.database, actor, conversation, Reach.SEE)
    await desk.handoffs.take(conversation, actor.id)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/transfer")
async def transfer(
    conversation: Id,
    body: bodies.TransferBody,
    actor: Annotated[Actor, Depends(May(Op.TRANSFER))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Pass it on: to a colleague, to whoever has a skill, to the supervisors; with a note."""
    await within(desk.database, actor, conversation, Reach.HELP)
    await desk.handoffs.transfer(
        conversation,
        actor.id,
        body.note,
        to_agent=body.to.agent,
        to_skill=body.to.skill,
        to_supervisor=bool(body.to.supervisor),
    )
    if body.note:
        # Whoever passed a conversation on may no longer reach it, and still says why.
        await _write_note(desk, actor, conversation, f"转接备注：{body.note}", need=Reach.NONE)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/snooze")
async def snooze(
    conversation: Id,
    body: bodies.SnoozeBody,
    actor: Annotated[Actor, Depends(May(Op.SNOOZE))],
    desk: DeskDep,
) -> dict[str, Any]:
    """Lay it aside for so long, or until the customer writes."""
    await within(desk.database, actor, conversation, Reach.CHARGE)
    until = desk.clock() + timedelta(minutes=body.minutes)
    await desk.handoffs.snooze(conversation, actor.id, until)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/resolve")
async def resolve(
    conversation: Id,
    body: bodies.ResolveBody,
    actor: Annotated[Actor, Depends(May(Op.RESOLVE))],
    desk: DeskDep,
) -> dict[str, Any]:
    """The matter is settled: the episode ends."""
    await within(desk.database, actor, conversation, Reach.CHARGE)
    await desk.handoffs.resolve(conversation, actor.id, body.disposition, body.note)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/hand-back")
async def hand_back(
    conversation: Id,
    body: bodies.HandBackBody,
    actor: Annotated[Actor, Depends(May(Op.HAND_BACK))],
    desk: DeskDep,
) -> dict[str, Any]:
    """The bot goes on and knows what was agreed."""
    await within(desk.database, actor, conversation, Reach.CHARGE)
    await desk.handoffs.hand_back(conversation, actor.id, body.note)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/take-over")
async def take_over(
    conversation: Id, actor: Annotated[Actor, Depends(May(Op.TAKE_OVER))], desk: DeskDep
) -> dict[str, Any]:
    """A supervisor takes a conversation, whoever has it."""
    row = await within(desk.database, actor, conversation, Reach.SEE)
    if row.owner != "human":
        raise DeskConflict("这个会话还由机器人接待，没有转给人工。", "not_handed_over")

    def note(tx: Connection) -> None:
        audit.write(
            tx,
            actor,
            "take_over",
            f"conversation:{conversation}",
            desk.clock(),
            data={"from": row.agent_id},
        )

    await desk.handoffs.take_over(conversation, actor.id)
    await desk.database.write(note)
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/join")
async def join(
    conversation: Id, actor: Annotated[Actor, Depends(May(Op.JOIN))], desk: DeskDep
) -> dict[str, Any]:
    """A supervisor looks in silently; nobody is told, the audit knows."""
    row = await within(desk.database, actor, conversation, Reach.SEE)
    await desk.database.write(lambda tx: note_join(tx, desk, actor, row))
    return await _item(desk, conversation)


@api.post("/conversations/{conversation}/notes")
async def note(
    conversation: Id,
    body: bodies.NoteBody,
    actor: Annotated[Actor, Depends(May(Op.NOTE))],
    desk: DeskDep,
) -> dict[str, Any]:
    """A note for colleagues; as ``whisper`` a supervisor's word to the agent in charge."""
    if body.kind == notes.WHISPER:
        actor.require(Op.WHISPER)
    return await _write_note(desk, actor, conversation, body.text, body.kind)


@api.put("/conversations/{conversation}/tags")
async def tags(
    conversation: Id,
    body: bodies.TagsBody,
    actor: Annotated[Actor, Depends(May(Op.TAG))],
    desk: DeskDep,
) -> dict[str, Any]:
    """The customer's tags, all of them; they follow the customer over all channels."""

    def write(tx: Connection) -> list[str]:
        check_reach(tx, actor, conversation, Reach.HELP)
        return tagging.replace(tx, actor, conversation, body.tags, desk.clock())

    kept = await desk.database.write(write)
    await desk.bus.changed(conversation)
    return {"tags": kept}


async def _write_note(
    desk: Desk,
    actor: Actor,
    conversation: str,
    text: str,
    kind: str = notes.NOTE,
    need: Reach = Reach.HELP,
) -> dict[str, Any]:
    now = desk.clock()

    def write(tx: Connection) -> dict[str, Any]:
        row = check_reach(tx, actor, conversation, need)
        note_id = notes.add(tx, actor, row, kind, text, now)
        if kind == notes.WHISPER:
            audit.write(tx, actor, "whisper", f"conversation:{conversation}", now)
        return next(n for n in notes.all_of(tx, conversation) if n["id"] == note_id)

    written = await desk.database.write(write)
    await desk.bus.changed(conversation)
    return written


async def _item(desk: Desk, conversation: str) -> dict[str, Any]:
    policy, now = desk.handoffs.policy.current(), desk.clock()
    (item,) = await desk.database.read(lambda tx: items(tx, [conversation], policy, now))
    return {"item": item}


async def _file_of(request: Request) -> tuple[str, bytes]:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return unquote(request.headers.get("x-file-name", "")), await request.body()
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            for value in form.values():
                if isinstance(value, UploadFile):
                    return value.filename or "", await value.read()
    except HTTPException:
        pass  # how Starlette says that the form is broken
    raise BadInput("没有收到文件，请重新选择。")

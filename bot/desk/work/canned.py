"""Canned replies: shared ones and one's own, with variables that are filled in when one is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from bot.desk.accounts import Actor
from bot.desk.errors import BadInput
from bot.desk.permissions import Op
from bot.errors import DeskConflict, DeskForbidden, NotFound
from bot.records import new_id
from bot.records.tables import canned_replies

SEED = Path(__file__).parent / "canned.yml"
VARIABLES = ("客户姓名", "订单号", "商品", "客服姓名")
MAX_PER_AGENT = 200
_VARIABLE = re.compile(r"\{([^{}]{1,8})\}")
_SHORTCUT = re.compile(r"[a-z0-9\u4e00-\u9fff]{1,12}")


@dataclass(frozen=True)
class Canned:
    """A reply as somebody writes it."""

    shortcut: str
    title: str
    body: str
    intents: tuple[str, ...] = ()
    shared: bool = False


def seed(tx: Connection, now: datetime) -> None:
    """Give an empty table the replies that every desk starts with."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(827366)))
    if tx.execute(select(canned_replies.c.id).limit(1)).first() is not None:
        return
    for entry in yaml.safe_load(SEED.read_text("utf-8")):
        _insert(tx, None, Canned(**{**entry, "shared": True}), now)


def readable(tx: Connection, actor: Actor) -> list[dict[str, Any]]:
    """The shared ones and one's own, by shortcut."""
    query = (
        select(canned_replies)
        .where(or_(canned_replies.c.owner_id.is_(None), canned_replies.c.owner_id == actor.id))
        .order_by(canned_replies.c.shortcut, canned_replies.c.title)
    )
    return [view(row) for row in tx.execute(query)]


def add(tx: Connection, actor: Actor, canned: Canned, now: datetime) -> dict[str, Any]:
    """Keep a new one.

    Raises:
        BadInput: a field is not acceptable.
        DeskForbidden: a shared one is not this agent's to make.
        DeskConflict: the shortcut is taken, or there are too many.
    """
    _check(canned)
    owner = _owner(actor, canned)
    count: int = tx.execute(
        select(func.count()).select_from(canned_replies).where(_of(owner))
    ).scalar_one()
    if count >= MAX_PER_AGENT:
        raise DeskConflict(f"快捷回复最多 {MAX_PER_AGENT} 条，请先删掉不用的。", "too_many")
    _refuse_taken(tx, owner, canned.shortcut)
    return one(tx, actor, _insert(tx, owner, canned, now))


def change(
    tx: Connection, actor: Actor, canned_id: str, canned: Canned, now: datetime
) -> dict[str, Any]:
    """Write one anew; whose it is stays as it was.

    Raises:
        NotFound, DeskForbidden, BadInput, DeskConflict: as for `add`.
    """
    _check(canned)
    known = _own(tx, actor, canned_id)
    _refuse_taken(tx, known.owner_id, canned.shortcut, but=canned_id)
    tx.execute(
        update(canned_replies)
        .where(canned_replies.c.id == canned_id)
        .values(
            shortcut=canned.shortcut,
            title=canned.title,
            body=canned.body,
            intents=list(canned.intents),
            changed_at=now,
        )
    )
    return one(tx, actor, canned_id)


def remove(tx: Connection, actor: Actor, canned_id: str) -> dict[str, Any]:
    """Throw one away; returns it.

    Raises:
        NotFound, DeskForbidden: it is not there, or not this agent's to remove.
    """
    known = _own(tx, actor, canned_id)
    tx.execute(delete(canned_replies).where(canned_replies.c.id == canned_id))
    return view(known)


def one(tx: Connection, actor: Actor, canned_id: str) -> dict[str, Any]:
    """One that this agent may use.

    Raises:
        NotFound: there is none.
    """
    query = select(canned_replies).where(canned_replies.c.id == canned_id)
    row = tx.execute(query).one_or_none()
    if row is None or row.owner_id not in (None, actor.id):
        raise NotFound("没有找到这条快捷回复。")
    return view(row)


def fill(body: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its variables filled in, and those that nothing is known for (left standing)."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in values:
            return values[name]
        if name in VARIABLES and name not in missing:
            missing.append(name)
        return found[0]

    return _VARIABLE.sub(value, body), missing


def view(row: Any) -> dict[str, Any]:
    """The wire form of docs/desk.md."""
    return {
        "id": row.id,
        "shortcut": row.shortcut,
        "title": row.title,
        "body": row.body,
        "intents": list(row.intents),
        "shared": row.owner_id is None,
    }


def _owner(actor: Actor, canned: Canned) -> str | None:
    if canned.shared:
        actor.require(Op.CANNED_SHARED)
        return None
    return actor.id


def _own(tx: Connection, actor: Actor, canned_id: str) -> Any:
    query = select(canned_replies).where(canned_replies.c.id == canned_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None or row.owner_id not in (None, actor.id):
        raise NotFound("没有找到这条快捷回复。")
    if row.owner_id is None and not actor.may(Op.CANNED_SHARED):
        raise DeskForbidden("公共快捷回复由主管维护，您可以新建自己的。")
    return row


def _of(owner: str | None) -> Any:
    column = canned_replies.c.owner_id
    return column.is_(None) if owner is None else column == owner


def _refuse_taken(tx: Connection, owner: str | None, shortcut: str, but: str = "") -> None:
    query = select(canned_replies.c.id).where(
        _of(owner), canned_replies.c.shortcut == shortcut, canned_replies.c.id != but
    )
    if tx.execute(query).first() is not None:
        raise DeskConflict("这个快捷码已经有了，请换一个。", "shortcut_taken")


def _insert(tx: Connection, owner: str | None, canned: Canned, now: datetime) -> str:
    canned_id = new_id("cr")
    tx.execute(
        insert(canned_replies).values(
            id=canned_id,
            owner_id=owner,
            shortcut=canned.shortcut,
            title=canned.title,
            body=canned.body,
            intents=list(canned.intents),
            changed_at=now,
        )
    )
    return canned_id


def _check(canned: Canned) -> None:
    if not _SHORTCUT.fullmatch(canned.shortcut):
        raise BadInput("快捷码用 1 到 12 个小写字母、数字或汉字。")
    unknown = [name for name in _VARIABLE.findall(canned.body) if name not in VARIABLES]
    if unknown:
        known = "".join("{" + name + "}" for name in VARIABLES)
        raise BadInput(f"没有变量「{unknown[0]}」，可用的有：{known}。")

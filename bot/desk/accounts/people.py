"""The agents: who they are, what they can, whether they may come in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.desk.accounts.passwords import Passwords, check_password
from bot.desk.accounts.sessions import end_sessions
from bot.desk.errors import BadInput
from bot.desk.permissions import Role
from bot.errors import DeskConflict, NotFound
from bot.records import Database, new_id
from bot.records.tables import agents

SKILLS = ("售前", "售后", "投诉", "电话")
"""What conversations are sorted by; an agent has one or more."""
LANGUAGES = ("zh", "en")
MAX_CAPACITY = 50
_EXTENSION = re.compile(r"\d{2,16}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_NAME = re.compile(r"[\w\u4e00-\u9fff·. ]{1,20}")


@dataclass(frozen=True)
class NewAgent:
    """An agent to be.

    Args:
        login: small letters, digits, ``._-``.
        name: as customers read it.
        role: what they may.
        skills: of SKILLS.
        languages: of LANGUAGES.
        capacity: conversations at once, 1 to MAX_CAPACITY.
        extension: where their telephone rings; None: they have none.
    """

    login: str
    name: str
    role: Role = Role.AGENT
    skills: tuple[str, ...] = SKILLS
    languages: tuple[str, ...] = ("zh",)
    capacity: int = 5
    extension: str | None = None


class People:
    """Adds and changes agents.

    Args:
        database: where they are.
        passwords: hashes.
        clock: current time.
    """

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def add(self, new: NewAgent, password: str) -> str:
        """Add an agent and return their id.

        Raises:
            BadInput: a field is not acceptable.
            DeskConflict: the login is taken.
        """
        _check(vars(new))
        check_password(password, new.login)
        return await self.add_hashed(new, await self._passwords.hash(password))

    async def add_hashed(self, new: NewAgent, password_hash: str) -> str:
        """Add an agent whose password has been checked and hashed."""
        agent_id = new_id("ag")
        row = insert(agents).values(
            id=agent_id,
            login=new.login,
            name=new.name,
            role=new.role.value,
            password_hash=password_hash,
            skills=list(new.skills),
            languages=list(new.languages),
            capacity=new.capacity,
            extension=new.extension or None,
            active=True,
            presence="offline",
            created_at=self._clock(),
        )
        try:
            await self._database.write(lambda tx: tx.execute(row))
        except IntegrityError:
            raise DeskConflict("这个账号名已经有人用了，请换一个。", "login_taken") from None
        return agent_id

    async def change(self, agent_id: str, fields: dict[str, Any]) -> Any:
        """Change name, role, skills, languages, capacity or active; returns the row as it was.

        A deactivated agent, or one with another role, loses every session in the same transaction.

        Raises:
            BadInput: a field is not acceptable.
            DeskConflict: nobody would be left who can administer.
            NotFound: no such agent.
        """
        _check(fields)

        def work(tx: Connection) -> Any:
            # All administrators, in one order: two who remove each other leave one.
            admins = tx.execute(
                select(agents.c.id)
                .where(agents.c.role == Role.ADMIN.value, agents.c.active.is_(True))
                .order_by(agents.c.id)
                .with_for_update()
            ).scalars()
            remaining = set(admins) - {agent_id}
            before = tx.execute(
                select(agents).where(agents.c.id == agent_id).with_for_update()
            ).one_or_none()
            if before is None:
                raise NotFound("没有找到这位同事。")
            role = fields.get("role", before.role)
            active = fields.get("active", before.active)
            stays = active and role == Role.ADMIN.value
            if before.role == Role.ADMIN.value and before.active and not stays and not remaining:
                raise DeskConflict("至少要保留一位可用的管理员。", "last_admin")
            tx.execute(update(agents).where(agents.c.id == agent_id).values(**fields))
            if not active:
                # No sign of life: whoever minds the queue takes their work back at the next look.
                tx.execute(update(agents).where(agents.c.id == agent_id).values(seen_at=None))
            if not active or role != before.role:
                end_sessions(tx, agent_id)
            return before

        return await self._database.write(work)

    async def set_password(
        self, agent_id: str, login: str, password: str, *, keep: str = ""
    ) -> None:
        """Give an agent another password; every session but ``keep`` ends.

        Raises:
            BadInput: the password is not acceptable.
        """
        check_password(password, login)
        hashed = await self._passwords.hash(password)

        def work(tx: Connection) -> None:
            tx.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=hashed))
            end_sessions(tx, agent_id, but=keep)

        await self._database.write(work)

    async def forget_factor(self, agent_id: str) -> None:
        """Take an agent's second factor away, because it is lost."""
        gone = update(agents).where(agents.c.id == agent_id).values(totp_secret=None)
        await self._database.write(lambda tx: tx.execute(gone))

    async def by_login(self, login: str) -> Any:
        """The agent's row, or None."""
        query = select(agents).where(agents.c.login == login)
        return await self._database.read(lambda tx: tx.execute(query).one_or_none())

    async def by_id(self, agent_id: str) -> Any:
        """The agent's row.

        Raises:
            NotFound: no such agent.
        """
        query = select(agents).where(agents.c.id == agent_id)
        row = await self._database.read(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            raise NotFound("没有找到这位同事。")
        return row

    async def all(self) -> list[Any]:
        """All agents, in the order of their coming."""
        query = select(agents).order_by(agents.c.created_at, agents.c.login)
        return await self._database.read(lambda tx: list(tx.execute(query).all()))

    def now(self) -> datetime:
        """Current time."""
        return self._clock()


def _check(fields: dict[str, Any]) -> None:
    if "login" in fields and not _LOGIN.fullmatch(fields["login"]):
        raise BadInput("账号名用 2 到 32 个小写字母、数字或 . _ -，以字母或数字开头。")
    if "name" in fields and not (
        _NAME.fullmatch(fields["name"]) and fields["name"].strip() == fields["name"]
    ):
        raise BadInput("姓名用 1 到 20 个文字或字母。")
    if "role" in fields and fields["role"] not in list(Role):
        raise BadInput("角色只能是 agent、supervisor 或 admin。")
    for name, known in (("skills", SKILLS), ("languages", LANGUAGES)):
        given = fields.get(name)
        if given is not None and (not given or not set(given) <= set(known)):
            raise BadInput(f"{name} 只能从 {'、'.join(known)} 中选，至少一个。")
    extension = fields.get("extension")
    if extension and not _EXTENSION.fullmatch(extension):
        raise BadInput("分机号用 2 到 16 位数字。")
    if not 1 <= fields.get("capacity", 1) <= MAX_CAPACITY:
        raise BadInput(f"同时接待人数在 1 到 {MAX_CAPACITY} 之间。")

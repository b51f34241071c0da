"""``yingda agents``: who may log in at the desk, for those who have the machine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from getpass import getpass

from bot.clock import utc_now
from bot.conversations import Bus
from bot.desk import NewAgent, Passwords, People, Role
from bot.errors import DeskError
from bot.records import Database, DatabaseUnavailable
from yingda.launcher import LaunchError, configure

USAGE = 2


def add(
    login: str, name: str, role: str, skills: str, capacity: int, extension: str | None = None
) -> None:
    """Add an agent; the password comes from a prompt or a pipe, never from the command line."""
    if role not in list(Role):
        raise LaunchError(f"There is no role {role}: agent, supervisor or admin.", USAGE)
    wanted = tuple(skill.strip() for skill in skills.split(",") if skill.strip())
    new = NewAgent(login, name, Role(role), wanted, capacity=capacity, extension=extension)
    password = _ask_password()

    async def work(people: People) -> None:
        await people.add(new, password)

    _run(work)
    print(f"added {login} ({name}, {role})")


def show(*, as_json: bool) -> None:
    """Print all agents."""

    async def work(people: People) -> list[dict[str, object]]:
        return [
            {
                "login": row.login,
                "name": row.name,
                "role": row.role,
                "active": row.active,
                "presence": row.presence,
                "skills": list(row.skills),
                "capacity": row.capacity,
                "extension": row.extension,
                "totp": row.totp_secret is not None,
            }
            for row in await people.all()
        ]

    for one in _run(work):
        if as_json:
            print(json.dumps(one, ensure_ascii=False))
            continue
        state = one["presence"] if one["active"] else "deactivated"
        print(f"{one['login']:<16} {one['role']:<11} {state:<12} {one['name']}")


def passwd(login: str, *, drop_totp: bool) -> None:
    """Give an agent another password."""
    password = _ask_password()

    async def work(people: People) -> None:
        agent = await _known(people, login)
        await people.set_password(agent, login, password)
        if drop_totp:
            await people.forget_factor(agent)

    _run(work)
    print(f"changed; every session of {login} has ended")


def deactivate(login: str) -> None:
    """Let an agent in no more."""

    async def work(people: People) -> None:
        await people.change(await _known(people, login), {"active": False})

    _run(work)
    print(f"deactivated {login}")


async def _known(people: People, login: str) -> str:
    row = await people.by_login(login)
    if row is None:
        raise LaunchError(f"There is no agent {login}; see `yingda agents list`.")
    return str(row.id)


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise LaunchError("The two passwords differ; nothing was changed.")
    return password


def _run[T](work: Callable[[People], Awaitable[T]]) -> T:
    """Work on the database, and tell a running service that agents changed."""
    url, redis = configure.stores()

    async def whole() -> T:
        database, passwords, bus = Database(url), Passwords(), Bus(redis)
        try:
            await database.migrate()
            result = await work(People(database, passwords, utc_now))
            await bus.changed()
            return result
        finally:
            passwords.close()
            await bus.stop()
            await database.close()

    try:
        return asyncio.run(whole())
    except DeskError as error:
        raise LaunchError(error.message, USAGE) from None
    except DatabaseUnavailable:
        raise LaunchError("The database cannot be opened or written.") from None

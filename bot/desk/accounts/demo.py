"""Agents to try the desk with, in demo mode only, all with the one generated password."""

from __future__ import annotations

from bot.desk.accounts.passwords import Passwords
from bot.desk.accounts.people import NewAgent, People
from bot.desk.permissions import Role
from bot.errors import DeskConflict

DEMO_AGENTS = (
    NewAgent("li", "小李", Role.AGENT, ("售前", "售后", "电话")),
    NewAgent("zhou", "小周", Role.AGENT, ("售后", "投诉")),
    NewAgent("chen", "陈主管", Role.SUPERVISOR, capacity=8),
    NewAgent("admin", "管理员", Role.ADMIN),
)


async def seed_demo_agents(people: People, passwords: Passwords, password: str) -> None:
    """Add whom is missing; those who are there keep what was changed about them."""
    hashed: str | None = None
    for new in DEMO_AGENTS:
        if await people.by_login(new.login) is None:
            hashed = hashed or await passwords.hash(password)
            try:
                await people.add_hashed(new, hashed)
            except DeskConflict:
                continue  # another replica, starting with us, was faster

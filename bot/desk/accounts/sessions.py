"""Who is at the desk: sessions of agents, of which only a hash of the token is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from bot.clock import Clock
from bot.desk.permissions import ALLOWED, Op, Role
from bot.errors import DeskForbidden
from bot.records import Database
from bot.records.tables import agent_sessions, agents

IDLE = timedelta(hours=12)
LIFE = timedelta(hours=24)
_NOTE_EVERY = timedelta(minutes=1)
"""How exactly it is remembered when a session was last used."""


@dataclass(frozen=True)
class Actor:
    """An agent who is doing something now.

    Args:
        id: of the agent.
        login: what they log in as.
        name: what customers and colleagues read.
        role: what they may.
        session: hash of the session's token.
        address: where the request came from, for the audit.
    """

    id: str
    login: str
    name: str
    role: Role
    session: str
    address: str

    def may(self, op: Op) -> bool:
        """Whether the role allows it."""
        return op in ALLOWED[self.role]

    def require(self, op: Op) -> None:
        """Refuse what the role does not allow.

        Raises:
            DeskForbidden: it does not.
        """
        if not self.may(op):
            raise DeskForbidden


class Sessions:
    """Opens, finds and ends sessions.

    Args:
        database: where they are kept, so that every replica knows them.
        clock: current time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, agent_id: str) -> str:
        """Begin a session; returns its token, which exists nowhere else."""
        token = secrets.token_urlsafe(32)
        now = self._clock()

        def begin(tx: Connection) -> None:
            tx.execute(delete(agent_sessions).where(_over(now)))
            tx.execute(
                insert(agent_sessions).values(
                    token_hash=hash_of(token),
                    agent_id=agent_id,
                    opened_at=now,
                    seen_at=now,
                    expires_at=now + LIFE,
                )
            )

        await self._database.write(begin)
        return token

    async def actor(self, token: str, address: str) -> Actor | None:
        """Whose token this is; None when it is nobody's (any more)."""
        hashed = hash_of(token)
        now = self._clock()
        found = (await self.living([hashed])).get(hashed)
        if found is None:
            return None
        actor, seen_at = found
        if now - seen_at > _NOTE_EVERY:
            used = (
                update(agent_sessions)
                .where(agent_sessions.c.token_hash == hashed)
                .values(seen_at=now)
            )
            await self._database.write(lambda tx: tx.execute(used))
        return Actor(actor.id, actor.login, actor.name, actor.role, hashed, address)

    async def living(self, hashes: list[str]) -> dict[str, tuple[Actor, datetime]]:
        """Those of these sessions that hold now, and when each was last used."""
        now = self._clock()
        query = (
            select(agent_sessions.c.token_hash, agent_sessions.c.seen_at, agents)
            .join(agents, agents.c.id == agent_sessions.c.agent_id)
            .where(agent_sessions.c.token_hash.in_(hashes))
            .where(agents.c.active.is_(True), ~_over(now))
        )
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        return {
            row.token_hash: (
                Actor(row.id, row.login, row.name, Role(row.role), row.token_hash, ""),
                row.seen_at,
            )
            for row in rows
        }

    async def note_use(self, hashes: list[str]) -> None:
        """These sessions are in use: their idle time begins anew."""
        now = self._clock()
        used = (
            update(agent_sessions)
            .where(agent_sessions.c.token_hash.in_(hashes))
            .where(agent_sessions.c.seen_at < now - _NOTE_EVERY)
            .values(seen_at=now)
        )
        if hashes:
            await self._database.write(lambda tx: tx.execute(used))

    async def close(self, session: str) -> None:
        """End a session by the hash of its token."""
        gone = delete(agent_sessions).where(agent_sessions.c.token_hash == session)
        await self._database.write(lambda tx: tx.execute(gone))


def end_sessions(tx: Connection, agent_id: str, *, but: str = "") -> None:
    """End an agent's sessions, all of them or all but the one that they are using."""
    tx.execute(
        delete(agent_sessions)
        .where(agent_sessions.c.agent_id == agent_id)
        .where(agent_sessions.c.token_hash != but)
    )


def hash_of(token: str) -> str:
    """What is stored of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(agent_sessions.c.expires_at <= now, agent_sessions.c.seen_at <= now - IDLE)

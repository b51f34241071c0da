"""The queue: who is next, how long it takes, and who gets whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from bot.handoff.giving import Gift, give, lock_waiting
from bot.handoff.ownership import LEADS
from bot.handoff.policy import Assignment, Policy
from bot.handoff.rows import lock_queue
from bot.handoff.step import Step
from bot.records.tables import agents, conversations, handoffs

FIRST, PAGE = 40, 500
"""Waiting handoffs that are looked at together, at first and when none of those fits."""

BATCH = 50
"""Assignments in one transaction: short ones let others in between."""

MEASURED = 50
"""Handoffs closed last that the mean handling time is taken from."""


@dataclass(frozen=True)
class Place:
    """Where a conversation stands in the queue.

    Args:
        place: 1 is next.
        wait_s: expected wait in seconds; None while nobody is on duty.
    """

    place: int
    wait_s: float | None


@dataclass(frozen=True)
class Figures:
    """How the queue stands.

    Args:
        waiting: conversations in the queue.
        longest_wait_s: age of the oldest of them, in seconds; 0 with none.
        assigned: conversations in agents' hands.
        on_duty: agents who can be given work, supervisors included.
    """

    waiting: int
    longest_wait_s: float
    assigned: int
    on_duty: int


@dataclass(frozen=True)
class FreeAgent:
    """An agent with free capacity."""

    id: str
    name: str
    role: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    free: int
    assigned_at: datetime | None


Served = frozenset[tuple[str, str]]
"""Skill and language of every agent at work, free or not."""


def place_of(tx: Connection, handoff: Any, policy: Policy, now: datetime) -> Place:
    """Where a waiting handoff stands, and the wait that the real queue lets expect.

    Ahead are those of better priority, or of the same and older. While capacity is free the next
    ones are served at once; the others wait for somebody to finish, which happens once in every
    mean handling time for each place that agents have.
    """
    ahead: int = tx.execute(
        select(func.count())
        .select_from(handoffs)
        .where(handoffs.c.status == "waiting", handoffs.c.id != handoff.id)
        .where(
            or_(
                handoffs.c.priority < handoff.priority,
                and_(
                    handoffs.c.priority == handoff.priority,
                    or_(
                        handoffs.c.queued_at < handoff.queued_at,
                        and_(handoffs.c.queued_at == handoff.queued_at, handoffs.c.id < handoff.id),
                    ),
                ),
            )
        )
    ).scalar_one()
    capacity: int = tx.execute(
        select(func.coalesce(func.sum(agents.c.capacity), 0)).where(
            on_duty(policy.assignment, now), agents.c.role == "agent"
        )
    ).scalar_one()
    if not capacity:
        return Place(ahead + 1, None)
    busy: int = tx.execute(
        select(func.count()).select_from(handoffs).where(handoffs.c.status == "assigned")
    ).scalar_one()
    free = max(0, capacity - busy)
    if ahead < free:
        return Place(ahead + 1, 0.0)
    turns = (ahead + 1 - free) / capacity
    return Place(ahead + 1, turns * mean_handling_s(tx, policy.assignment))


def mean_handling_s(tx: Connection, rules: Assignment) -> float:
    """Mean time from assignment to end of the handoffs closed last, in seconds."""
    last = tx.execute(
        select(handoffs.c.assigned_at, handoffs.c.closed_at)
        .where(handoffs.c.closed_at.is_not(None))
        .order_by(handoffs.c.closed_at.desc())
        .limit(MEASURED)
    )
    times = [(row.closed_at - row.assigned_at).total_seconds() for row in last if row.assigned_at]
    return max(1.0, sum(times) / len(times)) if times else rules.handling_default_s


def on_duty(rules: Assignment, now: datetime) -> Any:
    """The condition of agents who can be given work: there, alive, and not left the company."""
    alive = agents.c.seen_at > now - timedelta(seconds=rules.offline_after_s)
    return and_(agents.c.presence == "online", agents.c.active.is_(True), alive)


def figures(tx: Connection, rules: Assignment, now: datetime) -> Figures:
    """How the queue stands now."""
    rows = tx.execute(
        select(handoffs.c.status, func.count().label("number"), func.min(handoffs.c.queued_at))
        .where(handoffs.c.status.in_(("waiting", "assigned")))
        .group_by(handoffs.c.status)
    )
    counted = {row.status: (row.number, row[2]) for row in rows}
    waiting, oldest = counted.get("waiting", (0, None))
    there: int = tx.execute(
        select(func.count()).select_from(agents).where(on_duty(rules, now))
    ).scalar_one()
    return Figures(
        waiting=waiting,
        longest_wait_s=(now - oldest).total_seconds() if oldest is not None else 0.0,
        assigned=counted.get("assigned", (0, None))[0],
        on_duty=there,
    )


def anybody_on_duty(tx: Connection, rules: Assignment, now: datetime) -> bool:
    """Whether at least one agent is there."""
    return tx.execute(select(agents.c.id).where(on_duty(rules, now)).limit(1)).first() is not None


def assign(step: Step) -> int:
    """Give waiting conversations to free agents, best first; returns how many.

    At most BATCH of them: the caller comes again while there were that many.
    """
    lock_queue(step.tx)
    rules = step.policy.assignment
    free, served = _at_work(step.tx, rules, step.now)
    given = 0
    offset = 0
    while free and given < BATCH:
        page = PAGE if offset else FIRST + len(free)
        waiting = _waiting(step.tx, offset, page)
        pairs: list[tuple[Any, FreeAgent]] = []
        for handoff in waiting:
            agent = choose(handoff, free.values(), served, rules, step.now)
            if agent is None:
                continue
            pairs.append((handoff, agent))
            if agent.free > 1:
                free[agent.id] = replace(agent, free=agent.free - 1, assigned_at=step.now)
            else:
                del free[agent.id]
            if not free or given + len(pairs) == BATCH:
                break
        # Who has just cancelled, or was taken by somebody, is left alone; the agent stays free.
        rows = lock_waiting(step, [handoff for handoff, _agent in pairs]) if pairs else {}
        gifts = [
            Gift(rows[handoff.conversation_id], handoff, agent)
            for handoff, agent in pairs
            if handoff.conversation_id in rows
        ]
        give(step, gifts)
        given += len(gifts)
        if len(waiting) < page:
            break
        offset += page
    return given


def choose(
    handoff: Any, free: Iterable[FreeAgent], served: Served, rules: Assignment, now: datetime
) -> FreeAgent | None:
    """Whom a waiting handoff goes to; None where it has to wait on.

    The agent whom the customer spoke with before comes first. Then those with skill and language,
    who have not passed it on, longest without a new conversation first. Once it has waited
    ``relax_skill_after_s`` skill and language no longer matter, and who passed it on is asked again
    when nobody else is free. Skill and language do not matter either while no agent at work has
    them: waiting would bring nobody. Supervisors take part when they were called, or when no agent
    is free.
    """
    waited = (now - handoff.queued_at).total_seconds()
    relaxed = waited >= rules.relax_skill_after_s
    candidates = list(free)
    for agent in candidates:
        if agent.id == handoff.wanted_agent_id:
            return agent
    if handoff.wanted_agent_id and waited < rules.wait_for_wanted_s and not handoff.passed:
        return None
    if handoff.supervised:
        leads = [agent for agent in candidates if agent.role in LEADS]
        candidates = leads or (candidates if relaxed else [])
    else:
        candidates = [agent for agent in candidates if agent.role not in LEADS] or (
            candidates if relaxed else []
        )
    fit = [
        agent
        for agent in candidates
        if relaxed
        or (handoff.skill, handoff.language) not in served
        or (handoff.skill in agent.skills and handoff.language in agent.languages)
        or (handoff.supervised and agent.role in LEADS)
    ]
    fresh = [agent for agent in fit if agent.id not in handoff.passed]
    pool = fresh or (fit if relaxed else [])
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return min(pool, key=lambda agent: (agent.assigned_at or never, agent.id), default=None)


def _waiting(tx: Connection, offset: int, page: int) -> list[Any]:
    return list(
        tx.execute(
            select(
                handoffs.c.id,
                handoffs.c.conversation_id,
                handoffs.c.episode_id,
                handoffs.c.priority,
                handoffs.c.queued_at,
                handoffs.c.skill,
                handoffs.c.language,
                handoffs.c.passed,
                handoffs.c.supervised,
                handoffs.c.wanted_agent_id,
            )
            .where(handoffs.c.status == "waiting")
            .order_by(handoffs.c.priority, handoffs.c.queued_at, handoffs.c.id)
            .limit(page)
            .offset(offset)
        )
    )


def _at_work(
    tx: Connection, rules: Assignment, now: datetime
) -> tuple[dict[str, FreeAgent], Served]:
    """Who has room for more, and what agents (supervisors aside) serve."""
    awake = or_(conversations.c.snoozed_until.is_(None), conversations.c.snoozed_until <= now)
    load = (
        select(handoffs.c.agent_id, func.count().label("load"))
        .select_from(handoffs.join(conversations, conversations.c.handoff_id == handoffs.c.id))
        .where(handoffs.c.status == "assigned", awake)
        .group_by(handoffs.c.agent_id)
        .subquery()
    )
    rows = tx.execute(
        select(agents, func.coalesce(load.c.load, 0).label("load"))
        .select_from(agents.outerjoin(load, load.c.agent_id == agents.c.id))
        .where(on_duty(rules, now), agents.c.role != "admin")
    ).all()
    served = frozenset(
        pair for row in rows if row.role not in LEADS for pair in product(row.skills, row.languages)
    )
    free = {
        row.id: FreeAgent(
            row.id,
            row.name,
            row.role,
            tuple(row.skills),
            tuple(row.languages),
            row.capacity - row.load,
            row.assigned_at,
        )
        for row in rows
        if row.capacity > row.load
    }
    return free, served

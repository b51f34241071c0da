"""What time changes about cases: looked for without locking, done in a transaction that looks again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.care.acting import locked
from bot.care.cases import OVER, RUNNING, WATCHING, set_due, write_step
from bot.care.owners import choose_owner, name_of, next_rank
from bot.care.policy import RANKS, CarePolicy
from bot.care.timers import SET, fire, set_timer
from bot.handoff.step import Step
from bot.records.tables import agents, care_cases, care_timers, cases

MOST = 200
"""Findings in one look; the next look, a second later, goes on."""


def due_timers(tx: Connection, now: Any) -> list[Any]:
    """Timers whose time has come, but for ``look``, which needs the shop; the oldest first."""
    query = (
        select(care_timers.c.id, care_timers.c.case_id, care_timers.c.kind)
        .where(care_timers.c.state == SET, care_timers.c.due_at <= now)
        .order_by(care_timers.c.due_at, care_timers.c.id)
        .limit(MOST)
    )
    return list(tx.execute(query))


def unowned(tx: Connection) -> list[str]:
    """Running cases that nobody has, while somebody is at work."""
    anybody = select(agents.c.id).where(
        agents.c.presence == "online", agents.c.active.is_(True), agents.c.role.in_(RANKS)
    )
    if tx.execute(anybody.limit(1)).first() is None:
        return []
    query = (
        select(care_cases.c.case_id)
        .join(cases, cases.c.id == care_cases.c.case_id)
        .where(care_cases.c.stage.in_(RUNNING), cases.c.owner_id.is_(None))
        .order_by(cases.c.due_at)
        .limit(MOST)
    )
    return list(tx.execute(query).scalars())


def assign(step: Step, policy: CarePolicy, case_id: str) -> None:
    """Give a case that nobody has to somebody who came to work."""
    row = locked(step.tx, case_id)
    if row.owner_id is not None or row.stage not in RUNNING:
        return
    rule = policy.levels[row.level]
    for rank in RANKS[RANKS.index(rule.owner) :]:
        chosen = choose_owner(step.tx, rank, skill=rule.skill)
        if chosen is not None:
            step.tx.execute(update(cases).where(cases.c.id == case_id).values(owner_id=chosen))
            write_step(step, case_id, "assigned", f"负责人：{name_of(step.tx, chosen)}")
            return


def time_is_up(step: Step, policy: CarePolicy, case_id: str, timer_id: int) -> None:
    """Deal with one timer, once."""
    row = locked(step.tx, case_id)
    timer = fire(step.tx, timer_id, step.now)
    if timer is None:
        return
    if timer.kind == "watch":
        if row.stage == WATCHING:
            _set_stage(step, case_id, OVER)
            write_step(step, case_id, "watch_over", "观察期结束，没有新的不满")
    elif timer.kind == "visit":
        _visit(step, policy, row, timer)
    elif row.stage in RUNNING or timer.kind == "visit_late":
        _late(step, policy, row, timer)


def _visit(step: Step, policy: CarePolicy, row: Any, timer: Any) -> None:
    """Time to ask the customer how it is."""
    within = timedelta(hours=policy.visit_within_hours)
    set_timer(step.tx, row.case_id, "visit_late", timer.number, step.now + within)
    hours = timer.number % 1000
    write_step(step, row.case_id, "visit_due", f"到了 {hours} 小时回访的时间")
    if row.stage in RUNNING:
        set_due(step, row.case_id)


_WHY = {
    "first": "超过处理时限仍无人跟进",
    "promise": "承诺客户的时间已到，还没有结果",
    "visit_late": "回访超时",
}


def _late(step: Step, policy: CarePolicy, row: Any, timer: Any) -> None:
    """A deadline has passed: the next rank gets the case."""
    rule = policy.levels[row.level]
    owner = next_rank(step.tx, row.owner_id, rule.owner)
    step.tx.execute(
        update(care_cases)
        .where(care_cases.c.case_id == row.case_id)
        .values(escalation=row.escalation + 1)
    )
    step.tx.execute(update(cases).where(cases.c.id == row.case_id).values(owner_id=owner))
    write_step(step, row.case_id, "late", f"{_WHY[timer.kind]}，升级给{name_of(step.tx, owner)}")
    again = timer.number % 10 + 1
    if timer.kind == "first" and again < policy.late.most:
        pause = timedelta(minutes=policy.late.again_minutes[row.level])
        set_timer(step.tx, row.case_id, "first", timer.number + 1, step.now + pause)


def _set_stage(step: Step, case_id: str, stage: str) -> None:
    step.tx.execute(update(care_cases).where(care_cases.c.case_id == case_id).values(stage=stage))

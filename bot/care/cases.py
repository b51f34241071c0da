"""Cases of upset customers: opened, raised, acted on, ended, watched and reopened.

Everybody locks in this order: the conversation, the customer's own lock (two conversations of one
customer), the case. A case is the desk's case (table ``cases``, kind ``emotion``) and one row of
``care_cases``; every change is a step that colleagues read and an event of the episode.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.care.owners import choose_owner, name_of, role_of
from bot.care.policy import LEVELS, RANKS, CarePolicy, LevelRule
from bot.care.timers import MET, VOID, next_deadline, set_timer, settle
from bot.handoff.messages import say_moment
from bot.handoff.step import Step
from bot.privacy import mask_shown
from bot.records import new_id
from bot.records.tables import care_cases, care_signals, case_steps, cases, conversations, events

KIND = "emotion"
WAITING, ACTING, WATCHING, OVER = "waiting", "acting", "watching", "over"
RUNNING = (WAITING, ACTING)
LEVEL_NAMES = {"light": "轻度", "medium": "中度", "severe": "重度"}
ENDINGS = {"turned_positive": "情绪转好", "settled": "已妥善处理", "lost": "未能挽回"}
_TITLE = 36


@dataclass(frozen=True)
class CareCase:
    """What calls for care.

    Args:
        conversation_id: where; its row is locked by the caller.
        episode_id: of which contact.
        level: light, medium or severe.
        cause: one of bot.care.CAUSES.
        scene: one of bot.care.SCENES.
        text: what the customer said.
        source: ``emotion`` (a sentence) or ``score`` (a low satisfaction score).
        title: in Chinese, for the desk; None makes one.
        seq: which message it was.
        score: of displeasure, 0 to 1.
        evidence: words that spoke for the cause.
        shop_customer_id: the verified customer.
        agent_id: who has the conversation.
    """

    conversation_id: str
    episode_id: str
    level: str
    cause: str
    scene: str
    text: str
    source: str = "emotion"
    title: str | None = None
    seq: int | None = None
    score: float = 0.5
    evidence: tuple[str, ...] = ()
    shop_customer_id: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True)
class Noted:
    """What became of a call: ``what`` is opened, raised, joined or reopened."""

    case_id: str
    what: str
    due_at: datetime


def open_care_case(step: Step, policy: CarePolicy, call: CareCase) -> str:
    """Open a case, or join, raise or reopen the customer's; returns its id."""
    return note_trouble(step, policy, call).case_id


def note_trouble(step: Step, policy: CarePolicy, call: CareCase) -> Noted:
    """An upset customer: there is a case for it from here on."""
    known = find_case(step.tx, call.conversation_id, call.shop_customer_id, step.now)
    if known is None:
        noted = _open(step, policy, call)
    elif known.stage == WATCHING:
        reopen(step, policy, known, call.level, f"又有不满（{call.cause}）：{_short(call.text)}")
        noted = Noted(known.case_id, "reopened", _due(step.tx, known.case_id))
    else:
        noted = _join(step, policy, known, call)
    signal(step, noted.case_id, "negative", call)
    return noted


def find_case(
    tx: Connection, conversation_id: str, customer: str | None, now: datetime
) -> Any | None:
    """The case of a customer that runs or is watched, locked; None if there is none."""
    lock_customer(tx, customer)
    whose = cases.c.conversation_id == conversation_id
    if customer is not None:
        whose = or_(whose, cases.c.shop_customer_id == customer)
    found = tx.execute(
        select(care_cases.c.case_id)
        .join(cases, cases.c.id == care_cases.c.case_id)
        .where(whose, care_cases.c.stage.in_((*RUNNING, WATCHING)))
        .where(or_(care_cases.c.watch_until.is_(None), care_cases.c.watch_until > now))
        .order_by(case((care_cases.c.stage == WATCHING, 1), else_=0), cases.c.opened_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return lock_case(tx, found) if found is not None else None


def lock_customer(tx: Connection, customer: str | None) -> None:
    """One at a time for a customer over all conversations (SQLite has one writer anyway)."""
    if customer is not None and tx.dialect.name == "postgresql":
        digest = hashlib.sha256(f"care {customer}".encode()).hexdigest()
        tx.execute(select(func.pg_advisory_xact_lock(int(digest[:15], 16))))


def lock_case(tx: Connection, case_id: str) -> Any | None:
    """A case with all its columns, locked; None if it is none of ours."""
    tx.execute(select(cases.c.id).where(cases.c.id == case_id).with_for_update())
    return tx.execute(
        select(cases, care_cases)
        .join(care_cases, care_cases.c.case_id == cases.c.id)
        .where(cases.c.id == case_id)
    ).one_or_none()


def write_step(step: Step, case_id: str, kind: str, text: str, agent_id: str | None = None) -> None:
    """Write down what happened to a case, for colleagues and in the episode's log."""
    step.tx.execute(
        insert(case_steps).values(
            case_id=case_id, agent_id=agent_id, kind=kind, text=text, at=step.now
        )
    )
    row = step.tx.execute(
        select(cases.c.conversation_id, cases.c.episode_id).where(cases.c.id == case_id)
    ).one()
    if row.episode_id is not None:
        step.tx.execute(
            insert(events).values(
                episode_id=row.episode_id,
                conversation_id=row.conversation_id,
                kind="care",
                data={"case": case_id, "what": kind},
                at=step.now,
            )
        )
    if row.conversation_id is not None:
        step.changed(row.conversation_id)


def signal(
    step: Step,
    case_id: str,
    kind: str,
    call: CareCase | None = None,
    *,
    name: str | None = None,
) -> bool:
    """Note something about a case; False if the same was noted before."""
    if call is not None and call.seq is not None:
        name = f"{call.conversation_id}:{call.seq}"
    dialect = sqlite if step.tx.dialect.name == "sqlite" else postgresql
    noted = step.tx.execute(
        dialect.insert(care_signals)
        .values(
            case_id=case_id,
            kind=kind,
            conversation_id=call.conversation_id if call else None,
            episode_id=call.episode_id if call else None,
            seq=call.seq if call else None,
            cause=call.cause if call else None,
            score=call.score if call else None,
            name=name,
            at=step.now,
        )
        .on_conflict_do_nothing(index_elements=["case_id", "kind", "name"])
    )
    return bool(noted.rowcount)


def reopen(step: Step, policy: CarePolicy, row: Any, level: str, why: str) -> None:
    """A watched case is not over after all: everything begins anew."""
    level = max(level, row.level, key=LEVELS.index)
    rule = policy.levels[level]
    ended = ENDINGS.get(row.ending, "")
    owner = row.owner_id if role_of(step.tx, row.owner_id) else None
    settle(step.tx, row.case_id, ("watch", "look", "visit", "visit_late"), VOID, step.now)
    _set_care(
        step,
        row.case_id,
        level=level,
        stage=WAITING,
        round=row.round + 1,
        reopened=row.reopened + 1,
        escalation=0,
        met_at=None,
        ending=None,
        ended_at=None,
        watch_until=None,
    )
    _set_case(
        step,
        row.case_id,
        status="open",
        grade=rule.grade,
        closed_at=None,
        owner_id=owner or _owner(step, rule),
        due_at=_begin(step, rule, row.case_id, row.round + 1),
    )
    write_step(step, row.case_id, "reopened", f"{why}（原以“{ended}”结束，现重新打开）")


def end(
    step: Step,
    policy: CarePolicy,
    row: Any,
    ending: str,
    result: str,
    agent_id: str | None = None,
) -> None:
    """A case comes to its end and is watched from here on. ``row`` is locked and running."""
    until = step.now + timedelta(days=policy.watch.days)
    settle(step.tx, row.case_id, ("first", "promise"), MET, step.now)
    _set_care(
        step,
        row.case_id,
        stage=WATCHING,
        met_at=row.met_at or step.now,
        ending=ending,
        ended_at=step.now,
        watch_until=until,
    )
    _set_case(
        step,
        row.case_id,
        status="done",
        closed_at=step.now,
        result=result or ENDINGS[ending],
        owner_id=row.owner_id or agent_id,
    )
    set_timer(step.tx, row.case_id, "watch", row.round, until)
    if row.shop_customer_id is not None:
        every = policy.watch.look_every_hours
        for number in range(1, policy.watch.days * 24 // every + 1):
            at = step.now + timedelta(hours=every * number) - timedelta(minutes=1)
            set_timer(step.tx, row.case_id, "look", row.round * 1000 + number, at)
    text = ENDINGS[ending] + (f"：{result}" if result else "")
    write_step(step, row.case_id, "ended", text, agent_id)


def set_due(step: Step, case_id: str) -> None:
    """The case is due when its next timer is."""
    due = next_deadline(step.tx, case_id)
    if due is not None:
        _set_case(step, case_id, due_at=due)


def _open(step: Step, policy: CarePolicy, call: CareCase) -> Noted:
    rule = policy.levels[call.level]
    case_id = new_id("cs")
    said = _short(call.text)
    handoff_id = step.tx.execute(
        select(conversations.c.handoff_id).where(conversations.c.id == call.conversation_id)
    ).scalar_one_or_none()
    owner = _owner(step, rule, call.agent_id)
    values = {
        "kind": KIND,
        "status": "open",
        "grade": rule.grade,
        "title": call.title or f"{LEVEL_NAMES[call.level]}不满 · {call.cause}：{said}",
        "detail": mask_shown(call.text),
        "conversation_id": call.conversation_id,
        "episode_id": call.episode_id,
        "handoff_id": handoff_id,
        "shop_customer_id": call.shop_customer_id,
        "owner_id": owner,
        "opened_at": step.now,
        "due_at": step.now,
    }
    step.tx.execute(insert(cases).values(id=case_id, **values))
    step.tx.execute(
        insert(care_cases).values(
            case_id=case_id,
            source=call.source,
            level=call.level,
            cause=call.cause,
            scene=call.scene,
            evidence=list(call.evidence),
            facts_known=False,
            stage=WAITING,
            round=1,
            escalation=0,
            reopened=0,
        )
    )
    due = _begin(step, rule, case_id, 1)
    _set_case(step, case_id, due_at=due)
    limit = say_moment(due, step.now)
    write_step(
        step, case_id, "opened", f"{LEVEL_NAMES[call.level]}不满（{call.cause}），{limit} 前处理"
    )
    write_step(step, case_id, "assigned", f"负责人：{name_of(step.tx, owner)}")
    return Noted(case_id, "opened", due)


def _join(step: Step, policy: CarePolicy, row: Any, call: CareCase) -> Noted:
    """Another negative sentence while a case runs: a worse one raises it."""
    if LEVELS.index(call.level) <= LEVELS.index(row.level):
        return Noted(row.case_id, "joined", row.due_at)
    rule = policy.levels[call.level]
    settle(step.tx, row.case_id, ("first",), VOID, step.now)
    # What was promised stays: a worse mood is no reason for a later plan. (Light promised a look.)
    promised = row.stage == WAITING and row.level != "light" and row.due_at > step.now
    latest = row.due_at if promised else None
    due = _begin(step, rule, row.case_id, row.round + 1, latest)
    enough = RANKS.index(role_of(step.tx, row.owner_id) or "agent") >= RANKS.index(rule.owner)
    owner = row.owner_id if row.owner_id and enough else _owner(step, rule, call.agent_id)
    _set_care(
        step,
        row.case_id,
        level=call.level,
        cause=call.cause,
        scene=call.scene,
        evidence=list(call.evidence),
        stage=WAITING,
        round=row.round + 1,
        met_at=None,
    )
    _set_case(step, row.case_id, grade=rule.grade, owner_id=owner, due_at=due)
    text = f"升为{LEVEL_NAMES[call.level]}（{call.cause}）：{_short(call.text)}"
    write_step(step, row.case_id, "raised", text)
    if owner != row.owner_id:
        write_step(step, row.case_id, "assigned", f"负责人：{name_of(step.tx, owner)}")
    return Noted(row.case_id, "raised", due)


def _begin(
    step: Step, rule: LevelRule, case_id: str, number: int, latest: datetime | None = None
) -> datetime:
    """Set the timers of a round; when the first step is due."""
    due = first_due(step, rule)
    if latest is not None:
        due = min(due, latest)
    set_timer(step.tx, case_id, "first", number * 10, due)
    for hours in rule.visits_hours:
        at = step.now + timedelta(hours=hours)
        set_timer(step.tx, case_id, "visit", number * 1000 + hours, at)
    return due


def first_due(step: Step, rule: LevelRule) -> datetime:
    """Until when the first step is due: counted while people are there."""
    within = timedelta(minutes=rule.within_minutes)
    hours = step.policy.hours
    if hours.are_open(step.now) and hours.are_open(step.now + within):
        return step.now + within
    return hours.next_opening(step.now) + within


def _owner(step: Step, rule: LevelRule, in_charge: str | None = None) -> str | None:
    rank = RANKS.index(rule.owner)
    if in_charge is not None:
        role = role_of(step.tx, in_charge)
        if role is not None and RANKS.index(role) >= rank:
            return in_charge
    for name in RANKS[rank:]:
        chosen = choose_owner(step.tx, name, skill=rule.skill)
        if chosen is not None:
            return chosen
    return None


def _set_case(step: Step, case_id: str, **values: Any) -> None:
    step.tx.execute(update(cases).where(cases.c.id == case_id).values(**values))


def _set_care(step: Step, case_id: str, **values: Any) -> None:
    step.tx.execute(update(care_cases).where(care_cases.c.case_id == case_id).values(**values))


def _due(tx: Connection, case_id: str) -> datetime:
    due: datetime = tx.execute(select(cases.c.due_at).where(cases.c.id == case_id)).scalar_one()
    return due


def _short(text: str) -> str:
    line = mask_shown(" ".join(text.split()))
    return line if len(line) <= _TITLE else f"{line[:_TITLE]}…"

"""What people do about a case: look, plan, speak with the customer, visit again, end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.care.cases import (
    ACTING,
    ENDINGS,
    RUNNING,
    WAITING,
    end,
    lock_case,
    set_due,
    write_step,
)
from bot.care.owners import role_of
from bot.care.policy import RANKS, CarePolicy
from bot.care.timers import MET, count_of, set_timer, settle, settle_next
from bot.conversations import Author, Bubble, say
from bot.errors import DeskConflict, DeskError, NotFound
from bot.handoff.messages import say_moment
from bot.handoff.rows import lock_conversation
from bot.handoff.step import Step
from bot.records.tables import care_cases, cases, conversations, episodes

ACTIONS = {
    "checked": "已查看",
    "plan": "给出方案",
    "contacted": "已联系客户",
    "visited": "已回访",
    "feedback": "客户反馈",
}
_FIRST_STEPS = ("checked", "plan", "contacted")
PROMISED_AT_MOST = timedelta(days=30)


class NeedsMore(DeskError):
    """Something that this step asks for is missing."""

    code = "needs_more"
    http_status = 422


@dataclass(frozen=True)
class Action:
    """What an agent did.

    Args:
        kind: one of ACTIONS.
        text: what was done; for a plan, the plan.
        promised_at: until when the customer shall have what the plan says.
        feedback: what the customer said.
        tell: send ``text`` to the customer, on their channel.
    """

    kind: str
    text: str
    promised_at: datetime | None = None
    feedback: str = ""
    tell: bool = False


def act(step: Step, policy: CarePolicy, case_id: str, agent_id: str, action: Action) -> None:
    """Write down what was done, and settle the timers that waited for it.

    Raises:
        NotFound: no such case.
        DeskConflict: it has ended (visits and feedback may still come).
        NeedsMore: a plan without a time, a visit without the customer's words.
    """
    row = locked(step.tx, case_id)
    running = row.stage in RUNNING
    if not running and action.kind not in ("visited", "feedback"):
        raise DeskConflict("这个个案已经结束，客户再有不满会自动重新打开。", "case_done")
    if action.kind in ("visited", "feedback") and not action.feedback:
        raise NeedsMore("请写下客户怎么说。")
    if action.kind in ("plan", "contacted"):
        _check_promise(action, step.now)
    text = action.text or ACTIONS[action.kind]
    if action.promised_at is not None:
        text += f"（承诺 {say_moment(action.promised_at, step.now)} 前）"
        settle(step.tx, case_id, ("promise",), MET, step.now)
        number = count_of(step.tx, case_id, "promise") + 1
        set_timer(step.tx, case_id, "promise", number, action.promised_at)
    write_step(step, case_id, action.kind, text, agent_id)
    values: dict[str, Any] = {}
    if action.feedback:
        write_step(step, case_id, "feedback", f"客户：{action.feedback}", agent_id)
        values["feedback"] = action.feedback
    if action.kind == "visited":
        _visited(step, case_id)
    if running and row.stage == WAITING and _is_enough(step, policy, row, agent_id, action.kind):
        settle(step.tx, case_id, ("first",), MET, step.now)
        values |= {"stage": ACTING, "met_at": step.now}
    if values:
        step.tx.execute(update(care_cases).where(care_cases.c.case_id == case_id).values(**values))
    if running:
        step.tx.execute(
            update(cases)
            .where(cases.c.id == case_id)
            .values(status="doing", owner_id=row.owner_id or agent_id)
        )
        set_due(step, case_id)
    if action.tell:
        tell(step, row, action.text, agent_id)


def finish(
    step: Step, policy: CarePolicy, case_id: str, agent_id: str, ending: str, result: str
) -> None:
    """End a case; it is watched from here on.

    Raises:
        NotFound, DeskConflict: there is no such case, or it has ended.
    """
    row = locked(step.tx, case_id)
    if row.stage not in RUNNING:
        raise DeskConflict("这个个案已经结束。", "case_done")
    if ending not in ENDINGS:
        raise NeedsMore("请选择个案的结果。")
    end(step, policy, row, ending, result, agent_id)


def closed_at_desk(step: Step, policy: CarePolicy, case_id: str, agent_id: str) -> None:
    """The desk's own way to close a case (an answer to the customer) settles one of ours, too."""
    row = lock_case(step.tx, case_id)
    if row is not None and row.stage in RUNNING:
        end(step, policy, row, "settled", row.result or "", agent_id)


def tell(
    step: Step, row: Any, text: str, agent_id: str | None, client_id: str | None = None
) -> None:
    """Say something to the case's customer on the channel that they wrote on."""
    step.said(
        say(
            step.tx,
            row.conversation_id,
            Author.AGENT if agent_id is not None else Author.SYSTEM,
            [Bubble(text)],
            step.now,
            push_channels=step.push_channels,
            episode_id=_episode(step.tx, row),
            agent_id=agent_id,
            client_id=client_id,
        )
    )
    step.changed(row.conversation_id)


def locked(tx: Connection, case_id: str) -> Any:
    """The conversation of a case and the case, locked in this order.

    Raises:
        NotFound: it is none of ours.
    """
    where = tx.execute(
        select(cases.c.conversation_id).where(cases.c.id == case_id)
    ).scalar_one_or_none()
    if where is not None:
        lock_conversation(tx, where)
    row = lock_case(tx, case_id)
    if row is None:
        raise NotFound("没有找到这个情绪个案。")
    return row


def _check_promise(action: Action, now: datetime) -> None:
    if not action.text:
        raise NeedsMore("请写下具体的处理方案。")
    if action.promised_at is None or not now < action.promised_at < now + PROMISED_AT_MOST:
        raise NeedsMore("请写明承诺的时间，要在现在之后、30 天以内。")


def _is_enough(step: Step, policy: CarePolicy, row: Any, agent_id: str, kind: str) -> bool:
    """Whether this is the first step that the level asks for, done by somebody of the rank."""
    rule = policy.levels[row.level]
    if kind not in _FIRST_STEPS:
        return False
    enough = _FIRST_STEPS.index(kind) >= _FIRST_STEPS.index(rule.first_step)
    rank = role_of(step.tx, agent_id) or "agent"
    return enough and RANKS.index(rank) >= RANKS.index(rule.owner)


def _visited(step: Step, case_id: str) -> None:
    """The visit that is due is done; before its time, the next one."""
    if settle_next(step.tx, case_id, "visit_late", MET, step.now) is None:
        settle_next(step.tx, case_id, "visit", MET, step.now)


def _episode(tx: Connection, row: Any) -> str:
    """To which episode words belong: the open one, else the one that the case is about."""
    open_one: str | None = tx.execute(
        select(conversations.c.episode_id).where(conversations.c.id == row.conversation_id)
    ).scalar_one()
    newest = (
        select(episodes.c.id)
        .where(episodes.c.conversation_id == row.conversation_id)
        .order_by(episodes.c.opened_at.desc())
        .limit(1)
    )
    return open_one or row.episode_id or str(tx.execute(newest).scalar_one())

"""A customer's answer: a score, then perhaps a reason."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.conversations import Bubble
from bot.handoff.step import Step
from bot.privacy import mask_shown
from bot.records.dirty import mark_episode
from bot.records.tables import (
    conversations,
    customers,
    episode_facts,
    episodes,
    events,
    identities,
    satisfaction,
)
from bot.satisfaction.cases import LOW, add_step, open_case

RATING = "csat:"
"""Payloads that begin with this answer our question and are no request."""

SCORES = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "很不满意"}
OTHER = "其他"
REASONS = ("问题没解决", "等得太久", "答非所问", "态度不好", OTHER)

QUESTION = "这次服务您还满意吗？"
THANKS = "谢谢您的评价！"
WHY = "谢谢您的反馈，给您添麻烦了。主要是哪里让您不满意？"
NOTED = "收到，谢谢您告诉我们。"
FOLLOWED = "收到，很抱歉没让您满意。同事会跟进处理，并在这里答复您。"
ALREADY = "您已经评价过了，谢谢！"

TELL_US = "想具体说说的话，请以“原因：”开头回复我们，例如：原因：等了三天没人联系。"
WRITTEN_WITHIN = timedelta(hours=1)
"""So long after "其他" a reason in the customer's own words is taken."""

_MOST = 500
_PAYLOAD = re.compile(r"csat:(?P<episode>[A-Za-z0-9_]{1,40}):(?P<what>[1-5]|r[0-4]|text)")
_REASON = re.compile(r"\s*原因[\s:：，,]+(?P<text>\S.*)", re.DOTALL)


def question(episode_id: str) -> Bubble:
    """The question about an episode."""
    options = tuple(
        {"title": title, "payload": f"{RATING}{episode_id}:{score}"}
        for score, title in SCORES.items()
    )
    return Bubble(QUESTION, options)


def rated_episode(payload: str | None) -> str | None:
    """The episode that a quick reply rates; None for every other one."""
    match = _PAYLOAD.fullmatch(payload or "")
    return match["episode"] if match else None


def written_reason(tx: Connection, conversation_id: str, text: str, now: datetime) -> str | None:
    """The payload of a reason that a customer writes after pressing "其他"; None for all else.

    Only what begins with "原因：" is one, and only for an hour: any other text is a request like every
    other, so that none is swallowed. The caller sees to it that no episode is running, where "原因"
    may answer a question of its own.
    """
    if _REASON.fullmatch(text) is None:
        return None
    query = (
        select(satisfaction.c.episode_id, satisfaction.c.reason, satisfaction.c.answered_at)
        .where(satisfaction.c.conversation_id == conversation_id)
        .order_by(satisfaction.c.asked_at.desc())
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    if row is None or row.reason != OTHER or now - row.answered_at > WRITTEN_WITHIN:
        return None
    return f"{RATING}{row.episode_id}:text"


def rate(step: Step, payload: str, text: str = "") -> Bubble:
    """Take note of a pressed answer; returns what is said to it. The conversation is locked.

    The first score counts, and the first reason; "其他" may be followed by one in words.

    Args:
        step: the transaction.
        payload: the answer's.
        text: what the customer wrote, for a `written_reason`.
    """
    match = _PAYLOAD.fullmatch(payload)
    row = _row(step, match["episode"]) if match else None
    if match is None or row is None:
        return Bubble(THANKS)
    what = match["what"]
    if what == "text":
        return _in_words(step, row, text)
    if what.startswith("r"):
        return _reason(step, row, REASONS[int(what[1:])])
    return score(step, row, int(what))


def score(step: Step, row: Any, given: int) -> Bubble:
    """Take note of a score of 1 to 5; a low one opens a case."""
    if row.score is not None:
        return Bubble(ALREADY)
    values: dict[str, Any] = {"score": given, "answered_at": step.now}
    if given <= LOW:
        values["case_id"] = open_case(
            step, row, given, _worst(step, row.episode_id), _customer(step, row.episode_id)
        )
        step.changed(row.conversation_id)
    _change(step, row.episode_id, **values)
    note(step, row, "csat_given", score=given)
    if given > 3:
        return Bubble(THANKS)
    options = tuple(
        {"title": title, "payload": f"{RATING}{row.episode_id}:r{number}"}
        for number, title in enumerate(REASONS)
    )
    return Bubble(WHY, options)


def note(step: Step, row: Any, kind: str, **data: Any) -> None:
    """Write into the episode's log, and have it counted again."""
    step.tx.execute(
        insert(events).values(
            episode_id=row.episode_id,
            conversation_id=row.conversation_id,
            kind=kind,
            data=data,
            at=step.now,
        )
    )
    mark_episode(step.tx, row.episode_id)


def _in_words(step: Step, row: Any, text: str) -> Bubble:
    match = _REASON.fullmatch(text)
    if match is not None and row.reason == OTHER:
        # Masked before it is cut: half a number would slip through.
        said = mask_shown(match["text"].strip())[:_MOST]
        _change(step, row.episode_id, reason=f"{OTHER}：{said}")
        note(step, row, "csat_reason", reason=f"{OTHER}：{said}")
        if row.case_id is not None:
            add_step(step, row.case_id, "note", f"客户说明：{said}")
    return Bubble(FOLLOWED if row.case_id is not None else NOTED)


def _reason(step: Step, row: Any, text: str) -> Bubble:
    if row.reason is None:
        _change(step, row.episode_id, reason=text)
        note(step, row, "csat_reason", reason=text)
        if row.case_id is not None:
            add_step(step, row.case_id, "note", f"客户说明：{text}")
    said = FOLLOWED if row.case_id is not None else NOTED
    return Bubble(f"{said}\n{TELL_US}" if text == OTHER else said)


def _row(step: Step, episode_id: str) -> Any:
    return step.tx.execute(
        select(satisfaction).where(satisfaction.c.episode_id == episode_id).with_for_update()
    ).one_or_none()


def _change(step: Step, episode_id: str, **values: Any) -> None:
    step.tx.execute(
        update(satisfaction).where(satisfaction.c.episode_id == episode_id).values(**values)
    )


def _worst(step: Step, episode_id: str) -> str:
    counts = step.tx.execute(
        select(episode_facts.c.counts).where(episode_facts.c.episode_id == episode_id)
    ).scalar_one_or_none()
    for level in ("severe", "medium", "light"):
        if counts is not None and f'"worst:{level}"' in counts:
            return level
    return "none"


def _customer(step: Step, episode_id: str) -> str | None:
    row = step.tx.execute(
        select(episodes.c.shop_customer_id, customers.c.shop_customer_id.label("linked"))
        .join(conversations, conversations.c.id == episodes.c.conversation_id)
        .join(identities, identities.c.id == conversations.c.identity_id)
        .outerjoin(customers, customers.c.id == identities.c.customer_id)
        .where(episodes.c.id == episode_id)
    ).one_or_none()
    if row is None:
        return None
    known: str | None = row.shop_customer_id or row.linked
    return known

"""What a turn does for an upset customer, in its own transaction: read why, open a case, say so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from bot.care.cases import (
    RUNNING,
    WATCHING,
    CareCase,
    Noted,
    end,
    find_case,
    note_trouble,
    reopen,
    signal,
    write_step,
)
from bot.care.circumstances import weighs_more
from bot.care.policy import CarePolicy
from bot.care.reasons import OTHER, Reasons, Sentence
from bot.conversations import Bubble
from bot.handoff.deciding import FALLBACK
from bot.handoff.messages import say_moment
from bot.handoff.step import Step
from bot.names import COURTESIES
from bot.privacy import mask_shown
from bot.records.tables import care_cases, cases, coupon_grants, episodes, messages

NEGATIVE = "negative"
_LOOKS_BACK, _NEAR = 20, 6
"""Sentences of a contact that are read, and those of them that belong to the present one."""
_ASKS_NOTHING = (*COURTESIES, FALLBACK, "out_of_scope")

_BEFORE = (
    select(messages.c.text, messages.c.intent, messages.c.emotion)
    .where(messages.c.conversation_id == bindparam("the_conversation"))
    .where(messages.c.episode_id == bindparam("the_episode"))
    .where(messages.c.author == "customer", messages.c.seq < bindparam("the_seq"))
    .order_by(messages.c.seq.desc())
    .limit(_LOOKS_BACK)
)
_LIVE = (
    select(care_cases.c.case_id)
    .join(cases, cases.c.id == care_cases.c.case_id)
    .where(care_cases.c.stage.in_((*RUNNING, WATCHING)))
    .limit(1)
)


@dataclass(frozen=True)
class Said:
    """A customer's sentence and what the engine made of it.

    Args:
        conversation_id, episode_id, seq, text: the message; the conversation is locked.
        intent: as understood.
        emotion: the engine's reading (label, level, score); None without one.
        customer: the verified customer of the shop.
        agent_id: who has the conversation; None for the bot and the queue.
        with_people: whether people have it, or were just called.
    """

    conversation_id: str
    episode_id: str
    seq: int
    text: str
    intent: str | None
    emotion: dict[str, Any] | None
    customer: str | None
    agent_id: str | None
    with_people: bool


@dataclass(frozen=True)
class Comfort:
    """What is said beside the answer: ``words`` before it, an ``offer`` with its ``button`` after it."""

    words: Bubble | None = None
    offer: str | None = None
    button: str | None = None


def reading(tx: Connection, reasons: Reasons, said: Said) -> dict[str, Any] | None:
    """The emotion of a sentence with its scene and, when negative, its cause and the words for it."""
    if said.emotion is None:
        return None
    present = Sentence(said.text, said.intent)
    if said.emotion.get("label") != NEGATIVE:
        found = reasons.read(present)
        return said.emotion | {"cause": None, "scene": found.scene, "evidence": []}
    before = _sentences(reversed(_before(tx, said)[:_NEAR]))
    found = reasons.read(present, before)
    return said.emotion | {
        "cause": found.cause,
        "scene": found.scene,
        "evidence": list(found.evidence),
    }


def care_for(step: Step, policy: CarePolicy, reasons: Reasons, said: Said) -> Comfort:
    """Open, raise, end or reopen a case after a sentence whose emotion `reading` has read."""
    emotion = said.emotion or {}
    if emotion.get("label") == NEGATIVE:
        return _upset(step, policy, said, emotion)
    if not _has_live_case(step.tx, said):
        return Comfort()
    row = find_case(step.tx, said.conversation_id, said.customer, step.now)
    if row is None:
        return Comfort()
    if row.stage == WATCHING:
        _comes_again(step, policy, reasons, row, said)
    elif policy.wording.takes_voucher(said.text):
        _accept(step, policy, row, said)
    elif emotion.get("label") == "positive":
        _glad(step, policy, row, said, emotion)
    return Comfort()


def voucher_offered(tx: Connection, conversation_id: str) -> bool:
    """Whether a voucher waits for a yes in this conversation."""
    query = (
        select(care_cases.c.case_id)
        .join(cases, cases.c.id == care_cases.c.case_id)
        .where(cases.c.conversation_id == conversation_id, care_cases.c.voucher == "offered")
        .where(care_cases.c.stage.in_(RUNNING))
    )
    return tx.execute(query.limit(1)).first() is not None


def _upset(step: Step, policy: CarePolicy, said: Said, emotion: dict[str, Any]) -> Comfort:
    level = str(emotion.get("level") or "light")
    why = _weighs_more(step, policy, said) if level == "light" else None
    if why is not None:
        level = "medium"
    evidence = [*(emotion.get("evidence") or ()), *filter(None, (why,))]
    call = CareCase(
        said.conversation_id,
        said.episode_id,
        level,
        str(emotion.get("cause") or OTHER),
        str(emotion.get("scene") or "售后"),
        said.text,
        seq=said.seq,
        score=float(emotion.get("score") or 0.0),
        evidence=tuple(evidence),
        shop_customer_id=said.customer,
        agent_id=said.agent_id,
    )
    noted = note_trouble(step, policy, call)
    if said.with_people or noted.what == "joined":
        return Comfort()
    return _comfort(step, policy, call, noted)


def _weighs_more(step: Step, policy: CarePolicy, said: Said) -> str | None:
    """Why a light sentence counts as medium; None if it stays light."""
    before = _before(step.tx, said)
    near = [row.emotion for row in before[:_NEAR] if row.emotion is not None]
    row = 1 + next((n for n, one in enumerate(near) if one.get("label") != NEGATIVE), len(near))
    if row >= policy.raise_after_in_a_row:
        return f"连续{row}句不满"
    present, earlier = Sentence(said.text, said.intent), _sentences(before)
    return weighs_more(step.tx, policy.raise_when, said.episode_id, present, earlier, step.now)


def _comfort(step: Step, policy: CarePolicy, call: CareCase, noted: Noted) -> Comfort:
    """What follows is said at once: the fitting solution, or who will come until when."""
    wording, due = policy.wording, say_moment(noted.due_at, step.now)
    if call.level != "light":
        text = wording.severe if call.level == "severe" else wording.medium
        return Comfort(Bubble(text.format(due=due)))
    text = wording.light[call.cause].format(due=due)
    if noted.what != "opened" or not _may_offer(step, policy, call):
        return Comfort(Bubble(text))
    step.tx.execute(
        update(care_cases).where(care_cases.c.case_id == noted.case_id).values(voucher="offered")
    )
    write_step(step, noted.case_id, "offer", f"自动提供 {policy.voucher.yuan} 元补偿券，等客户领取")
    more = wording.voucher.format(yuan=policy.voucher.yuan, button=wording.voucher_button)
    return Comfort(Bubble(text), more, wording.voucher_button)


def _may_offer(step: Step, policy: CarePolicy, call: CareCase) -> bool:
    rule, customer = policy.voucher, call.shop_customer_id
    if not rule.yuan or customer is None or call.cause not in rule.for_causes:
        return False
    since = step.now - timedelta(days=rule.once_in_days)
    offered = (
        select(cases.c.id)
        .join(care_cases, care_cases.c.case_id == cases.c.id)
        .where(cases.c.shop_customer_id == customer, cases.c.opened_at > since)
        .where(care_cases.c.voucher.is_not(None))
    )
    return step.tx.execute(offered.limit(1)).first() is None


def _accept(step: Step, policy: CarePolicy, row: Any, said: Said) -> None:
    """The customer takes the voucher; it is given by the loop (bot.care.grants)."""
    taken = step.tx.execute(
        update(care_cases)
        .where(care_cases.c.case_id == row.case_id, care_cases.c.voucher == "offered")
        .values(voucher="accepted")
    )
    customer = row.shop_customer_id
    if not taken.rowcount or customer is None or said.customer != customer:
        return
    digest = hashlib.sha256(f"voucher {row.case_id}".encode()).hexdigest()
    step.tx.execute(
        insert(coupon_grants).values(
            id=f"cg_{digest[:32]}",
            agent_id=None,
            case_id=row.case_id,
            shop_customer_id=customer,
            conversation_id=said.conversation_id,
            cents=policy.voucher.yuan * 100,
            reason=f"{row.cause}安抚",
            status="asked",
            at=step.now,
        )
    )
    write_step(step, row.case_id, "voucher", f"客户领取 {policy.voucher.yuan} 元补偿券")


def _glad(step: Step, policy: CarePolicy, row: Any, said: Said, emotion: dict[str, Any]) -> None:
    """A glad word while a case runs: the customer's answer, and the end of a light one."""
    call = CareCase(
        said.conversation_id,
        said.episode_id,
        row.level,
        row.cause,
        row.scene,
        said.text,
        seq=said.seq,
        score=float(emotion.get("score") or 0.0),
    )
    if not signal(step, row.case_id, "positive", call):
        return
    words = mask_shown(said.text)[:120]
    step.tx.execute(
        update(care_cases).where(care_cases.c.case_id == row.case_id).values(feedback=words)
    )
    write_step(step, row.case_id, "feedback", f"客户：{words}")
    if policy.levels[row.level].ends_when_positive:
        end(step, policy, row, "turned_positive", "客户情绪转好")


def _comes_again(step: Step, policy: CarePolicy, reasons: Reasons, row: Any, said: Said) -> None:
    """Somebody whose case is watched: a new contact about the same is a sign that it is not over."""
    if said.episode_id == row.episode_id or not said.intent or said.intent in _ASKS_NOTHING:
        return
    started = step.tx.execute(
        select(episodes.c.opened_at).where(episodes.c.id == said.episode_id)
    ).scalar_one()
    if started <= row.ended_at or not _is_about(reasons, said, row.cause):
        return
    if signal(step, row.case_id, "repeat", name=said.episode_id) and (
        "repeat" in policy.watch.reopens
    ):
        reopen(step, policy, row, row.level, f"客户就同一问题再次联系（{row.cause}）")


def _is_about(reasons: Reasons, said: Said, cause: str) -> bool:
    if said.intent in ("complaint", "ask_human"):
        return True
    return cause != OTHER and reasons.read(Sentence(said.text, said.intent)).cause == cause


def _has_live_case(tx: Connection, said: Said) -> bool:
    whose = cases.c.conversation_id == said.conversation_id
    if said.customer is not None:
        whose = or_(whose, cases.c.shop_customer_id == said.customer)
    return tx.execute(_LIVE.where(whose)).first() is not None


def _sentences(rows: Iterable[Any]) -> list[Sentence]:
    return [Sentence(row.text, row.intent) for row in rows]


def _before(tx: Connection, said: Said) -> list[Any]:
    """What the customer said before in this contact, newest first."""
    return list(
        tx.execute(
            _BEFORE,
            {
                "the_conversation": said.conversation_id,
                "the_episode": said.episode_id,
                "the_seq": said.seq,
            },
        )
    )

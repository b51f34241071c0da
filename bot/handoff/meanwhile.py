"""Who waits for a person and asks what the assistant could answer: once told that it could, and let go for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.conversations import Bubble, choices
from bot.handoff.deciding import FALLBACK
from bot.handoff.ownership import cancel
from bot.handoff.policy import Wording
from bot.handoff.rows import lock_conversation
from bot.handoff.step import Step
from bot.names import COURTESIES
from bot.records.tables import handoffs, messages

_FOR_PEOPLE = (*COURTESIES, FALLBACK, "out_of_scope", "ask_human", "complaint", "abuse")
"""What the assistant has no answer to, or none that anybody waiting for a person wants."""


def asks_us(intent: str | None) -> bool:
    """Whether a message of that intent asks for something that the assistant could answer."""
    return intent is not None and intent not in _FOR_PEOPLE


def tell_choice(step: Step, handoff: Any) -> Bubble | None:
    """Say once while somebody waits that the assistant could answer; None when it was said."""
    wording = step.policy.wording
    texts = (wording.answer_meanwhile, wording.answer_meanwhile_phone)
    if _told(step.tx, handoff, texts):
        return None
    return Bubble(texts[handoff.channel == "phone"], choices(wording.go_on_button))


def leave_for(step: Step, conversation_id: str, question: str | None) -> str | None:
    """Leave the queue for a question.

    Args:
        step: the transaction.
        conversation_id: whose customer waits.
        question: what was asked while leaving; None where our offer to answer was taken up.

    Returns:
        What the assistant shall answer now; None where the message is for people, or for nobody.
    """
    conversation = lock_conversation(step.tx, conversation_id)
    if conversation.owner != "human" or conversation.agent_id is not None:
        return None
    if question is None:
        found = step.tx.execute(select(handoffs).where(handoffs.c.id == conversation.handoff_id))
        question = _asked_before(step.tx, found.one(), step.policy.wording)
    if question is None or not cancel(step, conversation_id):
        return None
    return question


def _told(tx: Connection, handoff: Any, texts: tuple[str, ...]) -> bool:
    told = (
        select(messages.c.seq)
        .where(messages.c.conversation_id == handoff.conversation_id)
        .where(messages.c.author == "system", messages.c.text.in_(texts))
        .where(messages.c.at >= handoff.opened_at)
        .limit(1)
    )
    return tx.execute(told).first() is not None


def _asked_before(tx: Connection, handoff: Any, wording: Wording) -> str | None:
    """The last question of who waits, if it was offered that we answer it."""
    if not _told(tx, handoff, (wording.answer_meanwhile, wording.answer_meanwhile_phone)):
        return None
    asked = (
        select(messages.c.text)
        .where(messages.c.conversation_id == handoff.conversation_id)
        .where(messages.c.author == "customer", messages.c.at >= handoff.opened_at)
        .where(messages.c.intent.is_not(None), messages.c.intent.not_in(_FOR_PEOPLE))
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    return tx.execute(asked).scalar_one_or_none()

"""What is kept of a turn: its event in the log, and its result for who waits for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.conversations import MessageView
from bot.handoff import Opened
from bot.turn.answering import Answer, Job
from bot.turn.messages import TurnResult


def understood_by(said: Answer) -> dict[str, Any]:
    """What the engine understood; all None where it did not answer."""
    engine = said.engine
    return {
        "intent": engine.intent if engine else None,
        "confidence": engine.confidence if engine else None,
        "emotion": engine.emotion if engine else None,
    }


def turn_event(
    job: Job, said: Answer, understood: dict[str, Any], tier: str | None, now: datetime
) -> dict[str, Any]:
    """The turn as reports, packets and the policy read it later."""
    engine = said.engine
    return {
        "seq": job.seq,
        **understood,
        "ranking": engine.intent_ranking[:3] if engine else [],
        "actions": engine.actions if engine else [],
        "fulfilled": said.fulfilled,
        "offered": said.offers_human,
        "chosen": job.payload is not None,
        "errors": list(said.errors),
        "tier": tier,
        "waited_ms": round((now - job.received_at).total_seconds() * 1000),
    }


def result_of(
    job: Job,
    said: Answer,
    views: tuple[MessageView, ...],
    owner: str,
    opened: Opened | None,
    understood: dict[str, Any] | None,
    emotion: dict[str, Any] | None,
) -> TurnResult:
    """The turn for its channel, and for tools."""
    engine = said.engine
    known = understood or understood_by(said) | {"emotion": emotion}
    return TurnResult(
        replies=views,
        intent=known.get("intent"),
        confidence=known.get("confidence"),
        owner=owner,
        handoff=opened.reason if opened is not None else None,
        episode=job.episode_id,
        actions=tuple(engine.actions) if engine else (),
        intent_ranking=tuple(
            (engine.intent_ranking if engine else None) or known.get("intent_ranking") or ()
        ),
        entities=tuple((engine.entities if engine else None) or known.get("entities") or ()),
        emotion=known.get("emotion"),
        errors=said.errors,
    )

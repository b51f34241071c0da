"""From a waiting message to what should be said: the engine's answer, or an honest apology."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.conversations import Bubble
from bot.engine import EngineAnswer, EngineClient, EngineDown
from bot.privacy import mask_mobiles
from bot.turn.rules import asks_for_human

log = logging.getLogger(__name__)

ENGINE_AWAY = (
    "抱歉，系统这会儿没能处理您的消息，请稍后再发一次。着急的话，回复“转人工”就能找同事帮忙。"
)
ENGINE_AWAY_HUMAN = "好的，已为您登记人工服务请求，同事上线后会看到这段对话并联系您。"
OFFER_HUMAN = {"title": "转人工", "payload": "转人工"}


@dataclass(frozen=True)
class Job:
    """A waiting message with what is known of its conversation."""

    inbox_id: str
    conversation_id: str
    episode_id: str
    channel: str
    external_id: str
    seq: int
    text: str
    payload: str | None
    turns: int
    snapshot: dict[str, Any] | None
    handoff_reason: str | None
    prepared: dict[str, Any] | None
    passive_until: datetime | None


@dataclass(frozen=True)
class Answer:
    """What a turn says and what is written down about it."""

    bubbles: tuple[Bubble, ...]
    engine: EngineAnswer | None
    fulfilled: bool = False
    errors: tuple[dict[str, Any], ...] = ()


class HandoffRequests(Protocol):
    """Records that a person should take over."""

    async def request_handoff(self, episode_id: str, reason: str, evidence: str) -> None:
        """See actions.context.ActionContext."""
        ...


async def answer(job: Job, engine: EngineClient, handoffs: HandoffRequests) -> Answer:
    """Let the engine answer; never silence, whatever happens to it."""
    if job.prepared is not None:
        return _prepared(job.prepared)
    try:
        result = await engine.turn(
            {
                "sender": job.episode_id,
                "text": job.text,
                # A plain-text payload is the sentence that the button stands for.
                "payload": job.payload if job.payload and job.payload.startswith("/") else None,
                "channel": job.channel,
                "turn": job.turns,
                "snapshot": job.snapshot,
                "metadata": {},
            }
            | ({"text": job.payload} if job.payload and not job.payload.startswith("/") else {})
        )
    except EngineDown:
        log.warning("turn answered without the engine", extra={"episode": job.episode_id})
        return await _without_engine(job, handoffs, "engine_down")
    for error in result.errors:
        log.warning(
            "engine reported an error",
            extra={"episode": job.episode_id, "where": error.get("where")},
        )
    bubbles, fulfilled = _bubbles(result)
    if not bubbles:
        return await _without_engine(job, handoffs, "no_reply", result)
    return Answer(bubbles, result, fulfilled, tuple(result.errors))


def _prepared(prepared: dict[str, Any]) -> Answer:
    """What the channel has to say itself; the engine, whose dialogue goes on later, is not told."""
    options = tuple({"title": title, "payload": title} for title in prepared["quick_replies"])
    noted = EngineAnswer(replies=[], intent=prepared["intent"])
    return Answer((Bubble(prepared["text"], options),), noted)


def _bubbles(result: EngineAnswer) -> tuple[tuple[Bubble, ...], bool]:
    bubbles: list[Bubble] = []
    fulfilled = False
    for reply in result.replies:
        custom = reply.custom or {}
        fulfilled = fulfilled or bool(custom.get("fulfilled"))
        card = custom.get("card")
        buttons = tuple(
            {"title": mask_mobiles(str(b["title"])), "payload": str(b.get("payload") or b["title"])}
            for b in reply.buttons
            if b.get("title")
        )
        text = mask_mobiles((reply.text or "").strip())
        card = _masked(card)
        if text or buttons or card:
            bubbles.append(Bubble(text, buttons, card))
    return tuple(_joined(bubbles)), fulfilled


def _masked(value: Any) -> Any:
    """The same structure with mobile numbers hidden in every string."""
    if isinstance(value, str):
        return mask_mobiles(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return value


def _joined(bubbles: list[Bubble]) -> list[Bubble]:
    """Attach a card or buttons that came without words to the bubble before them."""
    joined: list[Bubble] = []
    for bubble in bubbles:
        if not bubble.text and joined and joined[-1].card is None:
            last = joined[-1]
            joined[-1] = Bubble(last.text, last.quick_replies or bubble.quick_replies, bubble.card)
        else:
            joined.append(bubble)
    return joined


def apology(what: str, result: EngineAnswer | None = None) -> Answer:
    """We could not answer: say so, offer a person."""
    errors = (*(result.errors if result else ()), {"where": "service", "what": what})
    return Answer((Bubble(ENGINE_AWAY, (OFFER_HUMAN,)),), result, errors=errors)


async def _without_engine(
    job: Job, handoffs: HandoffRequests, what: str, result: EngineAnswer | None = None
) -> Answer:
    said = apology(what, result)
    if asks_for_human(job.text):
        await handoffs.request_handoff(job.episode_id, "asked_for_human", f"seq:{job.seq}")
        said = replace(said, bubbles=(Bubble(ENGINE_AWAY_HUMAN),))
    return said

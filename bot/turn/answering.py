"""From a waiting message to what should be said: the engine's answer, or an honest apology."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversations import Bubble, choices
from bot.engine import EngineAnswer, EngineClient, EngineDown
from bot.handoff import asks_for_human
from bot.privacy import mask_mobiles

log = logging.getLogger(__name__)

ENGINE_AWAY = (
    "抱歉，系统这会儿没能处理您的消息，请稍后再说一次。着急的话，说“转人工”就能找同事帮忙。"
)
ENGINE_AWAY_HUMAN = "好的，这就为您找人工同事。"

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]+|[^。！？!?\n]+$")
_ASKS = re.compile(r"[？?]|请再?(告诉|把|发|报|选)|^(回到)?刚才|[件笔]来|先.+(再|接着)")
_PERSON = re.compile(r"人工|同事")

OFFER_HUMAN = {"title": "转人工", "payload": "转人工"}


@dataclass(frozen=True)
class Job:
    """A waiting message with what is known of its conversation.

    ``owner`` is who has the conversation (bot or human), ``expecting`` what the next message may
    be (see bot.handoff), ``shop_customer_id`` the verified customer, ``closed_at`` when the episode
    ended that the message was accepted in.
    """

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
    shop_customer_id: str | None
    closed_at: datetime | None
    owner: str
    expecting: str | None
    prepared: dict[str, Any] | None
    received_at: datetime


@dataclass(frozen=True)
class Answer:
    """What a turn says and what is written down about it."""

    bubbles: tuple[Bubble, ...]
    engine: EngineAnswer | None
    fulfilled: bool = False
    errors: tuple[dict[str, Any], ...] = ()

    @property
    def offers_human(self) -> bool:
        """Whether it ends in the offer of a person."""
        options = self.bubbles[-1].quick_replies if self.bubbles else ()
        slots = (self.engine.snapshot or {}).get("slots") if self.engine else None
        tasks = (slots or {}).get("tasks") or ()
        return any(option["title"] == OFFER_HUMAN["title"] for option in options) or any(
            isinstance(task, dict) and task.get("skill") == "ask_human" for task in tasks
        )


async def answer(job: Job, engine: EngineClient) -> Answer:
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
        return _without_engine(job, "engine_down")
    for error in result.errors:
        log.warning(
            "engine reported an error",
            extra={"episode": job.episode_id, "where": error.get("where")},
        )
    result = _as_meant(result)
    bubbles, fulfilled = _bubbles(result)
    if not bubbles:
        return _without_engine(job, "no_reply", result)
    return Answer(bubbles, result, fulfilled, tuple(result.errors))


def _as_meant(result: EngineAnswer) -> EngineAnswer:
    """The answer with the intent that the dialogue took the message for.

    Within a conversation "公司" is the answer to our question although the engine, which sees one
    sentence, does not know it; and a greeting that was noise was not understood. A plain fact
    ("1234") has no feeling in it, whatever the reader of single sentences thinks.
    """
    meant = next((m for r in result.replies if (m := (r.custom or {}).get("meant"))), None)
    changed: dict[str, Any] = {} if meant is None else {"intent": str(meant)}
    if any((r.custom or {}).get("plain") for r in result.replies):
        changed["emotion"] = {"label": "neutral", "level": "none", "score": 1.0}
    return result.model_copy(update=changed)


def _prepared(prepared: dict[str, Any]) -> Answer:
    """What the channel has to say itself; the engine, whose dialogue goes on later, is not told."""
    options = choices(*prepared["quick_replies"])
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
            offer, asks = bool(custom.get("offer")), bool(custom.get("asks"))
            bubbles.append(Bubble(text, buttons, card, offer=offer, asks=asks))
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
            buttons = last.quick_replies or bubble.quick_replies
            joined[-1] = replace(last, quick_replies=buttons, card=bubble.card)
        else:
            joined.append(bubble)
    return joined


def without_offers(bubbles: Sequence[Bubble]) -> list[Bubble]:
    """The same answer for somebody whom a person takes over anyway.

    Quick replies are gone, and so are the offer of a person and a question whose answer we would not
    take any more: what stands before it (the apology, the reason why something cannot be done)
    stays, and a bubble that only offered or asked is left out.
    """
    left = []
    for bubble in bubbles:
        text = _before_offer(bubble.text) if bubble.offer else bubble.text
        text = _before_question(text) if bubble.asks else text
        if text or bubble.card:
            left.append(replace(bubble, text=text, quick_replies=(), offer=False, asks=False))
    return left


def _before_question(text: str) -> str:
    sentences = _SENTENCE.findall(text)
    kept = itertools.takewhile(lambda one: not _ASKS.search(one), sentences)
    return "".join(kept).rstrip()


def _before_offer(text: str) -> str:
    sentences = _SENTENCE.findall(text)
    kept = list(itertools.takewhile(lambda one: not _PERSON.search(one), sentences))
    if kept:
        return "".join(kept).rstrip()
    clauses = list(itertools.takewhile(lambda one: not _PERSON.search(one), text.split("，")))
    return f"{'，'.join(clauses)}。" if clauses else ""


def apology(what: str, result: EngineAnswer | None = None) -> Answer:
    """We could not answer: say so, offer a person."""
    errors = (*(result.errors if result else ()), {"where": "service", "what": what})
    return Answer((Bubble(ENGINE_AWAY, (OFFER_HUMAN,), offer=True),), result, errors=errors)


def _without_engine(job: Job, what: str, result: EngineAnswer | None = None) -> Answer:
    said = apology(what, result)
    if asks_for_human(job.text):
        # The policy sees the wish too (bot.handoff); there is nothing to apologise for.
        said = Answer((Bubble(ENGINE_AWAY_HUMAN),), said.engine, errors=said.errors)
    return said

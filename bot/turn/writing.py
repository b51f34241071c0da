"""Writing down a turn: everything that it said and led to, in one transaction.

The conversation's row is locked first, under our claim; replies are numbered last (numbering.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import Connection

from bot.care import Care, Comfort, Said
from bot.conversations import Author, Bubble, ConversationKey, MessageView
from bot.handoff import Effects, HandoffDesk, Opened, heard
from bot.handoff.step import Step
from bot.satisfaction import rate
from bot.turn import statements
from bot.turn.answering import Answer, Job, without_offers
from bot.turn.kept import result_of, turn_event, understood_by
from bot.turn.messages import TurnResult
from bot.turn.numbering import Numbered, lock_claimed, take_numbers

FALLBACK = "nlu_fallback"
_FACTS = ("intent", "confidence", "emotion")

Speech = list[tuple[Author, Bubble]]
"""Bubbles in order, each with who says it."""


@dataclass(frozen=True)
class Turn:
    """A committed turn.

    Args:
        job: what it was about.
        key: whose conversation.
        views: what was said.
        result: for who waits for it.
        more_waiting: whether the claim was kept for further messages.
        latency_s: from a worker taking the message up to the commit, in seconds.
        effects: whom else it concerns.
        opened: the handoff that it opened.
    """

    job: Job
    key: ConversationKey
    views: tuple[MessageView, ...]
    result: TurnResult
    more_waiting: bool
    latency_s: float
    effects: Effects
    opened: Opened | None = None


class Writer:
    """Writes turns down.

    Args:
        desk: decides whether people take over, and tells their customers.
        push_channels: channels whose platform must be sent each reply; all others fetch.
        care: has the cases of upset customers; None reads no causes and opens none.
    """

    def __init__(
        self, desk: HandoffDesk, push_channels: frozenset[str], care: Care | None = None
    ) -> None:
        self._desk = desk
        self._push_channels = push_channels
        self._care = care

    def answered(
        self, tx: Connection, job: Job, said: Answer, tier: str | None, lease: str, began: float
    ) -> Turn:
        """The bot's answer, and what the policy makes of the turn.

        Raises:
            LostClaim: another worker has the conversation.
            OwnerChanged: people took it meanwhile; nothing of the answer may leave.
        """
        step = self._desk.step(tx)
        engine = said.engine
        speech: Speech = [(Author.BOT, bubble) for bubble in said.bubbles]
        lock_claimed(tx, job, lease, step.now, owner="bot")
        understood = self._read(step, job, understood_by(said))
        event = turn_event(job, said, understood, tier, step.now)
        _note(tx, job, engine.intent if engine else None, understood, step.now)
        _advance_episode(tx, job, said, step.now)
        opened = None
        if job.prepared is None:
            present = heard(
                job.seq,
                job.text,
                understood["intent"],
                understood["confidence"],
                understood["emotion"],
                event,
            )
            decided = self._desk.consider(
                step, job.conversation_id, job.episode_id, job.channel, present, job.turns, tier
            )
            if decided is not None:
                opened = decided.opened
                speech = [(Author.BOT, bubble) for bubble in without_offers(said.bubbles)]
                if decided.care is not None:
                    # What the assistant made of it beside the caring words can only be wrong.
                    speech = [(Author.SYSTEM, Bubble(decided.care))]
                speech += [(Author.SYSTEM, bubble) for bubble in opened.notice]
        comfort = self._heard(step, job, understood, people=opened is not None)
        speech = _comforted(speech, comfort)
        numbered = take_numbers(tx, job, lease, len(speech), step.now)
        event["replies"] = [numbered.first_seq, numbered.first_seq + len(speech) - 1]
        _log(tx, job, "turn", event, step.now)
        return self._finish(
            tx,
            job,
            began,
            speech,
            numbered,
            said,
            step.now,
            step.effects,
            opened,
            emotion=understood["emotion"],
        )

    def listened(
        self,
        tx: Connection,
        job: Job,
        understood: dict[str, Any] | None,
        lease: str,
        began: float,
    ) -> Turn:
        """A message that the engine does not answer: people have the conversation, or want it.

        Raises:
            LostClaim: another worker has the conversation.
            OwnerChanged: the bot has got it back meanwhile; it must answer.
        """
        step = self._desk.step(tx)
        lock_claimed(tx, job, lease, step.now, owner=job.owner)
        said = Answer((), None)
        facts = self._read(step, job, {key: (understood or {}).get(key) for key in _FACTS})
        if understood is not None:
            understood = understood | facts
        _note(tx, job, facts["intent"], facts, step.now)
        _advance_episode(tx, job, said, step.now)
        _log(tx, job, "heard", {"seq": job.seq, **facts}, step.now)
        told = self._desk.listen(
            step,
            job.conversation_id,
            job.episode_id,
            job.seq,
            job.text,
            job.owner,
            facts["intent"],
        )
        self._heard(step, job, facts, people=True)
        speech: Speech = [(Author.SYSTEM, bubble) for bubble in told.notice]
        return self._finish(
            tx,
            job,
            began,
            speech,
            take_numbers(tx, job, lease, len(speech), step.now),
            said,
            step.now,
            step.effects,
            None,
            understood=understood,
            owner=told.owner,
        )

    def rated(self, tx: Connection, job: Job, lease: str, began: float) -> Turn:
        """The answer to our question how satisfied somebody was; the engine is not asked.

        Raises:
            LostClaim: another worker has the conversation.
        """
        step = self._desk.step(tx)
        lock_claimed(tx, job, lease, step.now, owner=None)
        speech: Speech = [(Author.SYSTEM, rate(step, job.payload or "", job.text))]
        said = Answer((), None)
        return self._finish(
            tx,
            job,
            began,
            speech,
            take_numbers(tx, job, lease, len(speech), step.now),
            said,
            step.now,
            step.effects,
            None,
            owner=job.owner,
        )

    def _read(self, step: Step, job: Job, facts: dict[str, Any]) -> dict[str, Any]:
        """What was understood, the emotion with its cause and scene."""
        if self._care is None:
            return facts
        return facts | {"emotion": self._care.read(step, _said(job, facts, None, people=False))}

    def _heard(self, step: Step, job: Job, facts: dict[str, Any], *, people: bool) -> Comfort:
        """Let the care of upset customers follow the sentence."""
        if self._care is None:
            return Comfort()
        agent = None
        if job.owner == "human":
            agent = step.tx.execute(
                statements.AGENT_OF, {"the_conversation": job.conversation_id}
            ).scalar_one()
        return self._care.heard(step, _said(job, facts, agent, people=people))

    def _finish(
        self,
        tx: Connection,
        job: Job,
        began: float,
        speech: Speech,
        numbered: Numbered,
        said: Answer,
        now: datetime,
        effects: Effects,
        opened: Opened | None,
        *,
        understood: dict[str, Any] | None = None,
        emotion: dict[str, Any] | None = None,
        owner: str = "bot",
    ) -> Turn:
        first_seq = numbered.first_seq
        latency_s = perf_counter() - began
        # As it stands now: the channel's request may have stopped waiting, or have come again.
        done = tx.execute(statements.INBOX_DONE, {"the_inbox": job.inbox_id, "the_now": now})
        passive_until = done.scalar_one()
        if speech:
            _write_speech(tx, job, speech, first_seq, latency_s, now)
            last_seq = first_seq + len(speech) - 1
            pushed = job.channel in self._push_channels
            tx.execute(
                statements.INSERT_OUTBOX,
                {
                    "conversation_id": job.conversation_id,
                    "inbox_id": job.inbox_id,
                    "channel": job.channel,
                    "first_seq": first_seq,
                    "last_seq": last_seq,
                    "status": "waiting" if pushed else "available",
                    "attempts": 0,
                    "next_at": max(now, passive_until or now),
                },
            )
        views = tuple(
            MessageView(
                seq=seq,
                author=author,
                text=bubble.text,
                at=now,
                quick_replies=tuple(option["title"] for option in bubble.quick_replies),
                card=bubble.card,
            )
            for seq, (author, bubble) in enumerate(speech, first_seq)
        )
        if opened is not None and opened.waiting:
            owner = "human"
        return Turn(
            job=job,
            key=ConversationKey(job.channel, job.external_id),
            views=views,
            result=result_of(job, said, views, owner, opened, understood, emotion),
            more_waiting=numbered.more_waiting,
            latency_s=latency_s,
            effects=effects,
            opened=opened,
        )


def _said(job: Job, facts: dict[str, Any], agent_id: str | None, *, people: bool) -> Said:
    return Said(
        conversation_id=job.conversation_id,
        episode_id=job.episode_id,
        seq=job.seq,
        text=job.text,
        intent=facts["intent"],
        emotion=facts["emotion"],
        customer=job.shop_customer_id,
        agent_id=agent_id,
        with_people=people,
    )


def _comforted(speech: Speech, comfort: Comfort) -> Speech:
    """The answer with what is said to an upset customer before it, and what is offered after it.

    Quick replies are those of the last bubble, so the answer's own go under the offer, too.
    """
    if comfort.offer is not None:
        author, last = speech[-1]
        option = {"title": comfort.button, "payload": comfort.button}
        speech = [
            *speech[:-1],
            (author, replace(last, quick_replies=())),
            (Author.SYSTEM, Bubble(comfort.offer, (*last.quick_replies, option))),
        ]
    if comfort.words is not None:
        speech = [(Author.SYSTEM, comfort.words), *speech]
    return speech


def _note(
    tx: Connection, job: Job, intent: str | None, facts: dict[str, Any], now: datetime
) -> None:
    tx.execute(
        statements.NOTE_UNDERSTANDING,
        {
            "the_conversation": job.conversation_id,
            "the_seq": job.seq,
            "the_intent": intent,
            "the_confidence": facts["confidence"],
            "the_emotion": facts["emotion"],
        },
    )


def _log(tx: Connection, job: Job, kind: str, data: dict[str, Any], now: datetime) -> None:
    tx.execute(
        statements.INSERT_EVENT,
        {
            "episode_id": job.episode_id,
            "conversation_id": job.conversation_id,
            "kind": kind,
            "data": data,
            "at": now,
        },
    )


def _advance_episode(tx: Connection, job: Job, said: Answer, now: datetime) -> None:
    engine = said.engine
    advanced = engine is not None and engine.snapshot is not None
    tx.execute(
        statements.ADVANCE_EPISODE,
        {
            "the_episode": job.episode_id,
            "the_now": now,
            "the_fallbacks": 1 if engine is not None and engine.intent == FALLBACK else 0,
            "the_turns": engine.turn if engine is not None and advanced else job.turns,
            "the_snapshot": engine.snapshot if engine is not None and advanced else job.snapshot,
        },
    )


def _write_speech(
    tx: Connection,
    job: Job,
    speech: Sequence[tuple[Author, Bubble]],
    first_seq: int,
    latency_s: float,
    now: datetime,
) -> None:
    tx.execute(
        statements.INSERT_MESSAGE,
        [
            {
                "conversation_id": job.conversation_id,
                "seq": seq,
                "episode_id": job.episode_id,
                "inbox_id": job.inbox_id,
                "author": author.value,
                "text": bubble.text,
                "quick_replies": list(bubble.quick_replies) or None,
                "card": bubble.card,
                "latency_ms": round(latency_s * 1000, 1),
                "at": now,
            }
            for seq, (author, bubble) in enumerate(speech, first_seq)
        ],
    )

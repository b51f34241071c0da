"""One worker per conversation: takes waiting messages in order and commits each answer whole.

A claim (lease) on the conversation's row makes the worker the only one over all replicas. Every
commit checks the claim, so that a worker which was away too long cannot answer what another has
answered since; a crashed worker's messages wait for the sweep and are answered then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock
from bot.conversations import Author, ConversationKey, MessageView
from bot.engine import EngineClient
from bot.records import Database, DatabaseUnavailable
from bot.turn import statements
from bot.turn.answering import Answer, HandoffRequests, Job, answer, apology
from bot.turn.inbox import LEASE
from bot.turn.messages import TurnResult

log = logging.getLogger(__name__)

COMMIT_RETRIES = (0.2, 1.0, 3.0)
"""Pauses, in seconds, before trying again to write down an answer that the engine has given."""

FALLBACK = "nlu_fallback"


class LostClaim(Exception):
    """Another worker has taken the conversation over; what we had is void."""


@dataclass(frozen=True)
class Turn:
    """A committed turn."""

    job: Job
    key: ConversationKey
    views: tuple[MessageView, ...]
    result: TurnResult
    more_waiting: bool
    latency_s: float


class Worker:
    """Answers waiting messages.

    Args:
        database: where they wait and where answers go.
        engine: understands and phrases.
        handoffs: records requests for a person when the engine cannot.
        clock: current time.
        push_channels: channels whose platform must be sent each reply; all others fetch.
    """

    def __init__(
        self,
        database: Database,
        engine: EngineClient,
        handoffs: HandoffRequests,
        clock: Clock,
        push_channels: frozenset[str],
    ) -> None:
        self._database = database
        self._engine = engine
        self._handoffs = handoffs
        self._clock = clock
        self._push_channels = push_channels
        self.stopping = False

    async def give_back(self, conversation_id: str, lease: str) -> None:
        """Give a claim back with messages still waiting."""
        await self._database.write(lambda tx: _release(tx, conversation_id, lease))

    async def answer_next(self, conversation_id: str, lease: str) -> Turn | None:
        """Answer the oldest waiting message; None (and the claim given back) if there is none.

        Raises:
            LostClaim: another worker has the conversation.
            DatabaseUnavailable: nothing was written; the message still waits.
        """
        job = await self._next_job(conversation_id, lease)
        if job is None:
            return None
        began = perf_counter()
        said = await answer(job, self._engine, self._handoffs)
        if self.stopping and said.errors:
            # What fails because we are going down is answered by the next process.
            await self.give_back(conversation_id, lease)
            return None
        try:
            return await self._commit_patiently(job, said, lease, began)
        except (LostClaim, DatabaseUnavailable):
            raise
        except Exception:
            # An answer that cannot be written (a value the database refuses) must not come back
            # for ever: the customer gets an apology instead, and the log the reason.
            log.exception("answer could not be written", extra={"episode": job.episode_id})
            return await self._commit_patiently(job, apology("not_written"), lease, began)

    async def _commit_patiently(self, job: Job, said: Answer, lease: str, began: float) -> Turn:
        for pause in COMMIT_RETRIES:
            try:
                return await self._commit(job, said, lease, began)
            except DatabaseUnavailable:
                log.warning("answer not written yet", extra={"episode": job.episode_id})
                await asyncio.sleep(pause)
        return await self._commit(job, said, lease, began)

    async def _next_job(self, conversation_id: str, lease: str) -> Job | None:
        job = await self._database.read(
            lambda connection: _oldest_waiting(connection, conversation_id)
        )
        if job is None:
            await self.give_back(conversation_id, lease)
        return job

    async def _commit(self, job: Job, said: Answer, lease: str, began: float) -> Turn:
        return await self._database.write(lambda tx: self._write(tx, job, said, lease, began))

    def _write(self, tx: Connection, job: Job, said: Answer, lease: str, began: float) -> Turn:
        now = self._clock()
        engine = said.engine
        last_seq = _number_replies(tx, job, lease, len(said.bubbles), now)
        first_seq = last_seq - len(said.bubbles) + 1
        more = _others_waiting(tx, job)
        if not more:
            _release(tx, job.conversation_id, lease)
        latency_s = perf_counter() - began
        tx.execute(
            statements.INSERT_MESSAGE,
            _reply_rows(job, said, range(first_seq, last_seq + 1), latency_s, now),
        )
        tx.execute(
            statements.NOTE_UNDERSTANDING,
            {
                "the_conversation": job.conversation_id,
                "the_seq": job.seq,
                "the_intent": engine.intent if engine else None,
                "the_confidence": engine.confidence if engine else None,
                "the_emotion": engine.emotion if engine else None,
            },
        )
        tx.execute(
            statements.INSERT_EVENT,
            {
                "episode_id": job.episode_id,
                "conversation_id": job.conversation_id,
                "kind": "turn",
                "data": _turn_event(job, said, first_seq, last_seq),
                "at": now,
            },
        )
        handoff = _advance_episode(tx, job, said, now)
        tx.execute(
            statements.INSERT_OUTBOX,
            {
                "conversation_id": job.conversation_id,
                "inbox_id": job.inbox_id,
                "channel": job.channel,
                "first_seq": first_seq,
                "last_seq": last_seq,
                "status": "waiting" if job.channel in self._push_channels else "available",
                "attempts": 0,
                "next_at": max(now, job.passive_until or now),
            },
        )
        tx.execute(statements.INBOX_DONE, {"the_inbox": job.inbox_id, "the_now": now})
        views = tuple(
            MessageView(
                seq=seq,
                author=Author.BOT,
                text=bubble.text,
                at=now,
                quick_replies=tuple(option["title"] for option in bubble.quick_replies),
                card=bubble.card,
            )
            for seq, bubble in enumerate(said.bubbles, first_seq)
        )
        new_handoff = handoff if handoff != job.handoff_reason else None
        return Turn(
            job=job,
            key=ConversationKey(job.channel, job.external_id),
            views=views,
            result=_result(job, said, views, new_handoff),
            more_waiting=more,
            latency_s=latency_s,
        )


def _oldest_waiting(connection: Connection, conversation_id: str) -> Job | None:
    found = connection.execute(statements.OLDEST_WAITING, {"the_conversation": conversation_id})
    row = found.mappings().one_or_none()
    return Job(**row) if row is not None else None


def _number_replies(tx: Connection, job: Job, lease: str, count: int, now: datetime) -> int:
    last_seq: int | None = tx.execute(
        statements.NUMBER_REPLIES,
        {
            "the_conversation": job.conversation_id,
            "the_lease": lease,
            "the_count": count,
            "the_now": now,
            "the_until": now + LEASE,
        },
    ).scalar_one_or_none()
    if last_seq is None:
        raise LostClaim
    return last_seq


def _others_waiting(tx: Connection, job: Job) -> bool:
    # Asked under the lock of the conversation's row, which accepting a message also takes: one
    # that arrives later finds the claim given back and starts a worker of its own.
    others = {"the_conversation": job.conversation_id, "the_inbox": job.inbox_id}
    return tx.execute(statements.OTHERS_WAITING, others).first() is not None


def _release(tx: Connection, conversation_id: str, lease: str) -> None:
    claim = {"the_conversation": conversation_id, "the_lease": lease}
    tx.execute(statements.RELEASE_CLAIM, claim)


def _advance_episode(tx: Connection, job: Job, said: Answer, now: datetime) -> str | None:
    engine = said.engine
    advanced = engine is not None and engine.snapshot is not None
    reason: str | None = tx.execute(
        statements.ADVANCE_EPISODE,
        {
            "the_episode": job.episode_id,
            "the_now": now,
            "the_fallbacks": 1 if engine is not None and engine.intent == FALLBACK else 0,
            "the_turns": engine.turn if engine is not None and advanced else job.turns,
            "the_snapshot": engine.snapshot if engine is not None and advanced else job.snapshot,
        },
    ).scalar_one()
    return reason


def _reply_rows(
    job: Job, said: Answer, seqs: Sequence[int], latency_s: float, now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "conversation_id": job.conversation_id,
            "seq": seq,
            "episode_id": job.episode_id,
            "inbox_id": job.inbox_id,
            "author": Author.BOT.value,
            "text": bubble.text,
            "quick_replies": list(bubble.quick_replies) or None,
            "card": bubble.card,
            "latency_ms": round(latency_s * 1000, 1),
            "at": now,
        }
        for seq, bubble in zip(seqs, said.bubbles, strict=True)
    ]


def _turn_event(job: Job, said: Answer, first_seq: int, last_seq: int) -> dict[str, Any]:
    engine = said.engine
    return {
        "seq": job.seq,
        "replies": [first_seq, last_seq],
        "intent": engine.intent if engine else None,
        "confidence": engine.confidence if engine else None,
        "ranking": engine.intent_ranking[:3] if engine else [],
        "actions": engine.actions if engine else [],
        "emotion": engine.emotion if engine else None,
        "fulfilled": said.fulfilled,
        "errors": list(said.errors),
    }


def _result(
    job: Job, said: Answer, views: tuple[MessageView, ...], handoff: str | None
) -> TurnResult:
    engine = said.engine
    return TurnResult(
        replies=views,
        intent=engine.intent if engine else None,
        confidence=engine.confidence if engine else None,
        owner="bot",
        handoff=handoff,
        episode=job.episode_id,
        actions=tuple(engine.actions) if engine else (),
        intent_ranking=tuple(engine.intent_ranking) if engine else (),
        entities=tuple(engine.entities) if engine else (),
        emotion=engine.emotion if engine else None,
        errors=said.errors,
    )

"""The claim on a conversation, and the numbers of what is said in it, under the lock of its row.

The row is locked first: whether the claim still holds and who owns the conversation are read under
that lock. Replies are numbered last, when it is known what is said: whatever else speaks within the
transaction takes numbers of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.turn import statements
from bot.turn.answering import Job
from bot.turn.inbox import LEASE


class LostClaim(Exception):
    """Another worker has taken the conversation over; what we had is void."""


class OwnerChanged(Exception):
    """Between reading the message and writing the answer the conversation changed hands."""


@dataclass(frozen=True)
class Numbered:
    """The number of the first reply, and whether the claim was kept for further messages."""

    first_seq: int
    more_waiting: bool


def lock_claimed(tx: Connection, job: Job, lease: str, now: datetime, owner: str | None) -> None:
    """Lock the conversation under our claim, as long as ``owner`` (if named) has it.

    Raises:
        LostClaim: another worker has the conversation.
        OwnerChanged: it is somebody else's now.
    """
    row = tx.execute(statements.NUMBER_REPLIES, _renewed(job, lease, 0, now)).one_or_none()
    if row is None:
        raise LostClaim
    if owner is not None and row.owner != owner:
        raise OwnerChanged


def take_numbers(tx: Connection, job: Job, lease: str, count: int, now: datetime) -> Numbered:
    """Take the next ``count`` numbers, and give the claim back if nothing else waits."""
    more_waiting = _others_waiting(tx, job)
    values = _renewed(job, lease, count, now)
    if more_waiting:
        row = tx.execute(statements.NUMBER_REPLIES, values).one()
    else:
        del values["the_until"]
        row = tx.execute(statements.NUMBER_AND_RELEASE, values).one()
    return Numbered(row.last_seq - count + 1, more_waiting)


def release(tx: Connection, conversation_id: str, lease: str) -> None:
    """Give a claim back."""
    claim = {"the_conversation": conversation_id, "the_lease": lease}
    tx.execute(statements.RELEASE_CLAIM, claim)


def _renewed(job: Job, lease: str, count: int, now: datetime) -> dict[str, Any]:
    return {
        "the_conversation": job.conversation_id,
        "the_lease": lease,
        "the_count": count,
        "the_now": now,
        "the_until": now + LEASE,
    }


def _others_waiting(tx: Connection, job: Job) -> bool:
    # Asked under the lock of the conversation's row, which accepting a message also takes: one
    # that arrives later finds the claim given back and starts a worker of its own.
    others = {"the_conversation": job.conversation_id, "the_inbox": job.inbox_id}
    return tx.execute(statements.OTHERS_WAITING, others).first() is not None

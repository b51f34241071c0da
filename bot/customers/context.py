"""The service as actions see it: the shop, the time, who is speaking, and asking for a person."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from actions.context import IdentityLevel, Proof, ProofResult, Who
from actions.shop.client import ShopClient
from bot.clock import Clock
from bot.customers.identities import link_customer
from bot.records import Database
from bot.records.tables import conversations, episodes, events, handoff_requests, proof_failures

MAX_TRIES = 3
"""Wrong proofs in one episode before its door locks."""

MAX_TRIES_PER_ORDER = 10
"""Wrong proofs for one order number, over all episodes, within ORDER_LOCK: stops a patient guesser
(four digits have 10,000 possibilities) without letting a prankster lock somebody out for long."""

ORDER_LOCK = timedelta(hours=24)

_Episode = Row[Any]


class ServiceContext:
    """Implements actions.context.ActionContext over the database.

    Args:
        database: where episodes are.
        shop: the brand's back office.
        clock: current time.
    """

    def __init__(self, database: Database, shop: ShopClient, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock

    @property
    def shop(self) -> ShopClient:
        """The brand's back office."""
        return self._shop

    def now(self) -> datetime:
        """Current time, aware UTC."""
        return self._clock()

    async def who(self, episode_id: str) -> Who:
        """Who is speaking; anonymous for an episode that we do not know (e.g. `rasa shell`)."""
        return _who(await self._database.read(lambda tx: _episode(tx, episode_id)))

    async def prove_order(self, episode_id: str, order_number: str, last4: str) -> ProofResult:
        """Check a proof; counts wrong ones, verifies the episode on a right one.

        An order with too many wrong tries is locked for everybody, known order or not.

        Raises:
            ShopUnavailable: the shop could not be asked; no try is used up.
        """
        order_key = hashlib.sha256(order_number.encode()).hexdigest()
        now = self._clock()
        attempt = await self._database.write(
            lambda tx: _note_attempt(tx, episode_id, order_key, last4, now)
        )
        if attempt is None:
            return ProofResult(Proof.LOCKED, 0, await self.who(episode_id))
        try:
            shop_customer_id = await self._shop.check_phone_tail(order_number, last4)
        except BaseException:
            await self._database.write(lambda tx: _withdraw(tx, episode_id, attempt))
            raise
        if shop_customer_id is not None:
            row = await self._database.write(
                lambda tx: _verify(tx, episode_id, attempt, shop_customer_id, now)
            )
            return ProofResult(Proof.OK, MAX_TRIES - row.proof_tries, _who(row))
        row = await self._database.read(lambda tx: _episode(tx, episode_id))
        left = max(0, MAX_TRIES - row.proof_tries)
        return ProofResult(Proof.WRONG if left else Proof.LOCKED, left, _who(row))

    async def request_handoff(self, episode_id: str, reason: str, evidence: str) -> None:
        """Record that a person should take over; asking twice in one turn counts once.

        The turn's commit decides (bot.handoff): until then nothing changes hands.
        """
        now = self._clock()
        await self._database.write(
            lambda tx: _record_request(tx, episode_id, reason, evidence, now)
        )


def _note_attempt(
    tx: Connection, episode_id: str, order_key: str, last4: str, now: datetime
) -> str | None:
    """Count an attempt as failed before it is made, so that none made at the same moment slips by.

    Returns:
        The attempt's id, or None where the episode's or the order's door is locked. The same
        attempt in the same turn (the engine asking again) is counted once.
    """
    if tx.dialect.name == "postgresql":
        # One at a time for an order, whoever tries (SQLite has one writer anyway).
        tx.execute(select(func.pg_advisory_xact_lock(int(order_key[:15], 16))))
    row = tx.execute(
        select(episodes.c.turns, episodes.c.proof_tries)
        .where(episodes.c.id == episode_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    named = f"{episode_id} {row.turns} {order_key} {last4}"
    attempt = f"pf_{hashlib.sha256(named.encode()).hexdigest()[:32]}"
    recent = proof_failures.c.at > now - ORDER_LOCK
    known = tx.execute(select(proof_failures.c.id).where(proof_failures.c.id == attempt)).first()
    if known is not None:
        return attempt
    of_order = tx.execute(
        select(func.count())
        .select_from(proof_failures)
        .where(proof_failures.c.order_key == order_key, recent)
    ).scalar_one()
    if row.proof_tries >= MAX_TRIES or of_order >= MAX_TRIES_PER_ORDER:
        return None
    tx.execute(delete(proof_failures).where(~recent))
    tx.execute(insert(proof_failures).values(id=attempt, order_key=order_key, at=now))
    tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id)
        .values(proof_tries=episodes.c.proof_tries + 1)
    )
    return attempt


def _withdraw(tx: Connection, episode_id: str, attempt: str) -> None:
    """An attempt that was right, or that the shop could not judge, is not a failure."""
    gone = tx.execute(delete(proof_failures).where(proof_failures.c.id == attempt))
    if gone.rowcount:
        tx.execute(
            update(episodes)
            .where(episodes.c.id == episode_id)
            .values(proof_tries=episodes.c.proof_tries - 1)
        )


def _verify(
    tx: Connection, episode_id: str, attempt: str, shop_customer_id: str, now: datetime
) -> Any:
    _withdraw(tx, episode_id, attempt)
    tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id)
        .values(level=IdentityLevel.VERIFIED.value, shop_customer_id=shop_customer_id)
    )
    row = _episode(tx, episode_id)
    identity_id = tx.execute(
        select(conversations.c.identity_id).where(conversations.c.id == row.conversation_id)
    ).scalar_one()
    link_customer(tx, identity_id, shop_customer_id, IdentityLevel.LINKED, now)
    _log(tx, row, "verified", {"by": "order_and_phone_tail"}, now)
    return row


def _record_request(
    tx: Connection, episode_id: str, reason: str, evidence: str, now: datetime
) -> None:
    row = _episode(tx, episode_id)
    if row is None:
        return
    insert_new = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    inserted = tx.execute(
        insert_new(handoff_requests)
        .values(episode_id=episode_id, turn=row.turns, reason=reason, evidence=evidence, at=now)
        .on_conflict_do_nothing(index_elements=["episode_id", "turn", "reason"])
    )
    if not inserted.rowcount:
        return
    _log(tx, row, "handoff_requested", {"reason": reason, "turn": row.turns}, now)


def _episode(connection: Connection, episode_id: str) -> Any:
    found = connection.execute(
        select(
            episodes.c.id,
            episodes.c.conversation_id,
            episodes.c.level,
            episodes.c.shop_customer_id,
            episodes.c.proof_tries,
            episodes.c.turns,
        ).where(episodes.c.id == episode_id)
    )
    return found.one_or_none()


def _who(row: _Episode | None) -> Who:
    if row is None:
        return Who()
    return Who(IdentityLevel(row.level), row.shop_customer_id, row.proof_tries >= MAX_TRIES)


def _log(tx: Connection, row: _Episode, kind: str, data: dict[str, object], now: datetime) -> None:
    tx.execute(
        insert(events).values(
            episode_id=row.id, conversation_id=row.conversation_id, kind=kind, data=data, at=now
        )
    )

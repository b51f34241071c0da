"""What actions may know and do beyond the tracker; the service hands it in.

Identity comes from here and nowhere else: never from slots, text or metadata, which a customer
can influence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from actions.shop.client import ShopClient


class IdentityLevel(StrEnum):
    """How sure we are who is speaking."""

    ANONYMOUS = "anonymous"
    LINKED = "linked"
    VERIFIED = "verified"


@dataclass(frozen=True)
class Who:
    """The speaker of an episode.

    ``customer_id`` may be trusted for personal answers only when ``verified``.
    ``door_locked`` is set after three wrong proofs: do not ask for a proof again.
    """

    level: IdentityLevel = IdentityLevel.ANONYMOUS
    customer_id: str | None = None
    door_locked: bool = False

    @property
    def verified(self) -> bool:
        """Whether personal data may be shown."""
        return self.level is IdentityLevel.VERIFIED and self.customer_id is not None


class Proof(StrEnum):
    """What came of an attempt to prove who one is."""

    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class ProofResult:
    """Outcome of a proof; ``tries_left`` counts down from three within an episode."""

    proof: Proof
    tries_left: int
    who: Who = field(default_factory=Who)


class ActionContext(Protocol):
    """The service, as actions see it."""

    @property
    def shop(self) -> ShopClient:
        """The brand's back office."""
        ...

    def now(self) -> datetime:
        """Current time, aware UTC."""
        ...

    async def who(self, episode_id: str) -> Who:
        """Who is speaking in this episode (the tracker's sender id)."""
        ...

    async def prove_order(self, episode_id: str, order_number: str, last4: str) -> ProofResult:
        """Check order number + last four digits of its phone and, if right, verify the speaker.

        Raises:
            ShopUnavailable: the shop could not be asked; no try is used up.
        """
        ...

    async def request_handoff(self, episode_id: str, reason: str, evidence: str) -> None:
        """Record that a person should take over (reasons: DESIGN.md section 3)."""
        ...

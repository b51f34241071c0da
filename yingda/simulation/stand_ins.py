"""What stands for the world outside: the engine, the shop, and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from actions.shop import ShopUnavailable
from actions.shop.models import Member, Tier
from bot.engine import EngineAnswer, EngineDown, EngineReply


class FastClock:
    """Time as the simulation says; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The simulated moment."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Go on to a moment, if it is still to come."""
        self._now = max(self._now, moment.astimezone(UTC))

    def advance(self, seconds: float) -> None:
        """Go on."""
        self._now += timedelta(seconds=seconds)


class ScriptedEngine:
    """An engine that answers what was put before it; thinking takes the clock's time.

    Args:
        clock: goes on while the engine "thinks".
        random: how long that takes.
    """

    def __init__(self, clock: FastClock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self.next: EngineAnswer | None = None

    async def turn(self, request: dict[str, Any]) -> EngineAnswer:
        """The scripted answer; without one the engine is down."""
        self._clock.advance(self._random.lognormvariate(-3.3, 0.5))
        if self.next is None:
            raise EngineDown
        return self.next.model_copy(update={"turn": request["turn"] + 1, "snapshot": {"slots": {}}})

    async def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """What it would make of sentences to people."""
        said = self.next
        facts = {
            "intent": said.intent if said else None,
            "confidence": said.confidence if said else None,
            "emotion": said.emotion if said else None,
        }
        return [facts for _ in texts]


def answer(
    intent: str,
    reply: str,
    *,
    fulfilled: bool = False,
    emotion: str = "neutral",
    level: str = "none",
    guess: str | None = None,
) -> EngineAnswer:
    """An answer of the engine."""
    ranking = [{"name": intent, "confidence": 0.9}]
    if guess is not None:
        ranking.append({"name": guess, "confidence": 0.3})
    return EngineAnswer(
        replies=[EngineReply(text=reply, custom={"fulfilled": True} if fulfilled else None)],
        intent=intent,
        confidence=0.3 if intent == "nlu_fallback" else 0.9,
        intent_ranking=ranking,
        emotion={"label": emotion, "level": level, "score": 0.9},
    )


class SimulatedShop:
    """A shop that knows its members' tiers and nothing else.

    Args:
        tiers: customer id to tier.
    """

    def __init__(self, tiers: dict[str, str]) -> None:
        self._tiers = tiers

    async def member(self, customer_id: str) -> Member | None:
        """The member."""
        tier = self._tiers.get(customer_id)
        if tier is None:
            return None
        return Member(
            customer_id=customer_id, name="模拟客户", phone="13800000000", tier=Tier(tier), growth=0
        )

    def __getattr__(self, name: str) -> Any:
        """Everything else cannot be asked."""

        async def away(*_args: object, **_options: object) -> None:
            raise ShopUnavailable

        return away

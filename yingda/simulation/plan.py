"""Who comes when, by which channel, about what, and how it will go: drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from bot.clock import BUSINESS_ZONE

AUTOMATED = ("automated_confirmed", "automated_fulfilled")

INTENTS = {
    "query_order": 18, "query_logistics": 20, "query_points": 6, "redeem_points": 3,
    "return_policy": 8, "request_return": 9, "query_refund": 8, "invoice": 6, "member_tier": 3,
    "store_info": 3, "product_question": 7, "promotion": 5, "change_order": 5, "cancel_order": 4,
    "complaint": 3, "faq/shipping_fee": 4, "faq/price_protection": 3,
}  # fmt: skip
"""What customers of a shop ask, in per cent of all requests."""

HARD = frozenset({"complaint", "request_return", "query_refund", "change_order"})
"""Less of these is settled without a person."""

OUTCOMES = {
    "automated_confirmed": 24, "automated_fulfilled": 46, "handed_off": 13, "handoff_failed": 2,
    "abandoned": 7, "bot_error": 1, "unresolved": 7,
}  # fmt: skip
NOTHING_ASKED = {"greeting_only": 60, "spam": 12, "test": 12, "proactive": 16}
HOURS = (2, 1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 17, 13, 13, 15, 16, 15, 13, 12, 14, 16, 14, 9, 5)
"""Contacts by hour of the day."""

TIERS = {"regular": 60, "silver": 25, "gold": 12, "diamond": 3}
APART = timedelta(hours=3)
"""Two contacts of one person on one channel are at least so far apart, so that they are two."""


@dataclass(frozen=True)
class World:
    """The true shares.

    Args:
        outcomes: of eligible contacts.
        returning: share of settled contacts that come back about the same within 72 h.
        returning_unsettled: the same of the others.
        nothing_asked: share of contacts that ask for nothing.
        contacts_a_month: of one customer.
        by_intent: whether hard requests are settled less often than easy ones.
    """

    outcomes: dict[str, int] = field(default_factory=lambda: dict(OUTCOMES))
    returning: float = 0.06
    returning_unsettled: float = 0.2
    nothing_asked: float = 0.05
    contacts_a_month: float = 1.3
    by_intent: bool = True

    @property
    def automation_rate(self) -> float:
        """The parameter that a report estimates, where requests do not differ (``by_intent``)."""
        automated = sum(self.outcomes[name] for name in AUTOMATED)
        return automated / sum(self.outcomes.values()) * (1 - self.returning)


@dataclass(frozen=True)
class Customer:
    """Somebody: known to the shop or not, on one channel or several.

    ``wechat_linked``: at the first contact there it turns out who they are.
    """

    number: int
    known: bool
    wechat: bool
    wechat_linked: bool
    tier: str

    @property
    def id(self) -> str:
        """The shop's id of them."""
        return f"S{self.number:06d}"

    def person(self, channel: str) -> str:
        """Who they are to the shop on a channel once everything is known."""
        together = self.known and (channel == "app_chat" or self.wechat_linked)
        return self.id if together else f"{channel}:{self.number}"


@dataclass(frozen=True)
class Contact:
    """A contact to be made; ``outcome`` None: nothing is asked, for the reason ``excluded``."""

    number: int
    customer: Customer
    channel: str
    at: datetime
    intent: str
    outcome: str | None
    excluded: str | None = None


def plan(world: World, seed: int, *, customers: int, days: int, until: date) -> list[Contact]:
    """All contacts of ``days`` days up to ``until``, included, in order of time."""
    random = Random(seed)  # noqa: S311 - a simulation must be repeatable
    numbers = count()
    end = datetime.combine(until + timedelta(days=1), time(), BUSINESS_ZONE)
    first_day = until - timedelta(days=days - 1)
    found: list[Contact] = []
    for number in range(customers):
        who = _customer(random, number)
        taken: list[tuple[datetime, str]] = []
        for _ in range(_poisson(random, world.contacts_a_month * days / 30)):
            day = first_day + timedelta(days=random.randrange(days))
            at = _moment(random, day)
            intent = _choose(random, INTENTS)
            # What two independent contacts are about is not "the same again".
            if any(abs(at - t) < APART or (i == intent and abs(at - t) < timedelta(days=9))
                   for t, i in taken):  # fmt: skip
                continue
            found += _visits(world, random, numbers, who, at, intent, taken, end)
    found.sort(key=lambda contact: (contact.at, contact.number))
    return found


def _visits(
    world: World,
    random: Random,
    numbers: count[int],
    who: Customer,
    at: datetime,
    intent: str,
    taken: list[tuple[datetime, str]],
    end: datetime,
) -> list[Contact]:
    """A contact, and the contacts that it leads to."""
    found: list[Contact] = []
    channel = _channel(random, who)
    if random.random() < world.nothing_asked:
        excluded = _choose(random, NOTHING_ASKED)
        return [Contact(next(numbers), who, channel, at, "greet", None, excluded)]
    while at < end:
        outcome = _outcome(world, random, intent)
        found.append(Contact(next(numbers), who, channel, at, intent, outcome))
        taken.append((at, intent))
        automated = outcome in AUTOMATED
        back = world.returning if automated else world.returning_unsettled
        if random.random() >= back:
            break
        at += timedelta(hours=min(3.5 + random.expovariate(1 / 18), 70))
        if who.wechat and who.wechat_linked and random.random() < 0.4:
            channel = "wechat" if channel == "app_chat" else "app_chat"
    return found


def _customer(random: Random, number: int) -> Customer:
    known = random.random() < 0.75
    wechat = random.random() < 0.45
    linked = known and wechat and random.random() < 0.7
    return Customer(number, known, wechat, linked, _choose(random, TIERS))


def _channel(random: Random, who: Customer) -> str:
    return "wechat" if who.wechat and random.random() < 0.5 else "app_chat"


def _outcome(world: World, random: Random, intent: str) -> str:
    shares = dict(world.outcomes)
    if world.by_intent and intent in HARD:
        shares["handed_off"] *= 3
    elif world.by_intent:
        shares["automated_fulfilled"] = round(shares["automated_fulfilled"] * 1.2)
    return _choose(random, shares)


def _moment(random: Random, day: date) -> datetime:
    (hour,) = random.choices(range(24), HOURS)
    return datetime.combine(
        day, time(hour, random.randrange(60), random.randrange(60)), BUSINESS_ZONE
    )


def _choose(random: Random, weights: dict[str, int]) -> str:
    (chosen,) = random.choices(list(weights), list(weights.values()))
    return chosen


def _poisson(random: Random, mean: float) -> int:
    number, passed = 0, random.expovariate(1)
    while passed < mean:
        number, passed = number + 1, passed + random.expovariate(1)
    return number

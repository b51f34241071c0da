"""The policy of handing over, read from one YAML file that may change while the service runs."""

from __future__ import annotations

import logging
import re
import time as time_module
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.clock import BUSINESS_ZONE
from bot.policies import read_policy

log = logging.getLogger(__name__)

POLICY_FILE = Path(__file__).parent / "policy.yml"

REASONS = (
    "sensitive",
    "asked_for_human",
    "complex_intent",
    "frustration",
    "vip_policy",
    "action_failed",
    "engine_down",
    "repeated_failure",
    "off_hours",
)
"""Why a person takes over (DESIGN.md section 3)."""


def _compiled(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {pattern} ({error})") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiled)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hours(_Model):
    """When people are there, on the clock of Asia/Shanghai."""

    open: time
    close: time
    closed_on: tuple[date, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Hours:
        """``always``, ``never``, or ``09:00-21:00``.

        Raises:
            ValueError: none of these.
        """
        if text == "always":
            return cls(open=time.min, close=time.max)
        if text == "never":
            return cls(open=time.min, close=time.min)
        opening, separator, closing = text.partition("-")
        if not separator:
            raise ValueError("opening hours are always, never, or like 09:00-21:00")
        return cls(open=time.fromisoformat(opening), close=time.fromisoformat(closing))

    def are_open(self, now: datetime) -> bool:
        """Whether people are there at an aware moment."""
        local = now.astimezone(BUSINESS_ZONE)
        return local.date() not in self.closed_on and self.open <= local.time() < self.close

    def next_opening(self, now: datetime) -> datetime:
        """The next moment at which people are said to come, later than ``now``."""
        local = now.astimezone(BUSINESS_ZONE)
        day = local.date() if local.time() < self.open else local.date() + timedelta(days=1)
        while day in self.closed_on:
            day += timedelta(days=1)
        return datetime.combine(day, self.open, BUSINESS_ZONE)


class ReasonRule(_Model):
    """What a reason means for the queue."""

    priority: int = Field(ge=1, le=5)
    sla_minutes: float = Field(gt=0)
    skill: str | None = None
    text: str


class Topic(_Model):
    """Something that a person must handle, known by its words or by its intent."""

    name: str
    why: str
    reason: Literal["complex_intent", "sensitive"]
    patterns: tuple[Pattern, ...] = ()
    intents: tuple[str, ...] = ()
    unless: tuple[Pattern, ...] = ()
    unless_calm: tuple[Pattern, ...] = ()
    care: str | None = None
    priority: int | None = Field(None, ge=1, le=5)
    skill: str | None = None


class Asking(_Model):
    """How a wish for a person is known beside the assistant's own request."""

    intents: tuple[str, ...]
    min_confidence: float = Field(ge=0, le=1)
    unless: tuple[Pattern, ...] = ()


class Frustration(_Model):
    """How many sentences of which level, among the last ``within``, are too many."""

    within: int = Field(ge=1, le=10)
    severe: int = Field(ge=1)
    medium: int = Field(ge=1)
    negative: int = Field(ge=1)
    rising: bool
    after_offer: bool


class RepeatedFailure(_Model):
    """When the assistant has failed often enough."""

    fallbacks_in_a_row: int = Field(ge=1)
    fallbacks_by_channel: dict[str, Annotated[int, Field(ge=1)]] = {}
    same_question: int = Field(ge=2)
    alike: float = Field(gt=0, le=1)
    within: int = Field(ge=2, le=12)
    not_questions: tuple[str, ...] = ()


class Vip(_Model):
    """When a member of a tier is handed over sooner than others."""

    when: tuple[Literal["complaint", "negative", "unanswered"], ...]
    unanswered: int = Field(2, ge=1)
    priority: int = Field(ge=1, le=5)


class SeveralOrders(_Model):
    """A change that concerns several orders at once."""

    intents: tuple[str, ...]
    orders: int = Field(ge=2)


class Skills(_Model):
    """Which skill a conversation asks for."""

    default: str
    by_channel: dict[str, str] = {}
    by_intent: dict[str, str] = {}


class Assignment(_Model):
    """Who gets what, and how long anybody waits; times in seconds unless named otherwise."""

    answer_within_s: float = Field(gt=0)
    passes_before_supervisor: int = Field(ge=1)
    offline_after_s: float = Field(gt=0)
    relax_skill_after_s: float = Field(ge=0)
    wait_for_wanted_s: float = Field(ge=0)
    same_agent_hours: float = Field(ge=0)
    silent_minutes: float = Field(gt=0)
    handling_default_s: float = Field(gt=0)
    tell_place_minutes: float = Field(gt=0)
    tell_place_moves: int = Field(ge=1)
    sla_warning_s: float = Field(ge=0)
    message_answered_within_hours: float = Field(gt=0)
    tier_priority: dict[str, int] = {}


class Wording(_Model):
    """What the customer reads about it; placeholders in braces."""

    taking_over: str
    place: str
    next: str
    wait_minutes: str
    wait_soon: str
    nobody_there: str
    nobody_there_phone: str
    still_waiting: str
    answer_meanwhile: str
    answer_meanwhile_phone: str
    left_queue: str
    off_hours: str
    off_hours_phone: str
    closing: str
    closing_phone: str
    agent_here: str
    agent_left: str
    agent_slow: str
    transferring: str
    cancelled: str
    handed_back: str
    resolved: str
    ask_message: str
    message_taken: str
    cancel_button: str
    message_button: str
    go_on_button: str
    go_on: str


class Policy(_Model):
    """Everything that bot/handoff/policy.yml says; its comments explain each value."""

    hours: Hours
    reasons: dict[str, ReasonRule]
    asking: Asking
    frustration: Frustration
    repeated_failure: RepeatedFailure
    engine_down_turns: int = Field(ge=1)
    action_failures: int = Field(ge=1)
    complaint_intents: tuple[str, ...]
    vip: dict[str, Vip] = {}
    several_orders: SeveralOrders
    topics: tuple[Topic, ...]
    skills: Skills
    assignment: Assignment
    wording: Wording

    @model_validator(mode="after")
    def _every_reason(self) -> Policy:
        if set(self.reasons) != set(REASONS):
            different = sorted(set(self.reasons) ^ set(REASONS))
            raise ValueError(f"reasons without a rule, or unknown: {', '.join(different)}")
        return self


class PolicyError(Exception):
    """The policy file cannot be used; the text says where."""


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """Read a policy file.

    Raises:
        PolicyError: unreadable, or a value is missing, unknown or out of range.
    """
    return read_policy(Policy, path, PolicyError)


class PolicyFile:
    """The policy in force: read again when the file changes, kept as it is when that fails.

    Args:
        path: the YAML file.
        hours: replaces the file's opening hours; None takes them from the file.
        look_every_s: how often, in seconds, the file's time stamp is looked at.

    Raises:
        PolicyError: the file cannot be used at the start.
    """

    def __init__(
        self, path: Path = POLICY_FILE, hours: Hours | None = None, look_every_s: float = 1.0
    ) -> None:
        self._path = path
        self._look_every_s = look_every_s
        self._looked = time_module.monotonic()
        self._hours = hours
        self._stamp = self._look()
        self._policy = self._read()

    def current(self) -> Policy:
        """The policy, as it was in the file a moment ago."""
        now = time_module.monotonic()
        if now - self._looked < self._look_every_s:
            return self._policy
        self._looked = now
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            try:
                self._policy = self._read()
                log.info("handoff policy read again")
            except PolicyError as error:
                log.error("handoff policy unusable: the old one stays", extra={"why": str(error)})
        return self._policy

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def _read(self) -> Policy:
        policy = load_policy(self._path)
        return policy if self._hours is None else policy.model_copy(update={"hours": self._hours})

"""The figures of a report as data: what the desk's page, the terminal and a file all show.

Shares are between 0 and 1, durations in seconds, money in yuan. ``None`` means that there is
nothing to measure yet. Days are days in Asia/Shanghai, by the start of the episode.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Level = Literal["none", "light", "medium", "severe"]

MOST_DAYS = 400
"""A report covers at most this many days."""


class Figures(BaseModel):
    """What all parts of a report have in common: they do not change once made."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Range(Figures):
    """Whole days, both included."""

    since: date = Field(alias="from", description="first day")
    until: date = Field(alias="to", description="last day, included")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not 0 <= (self.until - self.since).days < MOST_DAYS:
            raise ValueError(f"from must not be after to, at most {MOST_DAYS} days")
        return self


class ReportFilter(Range):
    """Which episodes a report is about; None does not limit."""

    channel: str | None = Field(None, max_length=32)
    tier: str | None = Field(
        None, max_length=16, description="customer's tier; 'none' for unknown people"
    )
    intent: str | None = Field(
        None, max_length=64, description="main intent; 'faq' stands for every faq/…"
    )


class Rate(Figures):
    """``k`` of ``n``, with a 95 % Wilson interval."""

    n: int
    k: int
    rate: float | None
    low: float | None
    high: float | None
    provisional: bool = False
    greyed: bool = Field(False, description="n < 30: too few to read anything into it")


class Cell(Figures):
    """The automation rate of some episodes; a dimension that is None is not broken down by."""

    day: date | None = None
    channel: str | None = None
    intent: str | None = None
    tier: str | None = None
    name: str = Field("", description="Chinese, for a legend")
    episodes: int = Field(description="contacts, those excluded too")
    n: int = Field(description="eligible episodes")
    k: int = Field(description="automated, and nobody came back about it within 72 h")
    rate: float | None
    low: float | None
    high: float | None
    provisional: bool
    greyed: bool
    outcomes: dict[str, int]
    csat: float | None = Field(None, description="mean score, 1-5")
    negative: float | None = Field(None, description="share of customer messages, 0-1")


class Durations(Figures):
    """Times in seconds; each quantile is exact to one part in twenty."""

    n: int
    p50_s: float | None
    p95_s: float | None


class Exclusions(Figures):
    """Episodes that asked for nothing, by why they do not count."""

    greeting_only: int
    spam: int
    test: int
    proactive: int


class Reason(Figures):
    """How often people took over for one reason."""

    reason: str
    name: str
    count: int
    share: float | None = Field(description="of all handoffs")


class Satisfaction(Figures):
    """What customers said of us afterwards; satisfied is a score of 4 or 5."""

    asked: int
    answered: int
    scores: dict[str, int] = Field(description="'1' to '5'")
    mean: float | None
    satisfied: Rate


class Emotion(Figures):
    """Feelings in what customers wrote, and the worst one of each episode."""

    messages: dict[str, int] = Field(description="positive, neutral, negative")
    negative: float | None = Field(description="share of messages")
    episodes: dict[str, int] = Field(description="worst level: none, light, medium, severe")


class Saving(Figures):
    """What automation saved; ``formula`` is readable, ``inputs`` are its numbers."""

    yuan: float
    formula: str
    inputs: dict[str, float]


class Aim(Figures):
    """What is to be reached, and whether it is: a share at least, seconds at most (95 % of cases)."""

    figure: str
    name: str
    aim: float
    unit: Literal["share", "seconds"]
    value: float | None
    low: float | None
    high: float | None
    n: int | None = Field(description="how many it was measured on; None: it is not measured")
    kept: bool | None = Field(description="None: nothing to judge by")


class Audit(Figures):
    """What supervisors found when they read episodes that count as fulfilled."""

    precision: Rate
    labelled: int
    unsure: int
    wanted: int = Field(description="episodes drawn for the weeks of the range, 100 a week at most")


class Explained(Figures):
    """What a figure is called and how it is made, for whoever points at it."""

    name: str
    formula: str


class Report(Figures):
    """Everything that is known of the episodes a filter names."""

    filter: ReportFilter
    made_at: datetime
    provisional: bool
    provisional_until: datetime | None
    provisional_episodes: int
    episodes: int = Field(description="contacts that have ended, those excluded too")
    eligible: int
    in_progress: int = Field(description="not ended yet, counted nowhere else")
    excluded: Exclusions
    outcomes: dict[str, int]
    automation: Rate
    automation_24h: Rate
    automation_7d: Rate
    repetitive: Rate = Field(description="the automation rate of repetitive questions")
    repetitive_intents: tuple[str, ...]
    aims: tuple[Aim, ...]
    audit: Audit
    containment: Rate
    handoff: Rate
    handoff_reasons: tuple[Reason, ...]
    abandonment: Rate
    bot_errors: Rate
    repeats_24h: Rate
    repeats_72h: Rate
    repeats_7d: Rate
    first_contact_resolution: Rate
    continuity: Rate
    response_first: Durations
    response_online: Durations = Field(description="first answers on all channels but the phone")
    response_hotline: Durations = Field(description="first answers on the phone")
    response_each: Durations
    queue_wait: Durations
    sla_kept: Rate
    csat: Satisfaction
    emotion: Emotion
    saving: Saving
    days: tuple[Cell, ...] = Field(description="oldest first, none left out")
    channels: tuple[Cell, ...] = Field(description="most episodes first")
    intents: tuple[Cell, ...]
    tiers: tuple[Cell, ...]
    cells: tuple[Cell, ...] = Field(description="day, channel, intent: those with episodes")
    explained: dict[str, Explained]


class CellKey(ReportFilter):
    """Which episodes to list: a filter, one day, one outcome …; None does not limit."""

    outcome: str | None = Field(None, max_length=32, description="an outcome")
    excluded: str | None = Field(None, max_length=16, description="a reason of exclusion")
    handoff_reason: str | None = Field(None, max_length=32)
    handed: bool | None = Field(None, description="a person was asked for (or was not)")
    worst: Level | None = Field(None, description="the worst feeling in it")
    csat: int | None = Field(None, ge=1, le=5, description="the customer's score")
    repeated: bool | None = Field(None, description="came back within 72 h (or did not)")


class EpisodeLine(Figures):
    """An episode in a list; `Reports.transcript` has its words."""

    id: str
    conversation: str
    started_at: datetime
    ended_at: datetime
    channel: str
    channel_name: str
    intent: str | None
    intent_name: str | None
    tier: str | None
    outcome: str | None
    outcome_name: str | None
    excluded: str | None
    handoff_reason: str | None
    repeated_after_s: int | None
    provisional: bool
    csat: int | None
    first_words: str = Field(description="masked")


class EpisodePage(Figures):
    """A page of episodes, newest first."""

    items: tuple[EpisodeLine, ...]
    next: str | None = Field(None, description="ask for the next page with it")


class TranscriptLine(Figures):
    """A message of an episode, masked."""

    seq: int
    author: str
    text: str
    at: datetime
    intent: str | None
    intent_name: str | None
    confidence: float | None
    emotion: str | None


class Transcript(Figures):
    """An episode with everything that was said in it, masked."""

    episode: EpisodeLine
    messages: tuple[TranscriptLine, ...]


class AuditItem(Figures):
    """An episode drawn for a week's audit, and what has been said of it: right, wrong, unsure."""

    episode: EpisodeLine
    label: str | None
    note: str
    labelled_by: str | None
    labelled_at: datetime | None


class AuditSample(Figures):
    """A week's audit (Monday to Sunday, Asia/Shanghai)."""

    week: date = Field(description="its Monday")
    precision: Rate
    labelled: int
    items: tuple[AuditItem, ...]


class GapExample(Figures):
    """Something that was not understood, masked."""

    key: str
    text: str
    count: int
    episode: str
    last_at: datetime


class Gap(Figures):
    """Messages of one meaning that the assistant did not understand."""

    id: str
    title: str = Field(description="the most typical text")
    count: int
    customers: int
    examples: tuple[GapExample, ...] = Field(description="most typical first, at most 20")
    keys: tuple[str, ...] = Field(description="all texts of the group, for labelling")
    suggestions: tuple[str, ...] = Field((), description="intents that the engine guessed")


class Gaps(Figures):
    """All gaps of a time, largest first."""

    messages: int
    grouped: int
    labelled: int = Field(description="texts labelled and not yet exported")
    labels: tuple[str, ...] = Field(description="intents to choose from")
    items: tuple[Gap, ...]

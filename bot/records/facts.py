"""What reports know of one episode, derived from its events by a pure function.

Everything that is counted about an episode comes from here (docs/measuring.md), so that deriving the
history anew gives the figures that were there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log
from typing import Any

from bot.records.outcome import SMALL_TALK, Outcome, derive_outcome

LoggedEvent = tuple[str, dict[str, Any], datetime]
"""An event's kind, data and moment."""

FALLBACK = "nlu_fallback"

#: They name no subject, so that coming back "about the same" cannot be said of them.
NO_SUBJECT = SMALL_TALK | {FALLBACK, "out_of_scope", "ask_human", None}

#: What the customer or an agent did; the episode ends with the last of these.
_TALK = frozenset(
    {
        "episode_opened",
        "turn",
        "heard",
        "handoff_opened",
        "handoff_cancelled",
        "agent_assigned",
        "agent_joined",
        "agent_replied",
        "left_message",
        "handed_back",
        "resolved",
    }
)

GROWTH = 1.1
"""Durations are counted in buckets, each a tenth wider than the one before, from a millisecond up:
so the middle of a bucket is within one part in twenty of everything in it, and counts of different
days can be added."""

_LOG = log(GROWTH)
_LEVELS = ("none", "light", "medium", "severe")
_RANKS = {level: rank for rank, level in enumerate(_LEVELS)}


@dataclass(slots=True)
class Facts:
    """One episode as reports count it.

    Args:
        channel: by which it came.
        started_at: when it was opened; its day counts by this.
        ended_at: when something was last said or done in it.
        outcome: how it ended; None where nothing was asked.
        excluded: why it does not count: test, proactive, spam or greeting_only; None if it does.
        intent: what it was mainly about: its first subject, else what there is.
        subjects: all subjects, in order; a repeat contact shares one.
        tier: the customer's, as far as the episode knew it.
        handoff_reason: why people took over first.
        csat: the customer's score, 1 to 5.
        worst: rank of the worst feeling (0 none to 3 severe); -1 where none was read.
        counts: measures that are added up as they are; ``known``: it was known who the customer
            is, from the start or by a proof.
        not_understood: numbers of the messages that were not understood, with what the engine
            would have guessed.
    """

    channel: str
    started_at: datetime
    ended_at: datetime
    outcome: Outcome | None = None
    excluded: str | None = None
    intent: str | None = None
    subjects: tuple[str, ...] = ()
    tier: str | None = None
    handoff_reason: str | None = None
    csat: int | None = None
    worst: int = -1
    counts: dict[str, int] = field(default_factory=dict)
    not_understood: list[tuple[int, str | None]] = field(default_factory=list)


def derive_facts(log_: Sequence[LoggedEvent]) -> Facts | None:
    """Derive everything that reports count of a closed episode.

    Args:
        log_: its events in order.

    Returns:
        The facts; None for a log without a beginning.
    """
    if not log_ or log_[0][0] != "episode_opened":
        return None
    _kind, data, began = log_[0]
    facts = Facts(str(data.get("channel", "")), began, began)
    seen: dict[str | None, None] = {}
    turns = 0
    people: dict[str, Any] | None = None
    test, spam, closed = data.get("test"), False, False
    if data.get("level", "anonymous") != "anonymous":
        facts.counts["known"] = 1
    for kind, data, at in log_:
        if not closed and kind in _TALK:
            facts.ended_at = at
        if kind == "turn" or kind == "heard":
            if data.get("csat"):
                continue
            turns += 1
            _said(facts, data, seen, turns == 1)
            if kind == "turn":
                facts.tier = data.get("tier") or facts.tier
        elif kind == "episode_closed":
            closed = True
        elif kind == "resolved":
            spam = spam or data.get("disposition") == "spam"
        elif kind == "handoff_opened":
            people = people or data
        elif kind == "verified":
            facts.counts["known"] = 1
        elif kind == "csat_asked":
            facts.counts["csat_asked"] = 1
        elif kind == "csat_given":
            facts.csat = int(data["score"])
        elif kind == "agent_joined" or kind == "agent_replied":
            _waited(facts, data.get("waited_ms"), first=False)
    if facts.worst >= 0:
        facts.counts[f"worst:{_LEVELS[facts.worst]}"] = 1
    if people is not None:
        facts.handoff_reason = people.get("reason")
        facts.tier = people.get("tier") or facts.tier
        _queue(facts, log_)
    facts.outcome = derive_outcome(log_)
    facts.subjects = tuple(str(intent) for intent in seen if intent not in NO_SUBJECT)
    facts.intent = _main_intent(facts.subjects, seen)
    if test:
        facts.excluded = "test"
    elif spam:
        facts.excluded = "spam"
    elif facts.outcome is None:
        facts.excluded = (
            "proactive" if not turns else "spam" if "abuse" in seen else "greeting_only"
        )
    return facts


def bucket(milliseconds: float) -> int:
    """In which bucket a duration is counted."""
    return int(log(milliseconds) / _LOG) if milliseconds > 1 else 0


def middle_of(number: int) -> float:
    """A bucket's geometric middle, in seconds."""
    return float(GROWTH ** (number + 0.5) / 1000)


def _said(facts: Facts, data: dict[str, Any], seen: dict[str | None, None], first: bool) -> None:
    intent = data.get("intent")
    seen[intent] = None
    counts = facts.counts
    emotion = data.get("emotion")
    if emotion:
        name = f"emotion:{emotion.get('label', 'neutral')}"
        counts[name] = counts.get(name, 0) + 1
        facts.worst = max(facts.worst, _RANKS.get(emotion.get("level"), 0))
    _waited(facts, data.get("waited_ms"), first=first)
    if intent == FALLBACK and not data.get("chosen"):
        guesses = (item.get("name") for item in data.get("ranking") or ())
        facts.not_understood.append(
            (int(data.get("seq", 0)), next((g for g in guesses if g != FALLBACK), None))
        )


def _waited(facts: Facts, milliseconds: float | None, *, first: bool) -> None:
    if milliseconds is None:
        return
    number = bucket(milliseconds)
    each = f"each:{number}"
    facts.counts[each] = facts.counts.get(each, 0) + 1
    if first:
        facts.counts[f"first:{number}"] = 1


def _queue(facts: Facts, log_: Sequence[LoggedEvent]) -> None:
    """How long each handoff waited for a person, and whether its promise was kept.

    The promise is a first answer within the reason's time. Where the customer left before that
    time was up nothing was promised any more, so it counts neither way.
    """
    counts = facts.counts
    opened: datetime | None = None
    allowed_s: float | None = None
    assigned = False
    for kind, data, at in log_:
        if kind == "handoff_opened":
            queued = data.get("reason") != "off_hours"
            opened, allowed_s = (at, data.get("sla_s")) if queued else (None, None)
            assigned = False
        elif opened is None:
            continue
        elif kind == "agent_assigned" and not assigned:
            assigned = True
            wait = f"wait:{bucket((at - opened).total_seconds() * 1000)}"
            counts[wait] = counts.get(wait, 0) + 1
        elif kind in ("agent_joined", "handoff_cancelled", "handed_back", "resolved"):
            if allowed_s is not None:
                late = (at - opened).total_seconds() > allowed_s
                if kind == "agent_joined" or late:
                    name = "sla:late" if late else "sla:kept"
                    counts[name] = counts.get(name, 0) + 1
                allowed_s = None


def _main_intent(subjects: tuple[str, ...], seen: dict[str | None, None]) -> str | None:
    if subjects:
        return subjects[0]
    for general in ("ask_human", FALLBACK, "out_of_scope"):
        if general in seen:
            return general
    return next((intent for intent in seen if intent is not None), None)

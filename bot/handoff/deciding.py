"""Should a person take over? A pure function of the policy and of what an episode has seen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actions.reading import simplified
from bot.handoff.policy import Policy, Topic
from bot.handoff.wishes import asks_for_human

FALLBACK = "nlu_fallback"
DENY = "deny"
LEVELS = {"none": 0, "light": 1, "medium": 2, "severe": 3}
"""Levels of displeasure, as the engine names them."""

_ORDER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Heard:
    """One message of the customer, and what became of it.

    Args:
        seq: its number in the conversation.
        text: what was written.
        intent: as understood; None without the engine.
        confidence: of the intent, 0 to 1.
        level: of displeasure: none, light, medium or severe.
        score: of displeasure, 0 to 1.
        chosen: a quick reply of ours was pressed.
        failed: an action failed in this turn.
        without_engine: the engine gave no answer, after its retries.
        offered: the answer offered a person.
        requests: what the assistant's actions asked for in this turn: reason and evidence.
    """

    seq: int
    text: str
    intent: str | None = None
    confidence: float = 1.0
    level: str = "none"
    score: float = 0.0
    chosen: bool = False
    failed: bool = False
    without_engine: bool = False
    offered: bool = False
    requests: tuple[tuple[str, str], ...] = ()

    @property
    def displeasure(self) -> int:
        """0 (none) to 3 (severe)."""
        return LEVELS.get(self.level, 0)


@dataclass(frozen=True)
class EpisodeView:
    """An episode as the decision sees it.

    Args:
        channel: where it takes place.
        turns: the customer's messages since people last had the conversation (or were asked for),
            oldest first; the last is the present one.
        tier: the verified customer's tier, if it is known.
    """

    channel: str
    turns: tuple[Heard, ...]
    tier: str | None = None


@dataclass(frozen=True)
class Evidence:
    """Which message speaks for it, and why, in Chinese for the desk."""

    seq: int
    why: str


@dataclass(frozen=True)
class Decision:
    """A person should take over.

    Args:
        reason: the first of the policy's reasons that holds.
        evidence: everything that speaks for it, in order of seq.
        priority: 1 (most urgent) to 5.
        skill: who should take it.
        language: what the customer writes: ``zh`` or ``en``.
        care: said to the customer before anything else, for sensitive matters.
    """

    reason: str
    evidence: tuple[Evidence, ...]
    priority: int
    skill: str
    language: str = "zh"
    care: str | None = None


@dataclass(frozen=True)
class _Finding:
    reason: str
    evidence: tuple[Evidence, ...]
    topic: Topic | None = None
    priority: int | None = None


def decide(policy: Policy, view: EpisodeView) -> Decision | None:
    """Whether a person should take over after the present turn, and why; None: the bot goes on."""
    if not view.turns:
        return None
    findings = list(_findings(policy, view))
    if not findings:
        return None
    order = list(policy.reasons)
    findings.sort(key=lambda finding: order.index(finding.reason))
    first = findings[0]
    evidence = {(e.seq, e.why): e for finding in findings for e in finding.evidence}
    asked_for_care = any(reason == "sensitive" for reason, _ in view.turns[-1].requests)
    care = next((f.topic.care for f in findings if f.topic and f.topic.care), None)
    return Decision(
        reason=first.reason,
        evidence=tuple(sorted(evidence.values(), key=lambda e: e.seq)),
        priority=_priority(policy, view, findings),
        skill=_skill(policy, view, findings),
        language=_language(view),
        # What the assistant's own action has said already is not said twice.
        care=None if asked_for_care else care,
    )


def _findings(policy: Policy, view: EpisodeView) -> Iterator[_Finding]:
    now = view.turns[-1]
    yield from _requested(policy, now)
    yield from _topics(policy, now)
    if _asks(policy, now):
        yield _found("asked_for_human", now, "客户要求人工")
    for finder in (_frustration, _failures, _vip, _several_orders):
        yield from finder(policy, view)


def _found(reason: str, turn: Heard, why: str, priority: int | None = None) -> _Finding:
    return _Finding(reason, (Evidence(turn.seq, why),), priority=priority)


def _requested(policy: Policy, now: Heard) -> Iterator[_Finding]:
    for reason, _evidence in now.requests:
        if reason in policy.reasons and reason != "off_hours":
            yield _found(reason, now, policy.reasons[reason].text)


def _asks(policy: Policy, now: Heard) -> bool:
    if asks_for_human(now.text):
        return True
    asking = policy.asking
    return (
        now.intent in asking.intents
        and now.confidence >= asking.min_confidence
        and not any(re.search(pattern, now.text) for pattern in asking.unless)
    )


def _topics(policy: Policy, now: Heard) -> Iterator[_Finding]:
    text = _SPACE.sub("", simplified(now.text)).lower()
    for topic in policy.topics:
        if speaks_of(topic, text, calm=not now.displeasure) or now.intent in topic.intents:
            evidence = (Evidence(now.seq, topic.why),)
            yield _Finding(topic.reason, evidence, topic, topic.priority)


def speaks_of(topic: Topic, text: str, calm: bool) -> bool:
    """Whether a text is about a topic once the harmless phrases in it are blanked out."""
    for pattern in (*topic.unless, *(topic.unless_calm if calm else ())):
        text = re.sub(pattern, "　", text)
    return any(re.search(pattern, text) for pattern in topic.patterns)


def _frustration(policy: Policy, view: EpisodeView) -> Iterator[_Finding]:
    rules = policy.frustration
    now = view.turns[-1]
    if not now.displeasure:
        return
    recent = view.turns[-rules.within :]
    for least, wanted, why in (
        (3, rules.severe, "情绪激烈"),
        (2, rules.medium, "明显不满"),
        (1, rules.negative, "持续不满"),
    ):
        angry = [turn for turn in recent if turn.displeasure >= least]
        if len(angry) >= wanted:
            yield _Finding("frustration", tuple(Evidence(turn.seq, why) for turn in angry))
            return
    last = view.turns[-3:]
    if rules.rising and len(last) == 3 and now.displeasure >= 2 and _rises(last):
        yield _Finding("frustration", tuple(Evidence(t.seq, "情绪逐步升级") for t in last[1:]))
    elif rules.after_offer and now.intent != DENY and len(view.turns) > 1:
        if view.turns[-2].offered:
            yield _found("frustration", now, "已提出转人工后仍不满")


def _rises(turns: Sequence[Heard]) -> bool:
    scores = [(turn.displeasure, turn.score) for turn in turns]
    return all(before < after for before, after in itertools.pairwise(scores)) and bool(
        turns[1].displeasure
    )


def _failures(policy: Policy, view: EpisodeView) -> Iterator[_Finding]:
    now = view.turns[-1]
    rules = policy.repeated_failure
    last = view.turns[-policy.engine_down_turns :]
    if len(last) == policy.engine_down_turns and all(turn.without_engine for turn in last):
        yield _found("engine_down", now, "机器人重试后仍无法应答")
    last = view.turns[-policy.action_failures :]
    if len(last) == policy.action_failures and all(turn.failed for turn in last):
        yield _found("action_failed", now, "业务操作接连失败")
    most = rules.fallbacks_by_channel.get(view.channel, rules.fallbacks_in_a_row)
    last = view.turns[-most:]
    if len(last) == most and all(turn.intent == FALLBACK for turn in last):
        yield _Finding("repeated_failure", tuple(Evidence(turn.seq, "没听懂") for turn in last))
    if now.chosen or now.intent is None or now.intent in rules.not_questions:
        return
    if not _HAN.search(now.text) and not _WORD.search(now.text):
        return  # a number is an answer, however often a wrong one is given
    same = [
        turn
        for turn in view.turns[-rules.within :]
        if not turn.chosen
        and turn.intent not in rules.not_questions
        and alike(turn.text, now.text) >= rules.alike
    ]
    if len(same) >= rules.same_question:
        evidence = tuple(Evidence(turn.seq, "反复问同一个问题") for turn in same)
        yield _Finding("repeated_failure", evidence)


def alike(one: str, other: str) -> float:
    """How much two sentences have in common: the Dice coefficient of their character pairs."""
    a, b = _pairs(one), _pairs(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _pairs(text: str) -> set[str]:
    bare = _MARKS.sub("", text.lower())
    return {bare[i : i + 2] for i in range(len(bare) - 1)} or ({bare} if bare else set())


def _vip(policy: Policy, view: EpisodeView) -> Iterator[_Finding]:
    rule = policy.vip.get(view.tier or "")
    if rule is None:
        return
    now = view.turns[-1]
    missed = sum(turn.intent == FALLBACK for turn in view.turns)
    for sign, holds, why in (
        ("complaint", now.intent in policy.complaint_intents, "高等级会员投诉"),
        ("negative", now.displeasure > 0, "高等级会员不满"),
        (
            "unanswered",
            now.intent == FALLBACK and missed >= rule.unanswered,
            "高等级会员的问题没答上",
        ),
    ):
        if holds and sign in rule.when:
            yield _found("vip_policy", now, why, rule.priority)


def _several_orders(policy: Policy, view: EpisodeView) -> Iterator[_Finding]:
    now = view.turns[-1]
    rule = policy.several_orders
    if now.intent in rule.intents and len(set(_ORDER.findall(now.text))) >= rule.orders:
        yield _found("complex_intent", now, "一次要变更多笔订单")


def _priority(policy: Policy, view: EpisodeView, findings: Sequence[_Finding]) -> int:
    best = min(
        policy.reasons[f.reason].priority if f.priority is None else f.priority for f in findings
    )
    return max(1, best + policy.assignment.tier_priority.get(view.tier or "", 0))


def _skill(policy: Policy, view: EpisodeView, findings: Sequence[_Finding]) -> str:
    skills = policy.skills
    if view.channel in skills.by_channel:
        return skills.by_channel[view.channel]
    for finding in findings:
        skill = (finding.topic and finding.topic.skill) or policy.reasons[finding.reason].skill
        if skill:
            return skill
    intents = [turn.intent for turn in reversed(view.turns) if turn.intent in skills.by_intent]
    substantive = [
        turn.intent
        for turn in reversed(view.turns)
        if turn.intent
        and turn.intent not in policy.repeated_failure.not_questions
        and turn.intent not in (*policy.asking.intents, FALLBACK)
    ]
    if intents and substantive[:1] == intents[:1]:
        return skills.by_intent[str(intents[0])]
    return skills.default


def _language(view: EpisodeView) -> str:
    texts = [turn.text for turn in view.turns if not turn.chosen]
    if any(_HAN.search(text) for text in texts):
        return "zh"
    return "en" if sum(len(_WORD.findall(text)) for text in texts) >= 3 else "zh"

"""What a rule says about one article: until when it can go back, why not, and what is left then."""

from __future__ import annotations

import re
from datetime import date, timedelta

from actions.dialogue import Turn
from actions.orders import short_title
from actions.returns.reading import defective_in, opened_in, used_in
from actions.shop.models import Order, OrderLine, ReturnPolicy
from actions.wording import business_day, full_day

WARRANTED = "小家电"
"""The category that is repaired for nothing for a year from the day after signing (utter_policy_repair)."""

USED = "已经使用过"

REFUSED = "refused"
"""Where ``Memory.about`` keeps what was refused last ("order number/sku"), for "为什么"."""

_NEXT_TO_SKIN = re.compile(r"内衣|文胸|胸罩|秋[衣裤]|打底裤|泳衣")
_EXCEPTED = re.compile(r"([^；。，]+)(等[^；。，等]*)拆封后不支持无理由")


def rule_for(policy: ReturnPolicy, goods: str) -> ReturnPolicy:
    """The rule of a category as it holds for some goods.

    A note may except goods once they are opened: "内裤、袜子等贴身衣物拆封后不支持无理由".

    Args:
        policy: the rule of the category.
        goods: a title, or the customer's words.
    """
    found = _EXCEPTED.search(policy.note)
    if found is None:
        return policy
    names = [name.removesuffix("子") for name in found[1].split("、")]
    named = any(name in goods for name in [*names, found[2].removeprefix("等")] if name)
    if not named and not ("贴身" in found[2] and _NEXT_TO_SKIN.search(goods)):
        return policy
    return policy.model_copy(update={"category": found[1] + found[2], "days_opened": 0})


def last_day(policy: ReturnPolicy, signed: date, *, opened: bool, defective: bool) -> date | None:
    """The last day for a return, or None when the rule does not allow it.

    The period starts on the day after signing (Consumer Rights Law art. 25).
    """
    days = policy.days_opened if opened else policy.days_unopened
    if defective:
        days = policy.days_defective
    return signed + timedelta(days) if days else None


def warranty_until(policy: ReturnPolicy, signed: date) -> date | None:
    """The last day on which the article is repaired for nothing; None without a warranty."""
    if policy.category != WARRANTED:
        return None
    leap_day = (signed.month, signed.day) == (2, 29)
    return signed.replace(year=signed.year + 1, day=28 if leap_day else signed.day)


def spared(policy: ReturnPolicy) -> str:
    """The part of a rule that lets goods be refunded without sending them back, or nothing."""
    return next((part for part in policy.note.split("；") if "不用寄回" in part), "")


def tell_verdict(turn: Turn, text: str, policy: ReturnPolicy, signed: date) -> bool:
    """Say until when, for what was said; else for unopened, opened and faulty goods.

    Returns:
        Whether the article can still go back in one of these cases.
    """
    if defective_in(text):
        return tell_fault(turn, policy, signed)
    if used_in(text):
        turn.use("utter_verdict_never", case=USED)
        tell_quality(turn, policy, signed)
        return False
    can = [_tell_case(turn, policy, signed, opened=o, case=c) for o, c in _cases(text, policy)]
    if not all(can):
        tell_quality(turn, policy, signed)
    return any(can)


def _cases(text: str, policy: ReturnPolicy) -> list[tuple[bool, str]]:
    opened = opened_in(text)
    if opened is not None:
        return [(opened, "已经拆封" if opened else "没有拆封")]
    if policy.days_opened == policy.days_unopened:
        return [(False, "没有质量问题")]
    return [(False, "没有拆封"), (True, "已经拆封")]


def _tell_case(turn: Turn, policy: ReturnPolicy, signed: date, *, opened: bool, case: str) -> bool:
    until = last_day(policy, signed, opened=opened, defective=False)
    if until is None:
        turn.use("utter_verdict_never", case=case)
    elif until < turn.today:
        turn.use("utter_verdict_over", case=case, until=full_day(until, turn.today))
    else:
        turn.use("utter_verdict_until", case=case, until=full_day(until, turn.today))
    return until is not None and until >= turn.today


def tell_quality(turn: Turn, policy: ReturnPolicy, signed: date) -> None:
    """Say until when faulty goods can go back, where goods without a fault cannot."""
    until = last_day(policy, signed, opened=True, defective=True)
    if until is not None:
        over = until < turn.today
        name = "utter_verdict_quality_over" if over else "utter_verdict_quality"
        turn.use(name, until=full_day(until, turn.today), days=policy.days_defective)


def tell_fault(turn: Turn, policy: ReturnPolicy, signed: date) -> bool:
    """Say until when a faulty article can go back; past that, the repair or a person.

    Returns:
        Whether it can go back.
    """
    until = last_day(policy, signed, opened=True, defective=True)
    if until is not None and until >= turn.today:
        turn.use("utter_verdict_until", case="有质量问题", until=full_day(until, turn.today))
        return True
    tell_quality(turn, policy, signed)
    repaired = warranty_until(policy, signed)
    if repaired is not None and repaired >= turn.today:
        turn.offer_human(
            "utter_warranty_offer", "complex_intent", until=full_day(repaired, turn.today)
        )
    else:
        turn.offer_human("utter_fault_over_offer", "complex_intent")
    return False


def refuse(
    turn: Turn, order: Order, line: OrderLine, policy: ReturnPolicy, *, opened: bool, faulty: bool
) -> None:
    """Say that an article cannot go back: its name, the day it ended, and what is left.

    Args:
        turn: the turn.
        order: a signed order.
        line: the article that was asked about.
        policy: the rule of its category.
        opened: whether it was opened.
        faulty: whether a fault is the reason.
    """
    if order.signed_at is None:
        return
    rule, signed = rule_for(policy, line.title), business_day(order.signed_at)
    note_refused(turn, order, line)
    if faulty:
        turn.use("utter_refusal_fault", **_named(turn, line, signed))
        tell_fault(turn, rule, signed)
        turn.fulfil()
        return
    until = last_day(rule, signed, opened=opened, defective=False)
    if until is None:
        turn.use("utter_refusal_opened", goods=short_title(line.title), category=rule.category)
    else:
        values = _named(turn, line, signed)
        turn.use("utter_refusal_late", until=full_day(until, turn.today), **values)
    tell_quality(turn, rule, signed)
    turn.fulfil()
    turn.offer_human("utter_refusal_offer", "complex_intent")


def note_refused(turn: Turn, order: Order, line: OrderLine) -> None:
    """Remember what could not go back, for the question why."""
    turn.memory.about[REFUSED] = f"{order.number}/{line.sku}"


def explain_refusal(turn: Turn, order: Order, line: OrderLine, policy: ReturnPolicy) -> None:
    """Answer why: the rule in one sentence, until when a fault counts, and a person."""
    if order.signed_at is None:
        return
    rule, signed = rule_for(policy, line.title), business_day(order.signed_at)
    values = _named(turn, line, signed) | {"days": (turn.today - signed).days}
    allowed = {"category": rule.category, "allowed": rule.days_unopened}
    over = signed + timedelta(rule.days_unopened) < turn.today
    turn.use("utter_refusal_why_late" if over else "utter_refusal_why_opened", **values, **allowed)
    tell_quality(turn, rule, signed)
    turn.fulfil()
    turn.offer_human("utter_refusal_offer", "complex_intent")


def _named(turn: Turn, line: OrderLine, signed: date) -> dict[str, object]:
    return {"goods": short_title(line.title), "signed": full_day(signed, turn.today)}

"""What a message means while no question of ours is open: something new, or the last subject's next word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from actions.dialogue.fragments import (
    LIKELY,
    LOOKS_UP,
    SMALL,
    bare_digits,
    bare_number,
    bare_product,
    not_wanted,
    only_urges,
    true_intent,
    unsure,
)
from actions.dialogue.message import FALLBACK, Message
from actions.dialogue.request import Request
from actions.dialogue.skill import Skill
from actions.dialogue.steering import HUMAN, beside_refusal, refuses_human, wants_human
from actions.dialogue.turn import Turn
from actions.dialogue.wishes import subject_of
from actions.reading import says_cancel, says_correction, urges

NOT_UNDERSTOOD = frozenset({FALLBACK, "out_of_scope", "affirm", "deny"})
_BYE_BYE = re.compile("886?")
"""Sounds like bye-bye, and is none of our numbers."""
_COMPLAINS = re.compile(r"(?<!不)投诉(?!电话|热线|邮箱|渠道)|举报")
_WORDS = re.compile(r"\w")
_ANGRY = frozenset({"medium", "severe"})
_NO_REQUEST = 4
"""Characters beside a refusal that ask for nothing ("谢谢", "你给我办")."""


async def fresh_meaning(turn: Turn, request: Request, skills: Mapping[str, Skill]) -> str:
    """The intent that ``turn.message`` has here; may add to the request which order is meant.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    message = turn.message
    intent = message.intent if message.intent in skills else FALLBACK
    if intent in (HUMAN, FALLBACK) and refuses_human(message):
        intent = _beside_a_person(message, skills)
    elif intent == HUMAN and not wants_human(message):
        intent = FALLBACK
    if message.chosen:
        return intent
    claimed = await claimed_by(turn, request, skills)
    if claimed:
        return claimed
    intent = _heard_as(message, true_intent(message, intent), skills)
    topic = skills.get(turn.memory.topic or "")
    if bare_product(message):
        return await _of_a_noun(turn, request, topic, skills)
    if bare_digits(message.text) and not request.order_number:
        return intent if _BYE_BYE.fullmatch(message.text.strip()) else FALLBACK
    if request.order_number and bare_number(message.text):
        return topic.intent if topic and topic.about_orders else "query_order"
    if topic:
        of_topic = await _of_the_topic(turn, request, topic)
        if of_topic:
            return of_topic
    if intent in NOT_UNDERSTOOD and urges(message.text):
        return topic.intent if topic and topic.about_orders else "query_logistics"
    if intent == FALLBACK and request.points_at_order:
        return await _own_order(turn, request, skills)
    return intent


def _heard_as(message: Message, intent: str, skills: Mapping[str, Skill]) -> str:
    """A complaint that names itself, or an angry face alone, is one though the engine knows it not."""
    angry = message.emotion in _ANGRY and not _WORDS.search(message.text)
    complains = intent == FALLBACK and (angry or _COMPLAINS.search(message.text))
    return "complaint" if complains and "complaint" in skills else intent


def _beside_a_person(message: Message, skills: Mapping[str, Skill]) -> str:
    """What somebody wants who wants no person for it."""
    rest = beside_refusal(message.text)
    if len(rest) <= _NO_REQUEST:
        return "deny"
    named = subject_of(rest)
    likely = (n for n, c in message.ranking if n not in (HUMAN, FALLBACK) and c >= LIKELY)
    return named if named and named in skills else next(likely, FALLBACK)


def gives_up_order(turn: Turn) -> bool:
    """Whether the order just looked up is not wanted any more ("不要了", "那取消吧")."""
    text, memory = turn.message.text, turn.memory
    spoken_of = bool(memory.order_number) and memory.topic in LOOKS_UP
    return spoken_of and (not_wanted(text) or ("取消" in text and says_cancel(text)))


async def claimed_by(turn: Turn, request: Request, skills: Mapping[str, Skill]) -> str | None:
    """The skill that takes a message whatever the classifier says, if one does.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    topic = skills.get(turn.memory.topic or "")
    # What was spoken of has the first say: 「邮箱里没有」 after an invoice is no parcel with a thing missing.
    for skill in (*([topic] if topic else []), *skills.values()):
        if await skill.claims(turn, request):
            return skill.intent
    return None


async def _of_a_noun(
    turn: Turn, request: Request, topic: Skill | None, skills: Mapping[str, Skill]
) -> str:
    """A product and nothing else: the topic's next one, an order of the speaker, or a question."""
    goes_on = topic and await topic.continues(turn, request)
    turn.message = replace(turn.message, ranking=())  # a classifier knows nothing of nouns
    if topic and goes_on:
        return topic.intent
    own = await _own_order(turn, request, skills)
    return "product_question" if own == FALLBACK else "query_order"


async def _of_the_topic(turn: Turn, request: Request, topic: Skill) -> str | None:
    """What a message means that says little and was said of the last subject; None if it was not."""
    message, memory = turn.message, turn.memory
    if topic.about_orders and says_correction(message.text):
        if not await topic.continues(turn, request):
            return None
        request.exclude = memory.order_number
        return topic.intent
    if topic.about_orders and only_urges(message.text):
        return topic.intent
    if gives_up_order(turn):
        request.order_number = memory.order_number
        return "cancel_order"
    if unsure(message) and await topic.continues(turn, request):
        return topic.intent
    return topic.intent if topic.asks_on(message.text) else None


async def _own_order(turn: Turn, request: Request, skills: Mapping[str, Skill]) -> str:
    """What to look up for a fragment that points at an order of the speaker ("上个月买的那个")."""
    skill = skills.get("query_order")
    who = await turn.who()
    if skill is None or not (who.verified or request.order_number):
        return FALLBACK
    if request.products and not await skill.continues(turn, Request(text=request.text)):
        return FALLBACK
    likely = next((n for n, c in turn.message.ranking if n != FALLBACK and c >= LIKELY), None)
    if likely is None or likely in LOOKS_UP or likely in SMALL:
        return likely if likely in LOOKS_UP else skill.intent
    return FALLBACK

"""Several requests in one message: the engine's parts, and clauses whose words leave no doubt.

"查积分，顺便看加湿器到哪了" asks for two things. The engine says so when both clauses are clear
to it; a clause that begins like an addition ("顺便", "还有") and names its subject outright is
taken as a request here even when the engine left it out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

from actions.dialogue.message import FALLBACK, Message
from actions.reading import answer_in, says_cancel, simplified

MAX_WISHES = 4
CLEAR = 0.9
"""Confidence given to a clause that was read by its words."""

_ADDS = r"还有|另外|顺便|順便|然后|然後|以及|同时|再(?=[帮幫问問查看])|再给我|对了|對了|也(?=[帮幫查看问])"
_BREAK = re.compile(rf"[，,。？?！!；;\n]+\s*|\s+|(?<=.)(?=(?:{_ADDS}))")
_ADDITION = re.compile(rf"^[，,。\s]*(?:{_ADDS})")
_WORDS = (
    ("ask_human", r"转人工|人工客服|[找叫]个?真人"),
    ("redeem_points", r"积分.{0,4}(换|兑)"),
    ("query_points", r"积分"),
    (
        "request_return",
        r"(想|要|帮我|给我|申请)退(?!款)|把.{1,8}退(了|掉)|退货(?!.{0,5}(规则|政策|流程|地址|运费|多久|吗|费))",
    ),
    ("product_question", r"^(?!.*(退|运费|邮费|积分|抵)).*(多少钱|什么价|怎么卖)"),
    ("query_refund", r"退款.{0,6}(到|进度|哪|多久|没)|(退|钱).{0,4}(退|到账).{0,4}(没|哪|了吗)"),
    ("invoice", r"发票|开票"),
    ("member_tier", r"会员.{0,4}(等级|级别)|^[查看](一?下)?(我的)?会员|什么等级|几级会员|什么会员"),
    ("store_info", r"门店|实体店|线下店"),
    (
        "query_logistics",
        r"到哪|(快递|包裹|物流)(?!费|单|员|公司|柜|险).{0,6}(到|哪|查|看|怎么|呢|[？?]|$)"
        r"|什么时候(能|可以)?(到|送)|几天(能)?到|没到的?.{0,4}[查看]|[查看].{0,4}没到的",
    ),
)
_BRIEF = 10
_ASKS_FOR = re.compile(r"查|看|开|退货|[想要]退|到哪|多少")
TALE = 60
"""Characters; a longer message about goods tells of several things."""
TROUBLE = re.compile(r"退|换|修|坏|松|漏|破|裂")
_SEVERAL_GOODS = 3
_ASSENT = re.compile(
    r"(?:(?:好[的吧呀啊嘞]|行[吧的]|可以的|[嗯恩哦]|是的|ok)+|(?:好|行|可以|对|成)(?=[\s，,。！!~～]|那))"
    r"[\s，,。！!~～]*(?:那么?)?",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"[吗呢么？?]|怎么|咋|如何|多久|多少|几[天点号个时]|[哪谁]|什么|啥|能不能|可不可以|要不要|会不会|是不是|用不用"
)
_POLITE_ASKING = re.compile(r"(?:可以|好|行)(?:吗|不|么)|(?:行不行|好不好|可不可以)[啊呀]?")
_GUESSED = 0.2
"""From this on the engine's next guess is believed of the question after a yes."""
_REST = 4
"""Characters after a yes or no that can be a request of their own."""


def is_tale(message: Message) -> bool:
    """Whether a message tells at length of several goods with something wrong: a request in it is only a part of it."""
    several = len(message.values("product")) >= _SEVERAL_GOODS
    return several and len(message.text) > TALE and bool(TROUBLE.search(message.text))


def wishes(message: Message, known: Collection[str]) -> list[Message]:
    """The different requests of a message, in order; empty when there is only one.

    Args:
        message: what came in.
        known: intents that can be answered as requests.
    """
    if message.chosen or is_tale(message):
        return []
    found = [(p.start, p.end, p.message) for p in message.parts if p.message.intent in known]
    for start, end in _clauses(message.original):
        clause = simplified(message.original[start:end])
        opens = start == 0 and bool(found)  # the engine divided the rest, but was unsure of this
        if not (opens or _ADDITION.match(clause)) or any(
            s < end and start < e for s, e, _ in found
        ):
            continue
        intent = subject_of(clause)
        if intent in known and intent not in {m.intent for *_, m in found}:
            found.append((start, end, message.only(clause, str(intent), CLEAR)))
    found.sort(key=lambda entry: entry[0])
    if found and not message.parts:
        found = _with_opening(message, found, known)
    if not found:
        found = _one_after_another(message, known)
    different = {(m.intent, m.faq_id) for *_, m in found}
    return [m for *_, m in found][:MAX_WISHES] if len(different) > 1 else []


def _one_after_another(message: Message, known: Collection[str]) -> list[tuple[int, int, Message]]:
    """Short clauses that each ask for something by its name: "查快递 查积分 开发票"."""
    found = []
    for start, end in _clauses(message.original):
        clause = simplified(message.original[start:end]).strip("，,。 ")
        intent = subject_of(clause)
        if intent not in known or len(clause) > _BRIEF or not _ASKS_FOR.search(clause):
            return []
        found.append((start, end, message.only(clause, str(intent), CLEAR)))
    return found


def _with_opening(
    message: Message, found: list[tuple[int, int, Message]], known: Collection[str]
) -> list[tuple[int, int, Message]]:
    """Put what the message began with before the additions that were read by their words."""
    end = found[0][0]
    opening = simplified(message.original[:end])
    first = subject_of(opening) or message.intent
    if not opening.strip("，,。 ") or first not in known or first == found[0][2].intent:
        return found
    said = message.only(opening, first, CLEAR)
    if first == message.intent:
        said = replace(said, confidence=message.confidence, faq_id=message.faq_id)
    return [(0, end, said), *found]


def _clauses(text: str) -> list[tuple[int, int]]:
    edges = [0, *(m.end() for m in _BREAK.finditer(text)), len(text)]
    return [(a, b) for a, b in pairwise(edges) if text[a:b].strip()]


def subject_of(clause: str) -> str | None:
    """The intent that a clause names outright, if it does."""
    return next((intent for intent, words in _WORDS if re.search(words, clause)), None)


def answer_and_rest(message: Message, known: Collection[str]) -> tuple[Message, Message] | None:
    """A yes, no or "never mind" and the request that follows it ("算了，帮我看看快递到哪了").

    A yes counts only before a plain addition ("好的，顺便查下积分"): what follows it otherwise may
    well take it back.
    """
    spans = _clauses(message.original)
    if message.chosen or len(spans) < 2:
        return None
    cut = spans[0][1]
    head, rest = simplified(message.original[:cut]), simplified(message.original[cut:])
    if len(rest) < _REST:
        return None
    intent = subject_of(rest) or message.intent
    if intent not in known:
        return None
    said = "no" if says_cancel(head) else answer_in(head)
    if said is None or (said == "yes" and not _ADDITION.match(rest)):
        return None
    answer = message.only(head, "affirm" if said == "yes" else "deny")
    following = message.only(rest, intent, message.confidence)
    return answer, replace(following, faq_id=message.faq_id if intent == message.intent else None)


def question_after_yes(message: Message, known: Collection[str]) -> Message:
    """What is asked after words that only sound like a yes ("好的，怎么寄"); else the message itself.

    Whoever asks before it is done has not agreed to it yet.
    """
    head = None if message.chosen else _ASSENT.match(message.text)
    rest = message.text[head.end() :] if head else ""
    if not _ASKED.search(_POLITE_ASKING.sub("", rest)):
        return message
    likely = (n for n, c in message.ranking if n in known and c >= _GUESSED)
    intent = subject_of(rest) or next(likely, FALLBACK)
    confidence = message.confidence if intent == message.intent else CLEAR
    return replace(message.only(rest, intent, confidence), faq_id=message.faq_id)

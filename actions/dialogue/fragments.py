"""Messages that say little on their own, and what the classifier makes of them."""

from __future__ import annotations

import re

from actions.dialogue.message import FALLBACK, UNHEARD, Message
from actions.reading import answer_in, says_no, says_thanks, urges

SURE = 0.75
"""Above this a fragment rule does not overrule the classifier."""

BARELY = 0.62
"""Below this a greeting, a yes or the like that answers nothing was rather noise."""

LIKELY = 0.05
"""From this on a guess of the classifier counts for a fragment."""

SHORT = 6
LOOKS_UP = frozenset({"query_order", "query_logistics"})
"""Either looks an order up and tells where it is: one answer satisfies both."""
ANSWERS = frozenset({"affirm", "deny"})
_NO_SUBJECT = ANSWERS | {FALLBACK, "out_of_scope", "ask_human", "thanks", "goodbye"}
_ASKS = re.compile(r"[吗么？?]+$")
POLITE = ANSWERS | {"greet", "thanks"}
SMALL = POLITE | {"goodbye"}
_FRAGMENT = re.compile(r"^(那个?|还有|如果|要是)?.{1,8}[呢咧嘞][？?。]?$")
_ANOTHER = re.compile(r"^(那|我|想|要|再|还|帮我)*换(一?个|一下|别的|其他的?)吧?$")
_PARTICLES = re.compile(r"[\s，,。！!？?~～的呢吧啊那这个件我]")
_QUESTION = re.compile(r"怎么办|怎么弄|怎么[退换查用]|什么|为啥|凭啥|多少|[吗？?]|哪里|几天")
_RETURNS = re.compile(r"^[那就还是直接好算了要吧，, ]*[退换](了|掉|货|款)*[吧呗啊]*$")
_WHY = re.compile(r"为(什么|啥)|凭(什么|啥)")
_HEARD = re.compile(r"^(好[的吧啊]?|嗯+|行吧?|知道了|明白了?)[，,。！!\s]+(?=.)")
"""Somebody took note of our last words before asking on."""
_BEFORE = re.compile(r"^(那么?|[哦啊哎诶唉呀嗯呃]|所以|到底|大概|一共|总共|还|我|请问|你好|就是)+")
_AFTER = re.compile(r"[的呢啊呀吗么嘛哦哈吧了撒咧嘞哩噻？?！!。，,~～\s]+$")
_MARKS = re.compile(r"[\s?？。．.,，…!！~～、·—-]+")
_URGE = re.compile(
    r"(那?你们?|侬|请|麻烦|快点?|再|(帮|给|替)(我|忙)?|能|不能|可以|到底)*催(一?[下催]|着)*[没有了不行好成吗么吧啊呀呗呢嘛]*"
)
_NOT_WANTED = re.compile(
    r"(我|那|这个?|真的|现在|都|又|改主意了|[，, ])*(不想?要了|不想要|不买了)[了啦吧呗啊。！]*"
)
_POINTS_ONLY = re.compile(r"[那这](一?[个单件款]|边|里)?[呢嘞咧啊]?[？?。]*")
_BARE_DIGITS = re.compile(r"[\s\d,，.。:：#-]")
_BARE_NUMBER = re.compile(
    r"[\s\d,，.。:：#-]|我的|订单号?|单号|编号|是|这个|查一?下?|帮我|[零〇幺一二两三四五六七八九洞拐]"
    r"|尾号|手机号?码?|电话|后四位|最后|的|和"
)


def only_marks(text: str) -> bool:
    """Whether somebody only nudges us ("？", "……")."""
    return bool(_MARKS.fullmatch(text))


def only_urges(text: str) -> bool:
    """Whether somebody shall be hurried, and who is not said ("帮我催一下")."""
    return bool(_URGE.fullmatch(_AFTER.sub("", text.strip())))


def not_wanted(text: str) -> bool:
    """Whether what we speak of is not wanted any more ("不要了" may mean no more questions)."""
    return bool(_NOT_WANTED.fullmatch(text.strip()))


def bare_digits(text: str) -> bool:
    """Whether there is nothing but digits."""
    return not _BARE_DIGITS.sub("", text)


def bare_number(text: str) -> bool:
    """Whether there is nothing but an order number and words around it that ask for nothing."""
    return not _BARE_NUMBER.sub("", text)


def bare_question(text: str) -> str:
    """A question without what only leads to it or ends it: "好的，那到底几天啊" → "几天"."""
    return _AFTER.sub("", _BEFORE.sub("", _HEARD.sub("", text.strip())))


def bare_product(message: Message) -> bool:
    """Whether there is nothing but the name of a product."""
    said = [e.text for e in message.entities if e.name == "product"]
    rest = message.original
    for name in said:
        rest = rest.replace(name, "")
    return bool(said) and not _PARTICLES.sub("", rest)


def unsure(message: Message) -> bool:
    """Whether it may go on with the last subject rather than mean what the classifier says."""
    return (
        message.intent in POLITE | UNHEARD
        or message.confidence < SURE
        or bool(_FRAGMENT.match(message.text) or _ANOTHER.match(message.text))
    )


def true_intent(message: Message, intent: str) -> str:
    """A greeting, yes or no that answers nothing is believed only when it is one.

    "不想要了怎么办" is no plain no: the likeliest request behind it counts. And a plain no that the
    classifier does not know ("buyao") is one all the same.
    """
    if intent in SMALL and (message.confidence < BARELY or _QUESTION.search(message.text)):
        likely = [n for n, c in message.ranking if n not in SMALL and c >= LIKELY]
        if _QUESTION.search(message.text) and likely and intent in ANSWERS:
            return likely[0]
        if message.confidence < BARELY or _WHY.search(message.text):
            return FALLBACK
    if intent == "deny" and len(message.text) > SHORT and answer_in(message.text) is None:
        # "我怎么没看到" refuses nothing, however it sounds to a classifier
        return next((n for n, c in message.ranking if n not in SMALL and c >= LIKELY), FALLBACK)
    if intent in (FALLBACK, "out_of_scope", "affirm") and says_thanks(message.text):
        return "thanks"
    if intent == "affirm" and _RETURNS.search(message.text):
        return "request_return"  # "那退吧", and nobody had asked
    if intent == "out_of_scope" and _POINTS_ONLY.fullmatch(message.text.strip()):
        return FALLBACK  # "那个呢" is only not said clearly
    if intent in (FALLBACK, "out_of_scope"):
        answer = answer_in(message.text)
        if answer == "no" and not says_no(message.text):
            return intent  # "不出雾了" refuses nothing
        if answer and len(message.text) <= SHORT and not urges(message.text):
            return "affirm" if answer == "yes" else "deny"
    return intent


def asks_beside_no(message: Message) -> bool:
    """Whether words that begin like a no ask for something that we answer ("不要了能退吗")."""
    if message.chosen or message.intent in _NO_SUBJECT or says_no(message.text):
        return False
    return bool(_ASKS.search(message.text))

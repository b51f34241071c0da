"""Plain wishes about people, understood by rule.

They must work while the engine is down, and in the queue, where the engine is not asked.
"""

from __future__ import annotations

import re

_PERSON = r"(?:人工(?:客服|服务|座席|坐席)?|真人(?:客服)?|客服(?:人员|小姐|小哥)?|活人|专员|话务员)"
_ASK = re.compile(
    rf"^(?:我?(?:想|要|需要|就要)?(?:帮我|给我|请|麻烦)?)?"
    rf"(?:转接?|接|找|叫|换|要|联系|呼叫)?(?:一下|到|个|你们)?的?{_PERSON}"
    rf"(?:来|接听|处理|吧|啊|呢|谢谢|在吗|在不在)*$"
)
_CANCEL = re.compile(
    r"^(?:算了|好吧|那|还是|就|没人|我|先|都)*"
    r"(?:取消(?:排队|人工|转人工|等待|吧)?|(?:不用|不要|不需要|不想|别)"
    r"(?:转|等|排|找|接)?(?:人工|客服|排队|队|了|等|转)(?:客服|服务)?"
    r"|不(?:等|排|排队|转)了?|退出排队|继续问小禾|算了|(?:还是)?(?:小禾|你)(?:自己)?(?:来|帮我|给我)?(?:办|弄|处理|解决)?(?<![禾你]))"
    r"(?:了|吧|啊|呗|好了|谢谢)*$"
)
_MESSAGE = re.compile(
    r"^(?:我?(?:想|要|来)?(?:给你们|给客服)?)?(?:留言|留个言|留个话)(?:吧|给你们)?$"
)
_MESSAGE_ITSELF = re.compile(r"^\s*留言\s*[：:]\s*(?P<text>\S.*)$", re.DOTALL)
_GO_ON = re.compile(
    r"^(?:算了|那|那就)*(?:继续问小禾|不(?:用|想)?留言?了?|不用了|取消(?:留言)?|算了)(?:吧|了|谢谢)*$"
)
_ANNOUNCES = re.compile(
    r"(?:那|你|我|就|先|再|想|要)*(?:问|咨询)(?:一?下|你|个事|个问题|点事)*(?:就行|就好|吧|啊|而已)*$"
)
"""Says that something will be asked, and does not ask it yet."""
_ASKS_US = re.compile(
    r"问|查|告诉|看看|看[一下]|[吗呢么？?]|怎么|咋|多少|多久|几|[哪谁]|什么|啥|\d{12}"
)
_BARE_CANCEL = re.compile(r"^(?:那|还是|就|先)*(?:取消|不要了)[了吧]?$")
"""May begin a sentence about an order as well."""
_NEXT = re.compile(r"[\s，。！？、,.!?~～…我你您帮先直那就]")
_LONGEST_LEAVING = 16
_NOISE = re.compile(r"[\s，。！？、,.!?~～…]+")


def asks_for_human(text: str) -> bool:
    """Whether the whole message is a plain request for a person (not a mention of one)."""
    return bool(_ASK.match(_NOISE.sub("", text)))


def leaves_queue(text: str) -> bool:
    """Whether somebody who waits for a person says that they no longer want one."""
    bare = _NOISE.sub("", text)
    return bool(_CANCEL.match(bare) or _CANCEL.match(_ANNOUNCES.sub("", bare)))


def asks_instead(text: str) -> str | None:
    """What somebody asks who leaves the queue for it ("不用了我问一下快递到哪了")."""
    for end in range(min(len(text) - 1, _LONGEST_LEAVING), 1, -1):
        head, rest = text[:end], text[end:]
        if not (leaves_queue(head) and (_NEXT.match(rest) or _NEXT.match(head[-1]))):
            continue
        if _BARE_CANCEL.match(_NOISE.sub("", head)) or re.search(_PERSON, rest):
            return None
        asked = rest.strip(" ，,。！!、~～…")
        asks = _ASKS_US.search(asked) and not _ANNOUNCES.fullmatch(_NOISE.sub("", asked))
        return asked if asks else None
    return None


def wants_message(text: str) -> bool:
    """Whether the message says no more than that one wants to leave a message."""
    return bool(_MESSAGE.match(_NOISE.sub("", text)))


def message_in(text: str) -> str | None:
    """The message in ``留言：……``, given together with the wish."""
    match = _MESSAGE_ITSELF.match(text)
    return match["text"].strip() if match else None


def would_rather_go_on(text: str) -> bool:
    """Whether somebody who was asked for a message says that they would rather not leave one."""
    return bool(_GO_ON.match(_NOISE.sub("", text)))

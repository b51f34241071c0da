"""Repairs: how long for nothing, how, where to send the article, and who takes it down."""

from __future__ import annotations

import re

from actions.dialogue import Request, Turn
from actions.dialogue.turn import LAST
from actions.returns.articles import SUBJECTS

_REPAIR = re.compile(
    r"保修|质保|三包|包修|维修|修理|报修|返修|寄修|修(好|一下|吧|呗|不好|不了|要|多久|几天)"
    r"|([能怎咋要想去送来]|怎么|给我|帮我|可以|那|^就|^)修(?![改身护饰眉复剪容])"
)
_WANTS_REPAIR = re.compile(
    r"(给|帮|替)我.{0,3}修|修(吧|呗)|^[那就我要想还是先可以去来拿送寄好，, ]*修理?[吧呗啊了。！]*$|寄修|送修"
)
_NOT_FREE = re.compile(
    r"过(了)?(保|质保)|(保修|质保)期?(已经)?(过|外|到期|结束)|人为|摔(坏|了)|进水|修不(好|了)|换(新|一台|台新)|不在保修"
)
_SENDS = re.compile(
    r"(怎么|咋|往哪里?|到哪里?)寄|寄(到|回|给)?(哪|谁|什么地方)|寄(过|回)?去|我(要|该|得)?(什么时候|啥时候|几号|几时)(要|该|得)?寄|(最晚|最迟|几天内|多久内).{0,4}寄|(要不要|用不用|需不需要|需要|要|用)寄(回来?|过去)?[吗么不呢？?]|退货地址|(收货|寄回|仓库)地址"
)


def asks_to_send(text: str) -> bool:
    """Whether it is asked how, where or whether to send something."""
    return bool(_SENDS.search(text))


def speaks_of_repair(turn: Turn, text: str) -> bool:
    """Whether a repair is spoken of, or where to send what we just offered to repair."""
    if _REPAIR.search(text):
        return True
    goes_on = _SENDS.search(text) or _NOT_FREE.search(text)
    return bool(goes_on) and "退" not in text and _just_offered(turn)


def answer_repair(turn: Turn, request: Request) -> bool:
    """Answer how long we repair for nothing, how, and where what comes back is sent.

    Returns:
        Whether a repair was spoken of.
    """
    text = request.text
    if not speaks_of_repair(turn, text):
        return False
    sends = bool(_SENDS.search(text))
    if _NOT_FREE.search(text):
        turn.offer_human("utter_repair_unsure", "complex_intent")
    elif _WANTS_REPAIR.search(text):
        turn.offer_human("utter_repair_register", "complex_intent")
    else:
        again = sends or _just_offered(turn)
        turn.use("utter_policy_repair_sent" if again else "utter_policy_repair")
        turn.fulfil()
    return True


def _just_offered(turn: Turn) -> bool:
    """Whether our last words were about a repair."""
    return turn.memory.topic in SUBJECTS and "修" in turn.memory.about.get(LAST, "")

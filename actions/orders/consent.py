"""Yes and no to "确认取消吗？", where "取消" itself may be either."""

from __future__ import annotations

import re
from typing import Literal

from actions.reading import answer_in

Consent = Literal["yes", "no", "unclear"]

MAX_LENGTH = 30
_POLITE_END = re.compile(r"(?:好不好|行不行|可不可以|[好行成]吗|可以吗)$")
_BREAK = re.compile(r"[，,。.；;！!、~～\s]+")
_REFUSED = re.compile(
    r"(?:(?<!要)不(?![如然妨])|别|甭|勿|莫|没)(?:想要|想|要|用|需要|能|打算|准备|急着|着急|说)?(?:再|先|现在|马上|给我|帮我|真的)?"
    r"(?:要|想)?取消"
)
_ASKS = re.compile(
    r"[吗？?]|么$|什么|怎么|为啥|多少|几[天号个]|多久|[哪谁]|能不能|要不要|会不会|是不是|该不该|取不取消"
)
_WAVERS = re.compile(
    r"如果|要是|万一|假如|(?<!不)等(?!不)|再取消|考虑|想想|但是?|不过|可是|之前|以后|晚点|明天|回头|除非|除了|先问"
    r"|只|部分|其中|另外|其他|其它|别的|换成|改成|上次|刚才|已经"
)
_DONE_WITH = re.compile(r"(?:不|没|别)[^不没别取]{1,4}?了+")
"""What is given up ("不想要了", "不等了", "没用了") is no refusal to cancel."""
_REFUSES = re.compile(r"[不没别甭勿莫未]")
_MAYBE = re.compile(r"要不(?!要)")
_END = re.compile(
    r"(?:[这那该整它掉了吧啊呀哈嘛呗啦的我你您]|一?[个单笔]|全部|订单|好了|算了|得了|就行|就好|可以|谢谢|麻烦|快点|都说|重新?[拍买下])*"
)
_NOT_WANTED = re.compile(
    r"(?:[嗯对是的好就那我真都这那][个单笔]?|确认|确定|[，,\s])*(?:不想?要|不买|不需要)[了啦的吧。！!]+"
)
_SAYS_WHY = re.compile(r"不想|不买|[对嗯是]|确[认定]|[这那][个单笔]|都")


def consent_in(text: str) -> Consent | None:
    """What a text says to the question whether to cancel; None when it says nothing of it.

    Only a text without doubt is a yes: a cancellation cannot be taken back.
    """
    said = text.strip(" ，,。.！!~～；;")
    if len(said) > MAX_LENGTH:
        return None
    if "取消" in said:
        return _of_cancelling(said)
    if _NOT_WANTED.fullmatch(said):
        return "yes" if _SAYS_WHY.search(said) else "unclear"
    return None


def refuses_cancelling(text: str) -> bool:
    """Whether cancelling is refused or shall be undone ("先别取消", "恢复订单")."""
    return bool(_REFUSED.search(text))


def _of_cancelling(said: str) -> Consent | None:
    plain = _POLITE_END.sub("", said)
    if _ASKS.search(plain):
        return None
    if _REFUSED.search(plain):
        return "no"
    if _WAVERS.search(plain):
        return None
    clauses = [c for c in _BREAK.split(_MAYBE.sub("", plain)) if c]
    return "yes" if all(_fits(clause) for clause in clauses) else None


def _fits(clause: str) -> bool:
    """Whether a clause consents to cancelling, or says something beside it that is no refusal."""
    rest = _DONE_WITH.sub("", clause)
    head, cancel, end = rest.rpartition("取消")
    if not cancel:
        return answer_in(rest) != "no" or not _REFUSES.search(rest)
    return not _REFUSES.search(head) and bool(_END.fullmatch(end))

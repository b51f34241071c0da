"""What a customer does not mean: "不是毛巾", "龙井别取消", "除了第一个", "袜子留着"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from actions.dialogue import Entity, Request, Turn, read_request
from actions.reading import simplified

_ANY = re.compile(r"除|不|别|甭|留|照.?发|继续")
_RHETORICAL = re.compile(r"吗|是不是|怎么|为什么|为啥|难道|[要取能]不[要取能]")
_BREAK = re.compile(
    r"[，,。.；;！!？?\s]+"
    r"|(?<=[^不就都还可只要总于而算但说正也])(?=是[^不的吗吧啊])"
    r"|(?<=[个单笔件盒瓶条双]不是)(?=[^的吗])"
    r"|(?<=[^不别要再想能先没法帮我都全就还给请])(?=取消[^了吧啊掉])"
)
_AND = re.compile(r"[，,。.；;！!？?、\s]+|[和跟与及]|还有")
_CLAUSE = re.compile(r"[，,。；;！!？?\s]+")
_LOOSE = re.compile(
    r"(?:^|(?<=[，,。；;！!？?\s]))(除了|除开|不是(?!\s+\S{1,8}那[个单件笔])|(?:别|不|不要)取消)\s+"
)
_BEFORE = re.compile(
    r"^[我你们要说问查看的那就嗯哦啊都请先也]*"
    r"(?:不是(?!说|我签|本人|有|没|很|太)|除[了开去掉]|(?:别|甭|不|不要|不用|不想)(?:帮我|给我|再)?[取查看问退管])"
)
_NOT_THAT = re.compile(r"^[我那就嗯哦啊请先也]*(?:不要(?!了)|不用(?!了)|别(?![的人家]))")
"""The same to a question which one, unless it is for giving up: "不要毛巾" chooses the towel then."""
_AFTER = re.compile(
    r"(?:不是|(?:别|甭|不|不要|不用)(?:帮我|给我|再)?(?:取消|查|看|问|退|动|管)|不动"
    r"|留着|留下|保留|照[常样旧]?发|(?:继续|正常)[发送]|除外)(?:了|吧|啊|的|哈|哦|就行|就好|就可以)*$"
)
_STANDS_STILL = re.compile(r"(一直|总是|老是|地方|原地|物流|快递|包裹|几天|好久|怎么).*不动")
"""A parcel that does not move is no order to be left alone."""
_BARE_NO = re.compile(r"(?:不是|不对|搞错了?|错了?)[的啊呀吧]?")
BARE = 5
"""Characters of a clause that may be the name of a product and nothing else."""
GIVES_UP = frozenset({"cancel_order", "request_return"})


@dataclass(frozen=True)
class Sides:
    """A request divided into what it wants and what it does not want."""

    wanted: Request
    refused: Request | None = None


def divided(turn: Turn, request: Request, choosing: str = "") -> Sides:
    """Divide a request; one that refuses nothing comes back as it is.

    Args:
        turn: the turn, whose entities know by which words a product was named.
        request: what was said.
        choosing: the skill that asked which order; empty where nobody did.
    """
    refusing = bool(choosing) and choosing not in GIVES_UP
    out, rest = _clauses(request.text, refusing=refusing)
    if not out:
        return Sides(request)
    named = _named(turn, request)
    refused = _side(turn, out, named)
    wanted = _side(turn, rest, [e for e in named if simplified(e.text) not in out])
    kept = replace(
        wanted,
        order_number=request.order_number,
        exclude=request.exclude,
        choice=request.choice,
        other=False,
    )
    return Sides(kept, refused)


def _clauses(text: str, *, refusing: bool) -> tuple[str, str]:
    """The clauses that refuse, and the others."""
    if not _ANY.search(text) or _RHETORICAL.search(text):
        return "", text
    out: list[str] = []
    rest: list[str] = []
    for clause in filter(None, _BREAK.split(_LOOSE.sub(r"\1", text))):
        if not rest and _BARE_NO.fullmatch(clause):
            continue  # "不是，我说的是昨天那个" refuses what we said, and names nothing
        last = None if _STANDS_STILL.search(clause) else _AFTER.search(clause)
        if last and not last.start() and rest:
            out += [rest.pop(), clause]  # "龙井 别取消"
        elif last or _BEFORE.match(clause) or (refusing and _NOT_THAT.match(clause)):
            out.append(clause)
        else:
            rest.append(clause)
    return "，".join(out), "，".join(rest)


def named_products(turn: Turn, request: Request) -> list[tuple[Request, str]]:
    """Each thing that a message names, in order, and the clause that speaks of it.

    None where one of them is refused.
    """
    text = request.text
    if _clauses(text, refusing=False)[0]:
        return []
    named = _named(turn, request)
    words = list(dict.fromkeys(simplified(e.text) for e in named))
    apart = [word for word in words if not any(o != word and word in o for o in words)]
    # The engine may know only one of two by name.
    others = [p for p in _AND.split(text) if p and not any(word in p for word in words)]
    pieces = sorted([*apart, *others], key=text.find)
    return [(_side(turn, piece, named), _around(piece, text)) for piece in pieces]


def _around(word: str, text: str) -> str:
    """The clause that a word is in; the whole text if there is nothing else in the clause."""
    clause = next((c for c in _CLAUSE.split(text) if word in c), text)
    return clause if len(clause) > min(len(word) + 1, BARE) else text


def _named(turn: Turn, request: Request) -> list[Entity]:
    """Products of the request by the words that named them, as far as these are known."""
    if turn.message.text.startswith(request.text):
        return [e for e in turn.message.entities if e.name == "product" and e.text]
    return []


def _side(turn: Turn, text: str, named: Sequence[Entity]) -> Request:
    entities = tuple(e for e in named if simplified(e.text) in text)
    message = replace(turn.message, text=text, entities=entities)
    return read_request(message, turn.today)

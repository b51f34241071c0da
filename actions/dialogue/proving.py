"""The gate before anything personal: an order number and the last four digits of its phone.

An unknown number and a wrong tail get the same answer, so that nobody learns which orders exist.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum

from actions.context import Proof, Who
from actions.dialogue.fragments import ANSWERS, LOOKS_UP, SURE
from actions.dialogue.memory import Task
from actions.dialogue.message import UNHEARD
from actions.dialogue.request import Request
from actions.dialogue.turn import Turn
from actions.reading import order_number_in, phone_tail_in, plain_digits, says_no_number
from actions.reading.numbers import ORDER_DIGITS
from actions.wording.formats import digits_said

_NO_REQUEST = ANSWERS | UNHEARD

_WHY = re.compile(
    r"(为什么|为啥|凭什么|干嘛|干什么|有必要).{0,8}(订单|手机|号|尾|核对|核实|验证|身份|信息)"
    r"|(不想|不愿意?|不方便|不敢|不能)(给|提供|说|发|告诉|透露)|不给"
)
_OF_NUMBERS = re.compile(r"号|尾|单|几位")
MAX_EXCUSE = 24
_CORRECTS = re.compile(r"错|不是|应该是|改成|更正")
_MOSTLY_DIGITS = re.compile(r"\d{3,}")
_NUMBER_WORDS = re.compile(
    r"[\d\s,，.。、呃额嗯啊哦喂是的我]|订单号?|单号|号码|前面|后面|然后|接着|再|还有"
)
_MISSPOKE = re.compile(
    r"[念报说讲]错|[重从][新头来](?:再)?[念报说讲来]|^[哦啊，, ]*(?:不对|错了)[，, 了啊]*$"
)
_WRITTEN_PART, _NEARLY_WHOLE = 4, 11
_BEGINS = re.compile(r"\d\d(?:0[1-9]|1[0-2])")
"""Year and month: what an order number begins with."""


class Gate(Enum):
    """What a message did for a proof."""

    NOT_AN_ANSWER = "not an answer"
    ASKED = "asked"
    PROVED = "proved"


async def require_identity(turn: Turn, skill: str, request: Request) -> Who | None:
    """The verified speaker; or None, and the proof has been asked for.

    What is already in the message (an order number, a phone's tail) is not asked for again.
    Once proved, ``skill`` is started with ``request``.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    who = await turn.who()
    if who.verified:
        return who
    if who.door_locked:
        turn.offer_human("utter_proof_locked", "complex_intent")
        return None
    open_proof = next((t for t in turn.memory.tasks if t.awaits == "proof"), None)
    if open_proof and open_proof.skill != skill and open_proof is turn.memory.task:
        # Asked for one thing after the other: one proof opens the door for both.
        if _take(turn, open_proof, loose=False) and _known(open_proof, "tail"):
            if _known(open_proof, "number"):
                return await _proved_beside(turn, open_proof)
        if not {skill, open_proof.skill} <= LOOKS_UP or request.points_at_order:
            turn.memory.queue.append({"skill": skill, "request": request.as_dict()})
            turn.use("utter_also_after_proof")
        _ask(turn, open_proof, again=True)
        return None
    task = Task(skill, "proof", {"request": request.as_dict()})
    turn.memory.push(task)
    if _take(turn, task, loose=False) and _known(task, "number") and _known(task, "tail"):
        if await _prove(turn, task) is Gate.PROVED:
            return await turn.who()
        return None
    _ask(turn, task, first=True)
    return None


async def _proved_beside(turn: Turn, open_proof: Task) -> Who | None:
    """Take the proof from another request; what it was asked for comes after that."""
    if await _prove(turn, open_proof) is not Gate.PROVED:
        return None
    turn.memory.queue.append({"skill": open_proof.skill, "request": open_proof.data["request"]})
    return await turn.who()


async def go_on_proving(turn: Turn, task: Task) -> Gate:
    """Take a message as (part of) the proof.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    who = await turn.who()
    if who.verified:
        turn.memory.drop(task)
        return Gate.PROVED
    if who.door_locked:
        turn.memory.drop(task)
        turn.offer_human("utter_proof_locked", "complex_intent")
        return Gate.ASKED
    if (turn.on_phone and _begins_anew(turn, task)) or _take_part(turn, task):
        return Gate.ASKED
    no_number = _has_no_number(turn, task)
    if _take(turn, task) and (_known(task, "number") or not no_number):
        task.tries = 0
        if _known(task, "number") and _known(task, "tail"):
            return await _prove(turn, task)
        _ask(turn, task)
        return Gate.ASKED
    text = turn.message.text
    if _WHY.search(text):
        turn.use("utter_proof_why")
        return Gate.ASKED
    if no_number:
        turn.offer_human("utter_proof_where", "complex_intent")
        return Gate.ASKED
    if len(_MOSTLY_DIGITS.sub("", text)) < len(text) and len(text) <= 24:
        task.tries += 1
        if task.tries < 2:
            turn.use("utter_proof_malformed")
            return Gate.ASKED
    return Gate.NOT_AN_ANSWER


def _has_no_number(turn: Turn, task: Task) -> bool:
    """Whether the number is not at hand; "门店在哪" asks for something else."""
    message = turn.message
    if not says_no_number(message.text) or len(message.text) > MAX_EXCUSE:
        return False
    asks_else = message.intent not in {*LOOKS_UP, *_NO_REQUEST, task.skill}
    return not (asks_else and message.confidence >= SURE and not _OF_NUMBERS.search(message.text))


def remind_proof(turn: Turn, task: Task) -> None:
    """Ask again for what is missing."""
    _ask(turn, task, again=True)


def _known(task: Task, name: str) -> str | None:
    value = task.data.get(name)
    return str(value) if value else None


def _take(turn: Turn, task: Task, *, loose: bool = True) -> bool:
    """Read number and tail from the message; whether there was anything."""
    text = turn.whole.text
    message = turn.whole  # given beside one of several requests, it counts for all of them
    number = next(
        (d for v in message.values("order_number") if len(d := re.sub(r"\D", "", str(v))) == 12),
        None,
    ) or order_number_in(message.text)
    tail = phone_tail_in(message.text, loose=loose)
    if tail is None:
        said = message.value("phone") or (message.value("phone_tail") if loose else None)
        tail = re.sub(r"\D", "", str(said or ""))[-4:] or None
    tried: dict[str, str] = task.data.get("tried") or {}
    if number:
        task.data["number"] = number
    if tail:
        task.data["tail"] = tail
    if tried and tail and tail != tried["tail"] and not _known(task, "number"):
        task.data["number"] = tried["number"]  # "说错了，是尾号1234"
    elif tried and number and number != tried["number"] and not tail and _CORRECTS.search(text):
        task.data["tail"] = tried["tail"]
    return bool(number or tail)


def _begins_anew(turn: Turn, task: Task) -> bool:
    """Forget a number that was dictated wrongly ("念错了，重来"); whether it was."""
    text = turn.message.text
    if not _MISSPOKE.search(text) or len(text) > MAX_EXCUSE or re.search(r"\d", plain_digits(text)):
        return False
    for known in ("number", "tail", "part"):
        task.data.pop(known, None)
    turn.use("utter_proof_anew")
    return True


def _take_part(turn: Turn, task: Task) -> bool:
    """Join an order number that comes in several breaths or messages; whether to wait for the rest of it."""
    text = turn.message.text
    said = re.sub(r"\D", "", plain_digits(text))
    before = str(task.data.get("part") or "")
    if len(before + said) > ORDER_DIGITS and _BEGINS.match(said):
        before = ""  # begun anew
    only_digits = not _NUMBER_WORDS.sub("", plain_digits(text)) and not phone_tail_in(
        text, loose=False
    )
    if _known(task, "number") or not said or not only_digits or not _BEGINS.match(before or said):
        return False
    if not (turn.on_phone or before or _WRITTEN_PART < len(said) < _NEARLY_WHOLE):
        return False  # four digits are rather a phone's tail, and of eleven one is rather missing
    whole = before + said
    if len(whole) >= ORDER_DIGITS:
        task.data.pop("part", None)
        if before:
            # Once it is whole it stands in the message, as if it had been said at once.
            turn.message = turn.whole = replace(turn.message, text=whole, entities=())
        return False
    task.data["part"] = whole
    if turn.on_phone:
        turn.use("utter_proof_part", part=digits_said(said))
    else:
        turn.use("utter_proof_piece", count=len(whole), left=ORDER_DIGITS - len(whole))
    return True


def _ask(turn: Turn, task: Task, *, first: bool = False, again: bool = False) -> None:
    if _known(task, "number"):
        turn.use("utter_need_phone_tail" if again else "utter_ask_phone_tail")
    elif _known(task, "tail"):
        turn.use("utter_need_order_number" if again else "utter_ask_order_number")
    else:
        turn.use("utter_ask_proof" if first else "utter_ask_proof_again")


async def _prove(turn: Turn, task: Task) -> Gate:
    number, tail = str(task.data["number"]), str(task.data["tail"])
    result = await turn.prove(number, tail)
    if result.proof is Proof.OK:
        turn.memory.drop(task)
        request = Request.from_dict(dict(task.data.get("request") or {}))
        if not request.points_at_order:
            request.order_number = number
        task.data = {"request": request.as_dict()}
        turn.memory.order_number = number
        turn.use("utter_proof_ok")
        return Gate.PROVED
    # Which of the two was wrong is not said: both are asked for again, but one may be corrected.
    task.data["tried"] = {"number": task.data.pop("number"), "tail": task.data.pop("tail")}
    if result.proof is Proof.LOCKED:
        turn.memory.drop(task)
        turn.offer_human("utter_proof_locked", "complex_intent")
    else:
        turn.use("utter_proof_wrong", tries=result.tries_left)
    return Gate.ASKED

"""Numbers by voice or keys: order numbers (confirmed), phone tails, mobiles, codes."""

from __future__ import annotations

import re

from actions.reading import order_number_in, plain_digits
from actions.reading.hearing import holds_on, says_nothing_yet
from ivr.call.given import Keys, Nothing, Pressed, Said, Unclear
from ivr.call.talk import Talk
from ivr.call.trace import State

ORDER_LENGTH, TAIL_LENGTH, CODE_LENGTH, MOBILE_LENGTH = 12, 4, 6, 11
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONE = re.compile(r"(?:1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}|\d{7,8})")
_MANY = 6
CODE_TRIES = 3
GO_ON_S = 6.0
"""How long the next piece of a number may take."""
UNCLEAR_PIECES = 2
_ALL = re.compile(r"(?:对|是的?|好|没有?|[报说念]?完|就这[些个]|就是)+[了的吧啊呀。]*")
_BESIDE_DIGITS = re.compile(
    r"嗯|呃|额|那个|然后|还有|我的?|订单号?|手机号?|电话|号码?|尾号|是|就|[，,。、.\s-]"
)


async def order_number(talk: Talk, first: str) -> tuple[str | None, str]:
    """Confirm an order number, asking again until one is.

    Args:
        talk: the call.
        first: what was said or pressed; the rest of a number may follow when it is asked for again.

    Returns:
        The confirmed number, or None and what was said instead (empty: nothing).
    """
    sentences = talk.menu.sentences
    talk.enter(State.NUMBER)
    given, before = first, ""
    for _ in range(3):
        number = order_number_in(given) or _exactly(given, ORDER_LENGTH)
        number = number or _exactly(before + given, ORDER_LENGTH)
        before = given if number is None else ""
        if number is None:
            question = sentences.number_short
        elif await talk.choose(sentences.number_confirm.format(number=number)):
            return number, ""
        else:
            question = sentences.number_again
        answer = await talk.ask(question, keys=Keys(ORDER_LENGTH), digits=True, wait_s=10)
        if isinstance(answer, Pressed):
            given = answer.keys.rstrip("#")
        elif isinstance(answer, Said):
            given = answer.text
            if only_digits(given) and len(digits_in(before + given)) != ORDER_LENGTH:
                given, instead = await dictated(talk, given, ORDER_LENGTH)
                if instead:
                    return None, instead
            elif len(digits_in(given)) < TAIL_LENGTH:
                return None, given
        else:
            break
    return None, ""


async def dictated(talk: Talk, first: str, length: int) -> tuple[str, str]:
    """A number that is said in pieces, as one reads it off: after each that is too short, "go on".

    Returns:
        The digits so far, and what was said instead of more of them (empty: nothing).
    """
    talk.enter(State.NUMBER)
    sentences = talk.menu.sentences
    digits, question, unclear = digits_in(first), sentences.number_go_on, 0
    while len(digits) < length:
        given = await talk.ask(
            question,
            keys=Keys(length - len(digits)),
            digits=True,
            wait_s=GO_ON_S,
        )
        question, piece = sentences.number_go_on, ""
        match given:
            case Pressed(keys):
                piece = keys.rstrip("#*")
                if not piece:
                    break
            case Said(text) if only_digits(text):
                piece, unclear = digits_in(text), 0
            case Said(text) if _ALL.fullmatch(text):
                break  # "that is it": what is lacking is told by whoever checks the number
            case Said(text) if not holds_on(text) and not says_nothing_yet(text):
                return digits, text
            case Unclear() if unclear < UNCLEAR_PIECES:
                question, unclear = sentences.not_heard, unclear + 1
            case Nothing() | Unclear():
                break
        # Who begins again from the front says all of it.
        digits = piece if len(piece) >= length else digits + piece
    return digits, ""


def only_digits(text: str) -> bool:
    """Whether digits were said and nothing else (a number, or a piece of one)."""
    return bool(digits_in(text)) and not _BESIDE_DIGITS.sub(
        "", re.sub(r"\d", "", plain_digits(text))
    )


def has_number(text: str) -> bool:
    """Whether this is (meant as) an order number and not a sentence."""
    return order_number_in(text) is not None or len(digits_in(text)) >= _MANY


def digits_in(text: str) -> str:
    """All digits of what was said, said ones (幺, 两) included."""
    return re.sub(r"\D", "", plain_digits(text))


def _exactly(text: str, length: int) -> str | None:
    digits = digits_in(text)
    return digits if len(digits) == length else None


async def phone_number(talk: Talk, question: str, again: str, *, mobile: bool) -> str | None:
    """A telephone number by voice or keys; None after two tries."""
    for text in (question, again):
        answer = await talk.ask(
            text, keys=Keys(MOBILE_LENGTH if mobile else 12), digits=True, wait_s=10
        )
        said = ""
        if isinstance(answer, Pressed):
            said = answer.keys.rstrip("#")
        elif isinstance(answer, Said):
            said = digits_in(answer.text)
        if (_MOBILE if mobile else _PHONE).fullmatch(said):
            return said
    return None


async def prove_by_code(talk: Talk) -> bool:
    """Member's mobile, a code sent to it, the code back: whether they are verified now."""
    sentences = talk.menu.sentences
    talk.enter(State.CODE)
    mobile = await phone_number(talk, sentences.code_ask, sentences.code_ask, mobile=True)
    if mobile is None or not await talk.service.send_code(talk.call_id, mobile):
        return False
    question = sentences.code_sent.format(tail=mobile[-4:])
    for _ in range(CODE_TRIES):
        answer = await talk.ask(question, keys=Keys(CODE_LENGTH), digits=True, wait_s=30)
        code = ""
        if isinstance(answer, Pressed):
            code = answer.keys.rstrip("#")
        elif isinstance(answer, Said):
            code = digits_in(answer.text)
        if len(code) == CODE_LENGTH:
            result = await talk.service.check_code(talk.call_id, code)
            if result == "ok":
                return True
            if result == "locked":
                return False
        question = sentences.code_wrong
    return False

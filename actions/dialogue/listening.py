"""Talk about the talk on a telephone: said again, read out, a moment to find a pen, nothing yet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from actions.dialogue.memory import Task
from actions.dialogue.message import FALLBACK
from actions.dialogue.turn import LAST, RESPONSE, Turn
from actions.reading import says_repeat
from actions.reading.hearing import (
    hears_again,
    holds_on,
    is_ready,
    says_nothing_yet,
    to_read_out,
)

_CANCELS_IT = re.compile(
    r"^(?:对|嗯|是的?|要|就|好的?|帮我|给我|那就|[，, ])*取消[这那它了吧呗啊一单个]*[。！!]?$"
)
_DO_IT = re.compile(
    r"^(?:对|嗯|好的?|行|那|就|你|您|请|麻烦|[，, ])*[帮给替]我(?:开|退|查|办|弄|看|搞|处理)(?:一?下|了)?[吧呗啊嘛]*[。！!]*$"
)
_ASKED = {"地址": "地址是哪里", "时间": "时间是什么时候", "日期": "日期是哪天", "价格": "多少钱"}


def about_hearing(turn: Turn, remind: Callable[[Turn, Task], None] | None) -> bool:
    """Answer what is only about hearing each other.

    Args:
        turn: the turn; where something shall be read out that we did not just say, its message becomes
            the question for that.
        remind: asks an open question again; None where none is open that is worth it.

    Returns:
        Whether the turn is answered.
    """
    text, task = turn.message.text, turn.memory.task
    if turn.message.chosen:
        return False
    if says_repeat(text) or (turn.on_phone and hears_again(text)):
        _say_again(turn)
        return True
    if not turn.on_phone:
        return False
    if (
        task
        and task.awaits == "order"
        and (_DO_IT.match(text) or (task.skill == "cancel_order" and _CANCELS_IT.match(text)))
    ):
        # One order was named in the question; no data is changed before that is confirmed.
        turn.message = replace(turn.message, text="是的", intent="affirm", confidence=1.0)
        return False
    named = to_read_out(text)
    if named is not None:
        return _read_out(turn, named)
    if holds_on(text):
        _aside(turn)
        turn.use("utter_take_your_time")
        return True
    ready, nothing = is_ready(text), says_nothing_yet(text)
    if task and remind and (ready or nothing):
        _aside(turn)
        remind(turn, task)
        return True
    if ready:
        _say_again(turn)
        return True
    if nothing and "喂" not in text:
        _aside(turn)
        turn.use("utter_listening")
        return True
    return False


def _aside(turn: Turn) -> None:
    turn.meant = turn.memory.task.skill if turn.memory.task else turn.memory.topic or "greet"
    turn.aside = turn.about_hearing = True


def _say_again(turn: Turn) -> None:
    last = turn.memory.about.get(LAST)
    turn.aside = turn.about_hearing = True
    turn.meant = (turn.memory.topic or "out_of_scope") if last else "greet"
    if last and last.startswith(RESPONSE):
        turn.say_response(last.removeprefix(RESPONSE))
        return
    turn.use("utter_repeat" if last else "utter_listening", said=last)


def _read_out(turn: Turn, named: str) -> bool:
    """Say our last words again if it is in them; else ask for it in its own words."""
    last = turn.memory.about.get(LAST, "")
    bare = named.removeprefix("收货").removeprefix("门店").removeprefix("快递")
    if bare in last and turn.memory.task is None:
        _say_again(turn)
        return True
    subject = turn.memory.task.skill if turn.memory.task else turn.memory.topic
    turn.about_hearing = True
    asked = next((asks for word, asks in _ASKED.items() if word in named), f"{named}是多少")
    intent = turn.message.intent
    turn.message = replace(
        turn.message,
        text=asked,
        intent=subject or (intent if intent != FALLBACK else "query_order"),
    )
    return False

"""What all parts of a call share: the line, the service, the menu, and how we speak."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from actions.reading.hearing import hears_again, wants_faster, wants_slower
from ivr.call.given import Given, Keys, Pressed, Said
from ivr.call.line import Line
from ivr.call.menu import Menu
from ivr.call.service import Answer, PhoneService, ServiceDown
from ivr.call.trace import State, Trace
from ivr.transports import Caller

log = logging.getLogger(__name__)

DIGITS_END_MS = 1200
"""Numbers are dictated in groups: so much silence does not yet end them."""


class Over(Exception):
    """The call is to end; ``why`` is written down, ``last`` said before."""

    def __init__(self, why: str, last: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.last = last


@dataclass
class Talk:
    """One call's tools.

    Args:
        call_id: names the call towards the service.
        caller: who calls.
        line: says and hears.
        service: answers.
        menu: sentences, keys, times.
        trace: what happened.
        spoken: written text -> text as it is read out.
        limit: ends the call after its longest time; rescheduled while a person has it.
    """

    caller: Caller
    line: Line
    service: PhoneService
    menu: Menu
    trace: Trace
    spoken: Callable[[str], str]
    limit: asyncio.Timeout | None = None
    turns: int = 0
    failures: int = 0
    key_mode: bool = False
    owes_answer: bool = False
    """Whether the caller has said something since we spoke."""

    @property
    def call_id(self) -> str:
        """Names the call towards the service."""
        return self.caller.call_id

    @property
    def now(self) -> float:
        """Loop time."""
        return asyncio.get_running_loop().time()

    def enter(self, state: State) -> None:
        """The call is in another state now."""
        self.trace.enter(state, self.now)

    async def ask(
        self,
        text: str,
        *,
        keys: Keys | None = None,
        wait_s: float | None = None,
        digits: bool = False,
        grammar: Sequence[str] | None = None,
        also: asyncio.Future[Any] | None = None,
    ) -> Given:
        """Say something written and wait for an answer (see `Line.ask`).

        Who only wants to hear it again, or slower, hears it again; that is no answer.
        """
        while True:
            given = await self.ask_once(
                text,
                keys=keys,
                wait_s=wait_s,
                digits=digits,
                grammar=grammar,
                also=also,
            )
            again = self.again(given, text)
            if again is None:
                return given
            text = again

    def again(self, given: Given, last: str) -> str | None:
        """What to say to somebody who wants ``last`` again, at the pace they ask for; else None."""
        if not isinstance(given, Said) or not last:
            return None
        sentences, mouth = self.menu.sentences, self.line.mouth
        last = last.removeprefix(sentences.slower).removeprefix(sentences.faster)
        if wants_slower(given.text):
            return (sentences.slower if mouth.slower() else "") + last
        if wants_faster(given.text):
            return (sentences.faster if mouth.slower(-1) else "") + last
        return last if hears_again(given.text) else None

    async def ask_once(
        self,
        text: str,
        *,
        keys: Keys | None = None,
        wait_s: float | None = None,
        digits: bool = False,
        grammar: Sequence[str] | None = None,
        also: asyncio.Future[Any] | None = None,
    ) -> Given:
        """The same, but whatever is said is an answer."""
        wanted = keys or Keys(between_s=self.menu.timing.between_keys)
        if text:
            self.trace.say(text)
        answers, self.owes_answer = self.owes_answer, False
        given = await self.line.ask(
            self.spoken(text) if text else "",
            answers=answers,
            keys=wanted,
            wait_s=self.menu.timing.no_input if wait_s is None else wait_s,
            end_ms=DIGITS_END_MS if digits else None,
            grammar=grammar,
            also=also,
        )
        if self.line.cut_off is not None:
            self.trace.cuts.append(self.line.cut_off.heard)
            await self.tell(self.service.cut_off(self.call_id, self.line.cut_off.heard))
        self.owes_answer = isinstance(given, Said | Pressed)
        if isinstance(given, Said):
            self.trace.spoke(given)
        elif isinstance(given, Pressed):
            self.trace.pressed(given.keys, self.now)
        return given

    async def say(self, text: str) -> None:
        """Say something written that cannot be interrupted."""
        self.owes_answer = False
        self.trace.say(text)
        await self.line.say(self.spoken(text))

    async def turn(self, text: str, choice: tuple[int, int] | None = None) -> Answer | None:
        """Have something answered; None where the service failed (twice in a row ends the call).

        Raises:
            Over: it failed again.
        """
        self.turns += 1
        self.enter(State.THINKING)
        return await self.answer_of(self.service.turn(self.call_id, text, self.turns, choice))

    async def answer_of(self, asked: Coroutine[Any, Any, Answer]) -> Answer | None:
        """Wait for an answer; "one moment" is said when it takes long.

        Raises:
            Over: the service failed again.
        """
        answering = asyncio.ensure_future(asked)
        try:
            await asyncio.wait((answering,), timeout=self.menu.timing.thinking)
            if not answering.done():
                self.owes_answer = False
                await self.line.say(self.spoken(self.menu.sentences.wait))
            answer = await self.line.until(answering)
        except ServiceDown:
            log.warning("the service did not answer a call", extra={"call": self.call_id})
            self.failures += 1
            if self.failures > 1:
                raise Over("service_down", self.menu.sentences.out_of_order) from None
            return None
        finally:
            if not answering.done():
                answering.cancel()
                await asyncio.gather(answering, return_exceptions=True)
        self.failures = 0
        self.trace.answered(self.now, [r.text for r in answer.replies], answer.intent)
        return answer

    async def tell(self, telling: Coroutine[Any, Any, Any]) -> None:
        """Tell the service something that the call goes on without."""
        try:
            await telling
        except ServiceDown:
            log.warning("the service was not told", extra={"call": self.call_id})

    async def note(self, text: str) -> None:
        """Have something that we say by ourselves written into the transcript."""
        await self.tell(self.service.prompted(self.call_id, text, self.trace.state.value))

    async def choose(self, text: str, tries: int = 2) -> bool | None:
        """A question that is answered with yes (1) or no (2); None: neither."""
        for _ in range(tries):
            given = await self.ask(text, grammar=YES_NO)
            if isinstance(given, Pressed) and given.keys in ("1", "2"):
                return given.keys == "1"
            if isinstance(given, Said) and (answer := yes_or_no(given.text)) is not None:
                return answer
        return None


YES_NO = ["是", "是的", "对", "对的", "好", "好的", "可以", "不", "不是", "不对", "不用", "换一个"]
_YES = ("是", "对", "好", "可以", "行", "没错", "要", "嗯", "确认", "正确", "没问题", "需要", "听")
_NO = ("不", "没", "别", "错", "换", "取消", "算了", "否")


def yes_or_no(text: str) -> bool | None:
    """Plain assent or refusal in a few words; None for anything else."""
    bare = text.strip("。，！？ ,.!?")
    if not bare or len(bare) > 6:
        return None
    if bare.startswith("没错") or bare.startswith("没问题"):
        return True
    if any(bare.startswith(word) for word in _NO):
        return False
    return True if any(bare.startswith(word) for word in _YES) else None

"""From the bot to a person: the queue, the agent's telephone, a call back, and back again."""

from __future__ import annotations

import asyncio
import logging
import re

from ivr.call.given import Keys, Nothing, Pressed, Said
from ivr.call.line import CallerGone
from ivr.call.numbers import phone_number
from ivr.call.phrasing import for_the_ear
from ivr.call.service import Agent, Answer, ServiceDown, Standing
from ivr.call.talk import Over, Talk
from ivr.call.trace import State
from ivr.transports import TransferResult

log = logging.getLogger(__name__)

WATCH_S = 25.0
"""How long one look at the queue waits for news."""

QUIET_S = 6.0
"""A soft tone after so much silence in the queue: the line is alive."""

WATCH_AGAIN_S = 1.0

TRANSFERRED = "transferred"
"""Why a wire ends after a talk with an agent, where the call does not come back to us."""

_CALL_BACK = re.compile(r"回电|回拨|(?:回|打)个?电话(?:给我)?|打给我|打回来|打过来|(?:给|跟)我回")
CANCEL = "取消排队"


def wants_call_back(text: str) -> bool:
    """Whether somebody would rather be called back."""
    return len(text) <= 16 and _CALL_BACK.search(text) is not None


async def with_people(talk: Talk, answer: Answer) -> str:
    """Stay with a caller who waits for a person, until the bot has the conversation again.

    Returns:
        What to say then.
    """
    return await _Queue(talk, answer).run()


class _Queue:
    """A caller's way through the queue."""

    def __init__(self, talk: Talk, answer: Answer) -> None:
        self._talk = talk
        self._latest = answer.latest
        self._notice = for_the_ear([reply.text for reply in answer.replies]).whole
        self._agent: Agent | None = None
        self._quiet_since = talk.now
        self._told_at = talk.now
        self._typing = False

    async def run(self) -> str:
        talk = self._talk
        talk.enter(State.QUEUE)
        self._quiet_since = self._told_at = talk.now
        text = self._notice + talk.menu.sentences.waiting_choice
        watching = self._watch()
        try:
            while True:
                given = await talk.ask(text, wait_s=QUIET_S, also=watching)
                text = ""
                if isinstance(given, Said | Pressed):
                    self._quiet_since = talk.now
                    back, text = await self._caller(given)
                    if back:
                        return text
                if watching.done():
                    standing = await self._news(watching)
                    watching = self._watch()
                    if standing is not None:
                        self._latest = max(self._latest, standing.latest)
                        back, heard = await self._changed(standing)
                        text += heard
                        if back:
                            return text
                elif isinstance(given, Nothing) and not text:
                    text = await self._quiet()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def _watch(self) -> asyncio.Task[Standing]:
        return asyncio.create_task(self._until_news(self._latest, self._agent))

    async def _until_news(self, latest: int, agent: Agent | None) -> Standing:
        talk = self._talk
        while True:
            now = await talk.service.watch(talk.call_id, latest, WATCH_S)
            if now.latest > latest or now.owner == "bot" or now.agent != agent:
                return now

    async def _news(self, watching: asyncio.Task[Standing]) -> Standing | None:
        try:
            return watching.result()
        except ServiceDown:
            log.warning("the queue cannot be watched", extra={"call": self._talk.call_id})
            await self._talk.line.pause(WATCH_AGAIN_S)
            return None

    async def _caller(self, given: Said | Pressed) -> tuple[bool, str]:
        """What the caller wants while waiting: whether the bot has them back, and what to say."""
        talk, sentences = self._talk, self._talk.menu.sentences
        if isinstance(given, Pressed):
            key = given.keys[0]
            if key == "#":
                raise Over("caller_ended", sentences.goodbye)
            if self._typing:
                return False, ""
            if key == "1":
                return await self._call_back()
            if key != "2":
                return False, sentences.waiting_choice
            text = CANCEL
        else:
            text = given.text
            if not self._typing and wants_call_back(text):
                return await self._call_back()
        answer = await talk.turn(text)
        talk.enter(State.TYPING if self._typing else State.QUEUE)
        if answer is None:
            return False, ""
        self._latest = max(self._latest, answer.latest)
        heard = for_the_ear([reply.text for reply in answer.replies]).whole
        if not heard and not self._typing:
            # Nobody has the call yet who could answer: silence would sound like a dead line.
            self._told_at = talk.now
            heard = sentences.waiting_choice
        return answer.owner == "bot", heard

    async def _changed(self, standing: Standing) -> tuple[bool, str]:
        """News from the service: whether the bot has them back, and what to say."""
        talk, sentences = self._talk, self._talk.menu.sentences
        text = for_the_ear([reply.text for reply in standing.replies]).whole
        if standing.owner == "bot":
            return True, text or sentences.back_to_bot
        agent, before = standing.agent, self._agent
        self._agent = agent
        if agent is None:
            self._typing = False
            talk.enter(State.QUEUE)
            return False, text
        if agent == before:
            return False, text
        self._quiet_since = talk.now
        if agent.extension is None or not getattr(talk.line.transport, "transfers", True):
            # No telephone to ring: what the agent types is spoken, what the caller says is written.
            self._typing = True
            talk.enter(State.TYPING)
            await talk.tell(talk.service.transferring(talk.call_id, "typing"))
            return False, text + sentences.agent_types
        return True, await self._ring(agent.extension, text)

    async def _ring(self, extension: str, text: str) -> str:
        """Put the caller through; returns what to say once the call is here again."""
        talk, sentences = self._talk, self._talk.menu.sentences
        talk.enter(State.RINGING)
        await talk.tell(talk.service.transferring(talk.call_id, "ringing"))
        await talk.say(text + sentences.ringing)
        limit, left = talk.limit, None
        if limit is not None and (until := limit.when()) is not None:
            left = max(60.0, until - talk.now)
            limit.reschedule(None)  # a talk between people is not ours to cut
        picked_up = asyncio.Event()
        ringing = asyncio.ensure_future(
            talk.line.transport.transfer(extension, talk.menu.timing.ring, picked_up.set)
        )
        telling = asyncio.create_task(self._tell_when(picked_up))
        try:
            result = await talk.line.until(ringing)
        except OSError:
            result = TransferResult.FAILED
        except CallerGone as gone:
            if gone.why == TRANSFERRED:
                answered = TransferResult.ANSWERED.value
                await talk.tell(talk.service.transferring(talk.call_id, answered))
            raise
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        if limit is not None and left is not None:
            limit.reschedule(talk.now + left)
        talk.line.drop_input()
        await talk.tell(talk.service.transferring(talk.call_id, result.value))
        if result is TransferResult.ANSWERED:
            return sentences.after_person
        return sentences.no_answer

    async def _tell_when(self, picked_up: asyncio.Event) -> None:
        await picked_up.wait()
        talk = self._talk
        talk.enter(State.TALKING)
        await talk.tell(talk.service.transferring(talk.call_id, "talking"))

    async def _call_back(self) -> tuple[bool, str]:
        done, text = await call_back(self._talk)
        if done:
            return True, text
        self._talk.enter(State.QUEUE)
        return False, text

    async def _quiet(self) -> str:
        """Nobody says anything: a tone; the choices now and then; is anybody there at all?"""
        talk, timing = self._talk, self._talk.menu.timing
        if not talk.line.signs_of_life and talk.now - self._quiet_since >= timing.queue_quiet:
            given = await talk.ask(talk.menu.sentences.queue_quiet, wait_s=10)
            if isinstance(given, Nothing) or not talk.line.signs_of_life:
                raise Over("nobody", talk.menu.sentences.nobody)
            self._quiet_since = talk.now
        if self._typing:
            return ""
        if talk.now - self._told_at >= timing.choice:
            self._told_at = talk.now
            return talk.menu.sentences.waiting_choice
        talk.line.mouth.tone()
        return ""


async def call_back(talk: Talk) -> tuple[bool, str]:
    """Agree on a call back: whether it was written down, and what to say."""
    sentences = talk.menu.sentences
    talk.enter(State.CALL_BACK)
    number = talk.caller.number
    if number is not None:
        same = await talk.choose(sentences.call_back_number.format(tail=number[-4:]))
        number = number if same else None
    if number is None:
        number = await phone_number(
            talk, sentences.call_back_ask, sentences.call_back_bad, mobile=False
        )
    if number is None:
        return False, sentences.call_back_failed
    given = await talk.ask(sentences.call_back_when, keys=Keys(1), wait_s=8)
    when = given.text if isinstance(given, Said) else ""
    try:
        moment = await talk.service.call_back(talk.call_id, number, when)
    except ServiceDown:
        return False, sentences.call_back_failed
    done = sentences.call_back_done.format(when=moment, tail=number[-4:])
    return True, done + sentences.anything_else

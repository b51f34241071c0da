"""Decides what a message means for the dialogue: an answer, something else, a fragment, or both.

The engine says what intent a message most likely has. Whether "1234" is the answer to our
question or "那个呢" goes on with the last subject, only the state of the dialogue can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from actions.dialogue.memory import Task
from actions.dialogue.message import FALLBACK, Message
from actions.dialogue.proving import Gate, go_on_proving, remind_proof
from actions.dialogue.request import Request, read_request
from actions.dialogue.skill import Skill
from actions.dialogue.turn import Turn
from actions.reading import answer_in, plain_digits, says_again, says_cancel, says_correction

SURE = 0.75
"""Above this a fragment rule does not overrule the classifier."""

VERY_SURE = 0.85
"""Above this a request for something else is not taken for the choice of an order."""

MAX_TRIES = 2
_ANSWERS = frozenset({"affirm", "deny"})
_NOT_UNDERSTOOD = frozenset({FALLBACK, "out_of_scope", "affirm", "deny"})
_POLITE = frozenset({"greet", "thanks", "affirm", "deny"})
_HUMAN = "ask_human"
_HUMAN_WORDS = re.compile(r"人工|客服|真人|活人|转接|专员|[找要]人")
_FRAGMENT = re.compile(r"^(那个?|还有|如果|要是)?.{1,8}[呢咧嘞][？?。]?$")
_WAIT = re.compile(
    r"^(哦|嗯|好的?|行|那|，|,)*(你|请)?(等一?下|等等|稍等(一下)?|等会儿?|等我(一下)?)?[，, ]*"
    r"(我?(去|再|先)?[找看翻查]一?[下找看翻查])?[吧啊哈哦。]*$"
)
_FETCHES = re.compile(r"^(你|请|那|好的?)?(等一?下|等会儿?|稍等|等我).{0,4}[找看翻查拿].{0,6}$")
_ASKS = re.compile(r"什么|多少|几|吗|呢|哪|怎|？|\?")
_BARE_NUMBER = re.compile(
    r"[\s\d,，.。:：#-]|我的|订单号?|单号|编号|是|这个|查一?下?|帮我|[零〇幺一二两三四五六七八九洞拐]"
)


class Router:
    """Holds the skills and leads each message to one of them, or to several in turn."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        """Args: all skills; one of them must answer ``nlu_fallback``."""
        self._skills = {skill.intent: skill for skill in skills}
        if FALLBACK not in self._skills:
            raise ValueError("no skill for nlu_fallback")

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that have a skill."""
        return tuple(self._skills)

    async def run(self, turn: Turn, intent: str) -> None:
        """Answer the turn's message.

        Args:
            turn: the turn.
            intent: the intent whose action the engine called.

        Raises:
            ShopUnavailable: the shop could not be asked.
        """
        turn.message = replace(turn.message, intent=intent)
        await self._answer(turn, read_request(turn.message, turn.today))
        if turn.redirect:
            intent, request = turn.redirect
            turn.redirect = None
            await self._start(turn, intent, request)
        while turn.memory.queue and not turn.memory.tasks:
            waiting = turn.memory.queue.pop(0)
            if waiting.get("skill") in self._skills:
                request = Request.from_dict(dict(waiting.get("request") or {}))
                await self._start(turn, waiting["skill"], request)

    async def _answer(self, turn: Turn, request: Request) -> None:
        task = turn.memory.task
        if task is not None and task.data.get("unsure") and self._about_doubt(turn):
            return
        if task is None:
            await self._new(turn, request)
        elif _cancels(turn.message, task):
            await self._cancel(turn)
        elif task.skill != _HUMAN and _wants_human(turn.message):
            turn.memory.tasks.clear()
            await self._start(turn, turn.message.intent, request)
        elif not await self._go_on(turn, task, request):
            await self._something_else(turn, task, request)

    def _about_doubt(self, turn: Turn) -> bool:
        """After a change without an answer: a no claims nothing, "再试一次" is a yes.

        Returns:
            Whether the turn is answered.
        """
        message = turn.message
        if says_again(message.text):
            turn.message = replace(message, text="", intent="affirm")
        elif says_cancel(message.text) or answer_in(message.text, message.intent) == "no":
            turn.memory.tasks.clear()
            turn.memory.queue.clear()
            turn.use("utter_change_unsure_left")
            return True
        return False

    async def _cancel(self, turn: Turn) -> None:
        turn.memory.tasks.clear()
        turn.memory.queue.clear()
        turn.memory.misses = 0
        turn.use("utter_cancelled")

    async def _go_on(self, turn: Turn, task: Task, request: Request) -> bool:
        """Let the task that waits take the message."""
        message = turn.message
        if message.chosen and message.intent not in _ANSWERS and message.intent != task.skill:
            return False
        if task.awaits == "order" and self._another_request(message, task):
            return False
        known = task.data.get("order_number")
        if known and says_correction(message.text) and request.points_at_order:
            turn.memory.drop(task)
            request.exclude = str(known)
            await self._start(turn, task.skill, request)
            return True
        if task.awaits == "proof":
            gate = await go_on_proving(turn, task)
            if gate is Gate.PROVED:
                await self._start(turn, task.skill, Request.from_dict(task.data["request"]))
            answered = gate is not Gate.NOT_AN_ANSWER
        else:
            answered = await self._skills[task.skill].go_on(turn, task)
        if answered and task.skill != FALLBACK:
            turn.memory.misses = 0
        outer = turn.memory.task
        if answered and task.skill == _HUMAN and outer and outer is not task:
            # No person wanted: back to what was under way before the offer.
            self._remind(turn, outer)
        return answered

    def _another_request(self, message: Message, task: Task) -> bool:
        """Whether it asks for something else: "家居服的发票" does not choose a parcel."""
        skill = self._skills.get(message.intent)
        if skill is None or message.chosen or message.confidence < VERY_SURE:
            return False
        return skill.about_orders and skill.intent != task.skill

    async def _something_else(self, turn: Turn, task: Task, request: Request) -> None:
        """The message does not answer what we asked: a digression, or not understood."""
        if not self._lasting(task):
            turn.memory.drop(task)
            if turn.message.chosen and task.skill == FALLBACK:
                request = Request.from_dict(task.data.get("request") or {}).merged(request)
            await self._answer(turn, request)
            return
        intent = turn.message.intent
        understood = intent in self._skills and intent not in _NOT_UNDERSTOOD
        if understood and intent == task.skill and not request.points_at_order:
            understood = turn.message.chosen
        if understood and not _waits(turn.message.text):
            same = intent == task.skill
            task.tries = 0
            if same:
                turn.memory.drop(task)
            await self._start(turn, intent, request)
            # When the digression asks something itself, one question at a time is enough.
            if not same and turn.memory.task is task and (turn.fulfilled or intent in _POLITE):
                self._remind(turn, task)
            return
        if _waits(turn.message.text):
            turn.use("utter_take_your_time")
            return
        task.tries += 1
        if task.tries >= MAX_TRIES:
            task.tries = 0
            turn.memory.misses = 0
            turn.offer_human("utter_stuck_offer", "repeated_failure")
            return
        turn.use("utter_not_understood_in_task")
        self._remind(turn, task)

    def _lasting(self, task: Task) -> bool:
        """Whether the question is repeated until answered (offers are made once)."""
        if task.awaits == "proof":
            return True
        if task.data.get("unsure"):
            return False
        return task.skill in self._skills and task.skill not in (_HUMAN, FALLBACK)

    def _remind(self, turn: Turn, task: Task) -> None:
        if task.awaits == "proof":
            remind_proof(turn, task)
        elif not self._skills[task.skill].remind(turn, task):
            turn.memory.drop(task)

    async def _new(self, turn: Turn, request: Request) -> None:
        """No question is open: a new request, or a fragment that goes on with the last one."""
        message, memory = turn.message, turn.memory
        intent = message.intent if message.intent in self._skills else FALLBACK
        if intent == _HUMAN and not _wants_human(message):
            intent = FALLBACK
        topic = self._skills.get(memory.topic or "")
        if not message.chosen:
            if request.order_number and not _BARE_NUMBER.sub("", message.text):
                intent = topic.intent if topic and topic.about_orders else "query_order"
            elif topic and topic.about_orders and says_correction(message.text):
                if await topic.continues(turn, request):
                    intent = topic.intent
                    request.exclude = memory.order_number
            elif topic and self._unsure(message) and await topic.continues(turn, request):
                intent = topic.intent
        await self._start(turn, intent, request)

    def _unsure(self, message: Message) -> bool:
        return (
            message.intent == FALLBACK
            or message.intent in _POLITE
            or message.intent == "out_of_scope"
            or message.confidence < SURE
            or bool(_FRAGMENT.match(message.text))
        )

    async def _start(self, turn: Turn, intent: str, request: Request) -> None:
        skill = self._skills.get(intent) or self._skills[FALLBACK]
        if request.other and skill.about_orders and not request.exclude:
            request.exclude = turn.memory.order_number
        if skill.intent not in (FALLBACK, "out_of_scope"):
            turn.memory.misses = 0
        await skill.start(turn, request)
        if skill.topical and turn.redirect is None:
            turn.memory.topic = skill.intent


def _cancels(message: Message, task: Task) -> bool:
    """Whether everything is dropped; "不用了" to the offer of a person only declines that."""
    if message.chosen or not says_cancel(message.text):
        return False
    if task.skill == "cancel_order" and task.awaits == "confirm" and "取消" in message.text:
        return False  # there it means yes
    if task.awaits == "reason" and re.search(r"要|用", message.text):
        return False  # "不想要了" is a reason to send something back
    return task.skill != _HUMAN or not message.text.strip().startswith(("不", "先不", "别"))


def _wants_human(message: Message) -> bool:
    """Whether a person is asked for; digits that we asked for are never taken for that."""
    if message.intent != _HUMAN:
        return False
    digits = re.search(r"\d{4}", plain_digits(message.text))
    return message.chosen or not digits or bool(_HUMAN_WORDS.search(message.text))


def _waits(text: str) -> bool:
    """Whether the customer only asks for a moment ("等一下我找找")."""
    if _FETCHES.match(text) and not _ASKS.search(text):
        return True
    return bool(re.search(r"等|[找看翻查]", text)) and bool(_WAIT.match(text.strip()))

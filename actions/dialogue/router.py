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
from actions.dialogue.several import answer_each
from actions.dialogue.skill import Skill
from actions.dialogue.steering import HUMAN, cancels, names_human, refuses_human, waits, wants_human
from actions.dialogue.turn import LAST, Turn
from actions.dialogue.wishes import answer_and_rest, wishes
from actions.reading import (
    answer_in,
    says_again,
    says_cancel,
    says_correction,
    says_no,
    says_repeat,
    says_serious,
    says_thanks,
)

SURE = 0.75
"""Above this a fragment rule does not overrule the classifier."""

VERY_SURE = 0.85
"""Above this a request for something else is not taken for the choice of an order."""

BARELY = 0.68
"""Below this a greeting, a yes or the like that answers nothing was rather noise."""

LIKELY = 0.05
SHORT = 6
MAX_TRIES = 2
_ANSWERS = frozenset({"affirm", "deny"})
_NOT_UNDERSTOOD = frozenset({FALLBACK, "out_of_scope", "affirm", "deny"})
_SMALL = frozenset({"greet", "thanks", "affirm", "deny", "goodbye"})
_LOOKS_UP = frozenset({"query_order", "query_logistics"})
_YES_OR_NO = frozenset({"confirm", "clarify"})
_POLITE = frozenset({"greet", "thanks", "affirm", "deny"})
_UPSET = frozenset({"complaint", "abuse"})
_FRAGMENT = re.compile(r"^(那个?|还有|如果|要是)?.{1,8}[呢咧嘞][？?。]?$")
_ANOTHER = re.compile(r"^(那|我|想|要|再|还|帮我)*换(一?个|一下|别的|其他的?)吧?$")
_PARTICLES = re.compile(r"[\s，,。！!？?~～的呢吧啊那这个件我]")
_BARE_DIGITS = re.compile(r"[\s\d,，.。:：#-]")
_QUESTION = re.compile(r"怎么办|怎么弄|怎么[退换查用]|什么|多少|[吗？?]|哪里|几天")
_ASKS_NUMBER = re.compile(r"(电话|热线).{0,4}(多少|几|是|什么)")
_BARE_NUMBER = re.compile(
    r"[\s\d,，.。:：#-]|我的|订单号?|单号|编号|是|这个|查一?下?|帮我|[零〇幺一二两三四五六七八九洞拐]"
)


class Router:
    """Holds the skills and leads each message to one of them, or to several in turn."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        """Args: all skills; one of them must answer ``nlu_fallback``."""
        self._skills = {skill.intent: skill for skill in skills}
        self._requests = frozenset(self._skills) - _NOT_UNDERSTOOD - _POLITE - _UPSET - {"goodbye"}
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
        turn.message = turn.whole = replace(turn.message, intent=intent)
        if says_repeat(turn.message.text) and turn.memory.about.get(LAST):
            turn.use("utter_repeat", said=turn.memory.about[LAST])
            return
        several = wishes(turn.message, self._requests)
        if several and not self._furious(turn):
            await self._each(turn, several)
        else:
            await self._lead(turn)
        while turn.memory.queue and not turn.memory.tasks:
            waiting = turn.memory.queue.pop(0)
            if waiting.get("skill") in self._skills:
                said = turn.take()
                request = Request.from_dict(dict(waiting.get("request") or {}))
                await self._start(turn, waiting["skill"], request)
                turn.put([*said, *turn.take()])
        self._soothe(turn)

    async def _lead(self, turn: Turn) -> None:
        """Answer ``turn.message``; if another skill turns out to be the one for it, let that."""
        task = turn.memory.task
        split = answer_and_rest(turn.message, self._requests) if task else None
        if task and split and _closes(split[0], split[1], task):
            # "算了，帮我看看快递到哪了": the answer to our question first, then the request.
            turn.message, following = split
            await self._answer(turn, read_request(turn.message, turn.today))
            turn.message = following
            await self._follow(turn)
            await self._start(turn, following.intent, read_request(following, turn.today))
        else:
            await self._answer(turn, read_request(turn.message, turn.today))
        await self._follow(turn)

    async def _follow(self, turn: Turn) -> None:
        if turn.redirect:
            intent, request = turn.redirect
            turn.redirect = None
            await self._start(turn, intent, request)

    async def _each(self, turn: Turn, several: list[Message]) -> None:
        """Answer several requests; the question that was open before is asked again at the end."""
        held = turn.memory.task
        turn.reminding = False

        async def answer(wish: Message) -> None:
            if held is not None and wish is several[0]:
                await self._lead(turn)
                return
            await self._start(turn, wish.intent, read_request(wish, turn.today))
            await self._follow(turn)

        asked = await answer_each(turn, several, answer, self._lasting)
        turn.reminding = True
        task = turn.memory.task
        if held and task and task.skill == held.skill and not asked:
            self._remind(turn, task)

    async def _answer(self, turn: Turn, request: Request) -> None:
        task = turn.memory.task
        if task is not None and task.data.get("unsure") and self._about_doubt(turn):
            return
        if task is None:
            await self._new(turn, request)
        elif cancels(turn.message, task):
            await self._cancel(turn)
        elif (
            task.skill != HUMAN
            and names_human(turn.message)
            and not _ASKS_NUMBER.search(turn.message.text)
        ):
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
            turn.message = replace(message, text="", intent="affirm", confidence=1.0)
        elif says_cancel(message.text) or turn.answer() == "no":
            turn.memory.tasks.clear()
            turn.memory.queue.clear()
            turn.use("utter_change_unsure_left")
            return True
        return False

    def _soothe(self, turn: Turn) -> None:
        """A customer who is upset while asking for something hears that we noticed."""
        message = turn.whole
        heard = message.emotion == "severe" or (
            message.emotion == "medium" and len(message.text) > SHORT
        )
        upset = heard or message.intent in _UPSET
        asks = message.intent in self._requests - {HUMAN} or len(message.parts) > 1
        if upset and asks and not message.chosen and not turn.apologises:
            turn.preface(turn.text("utter_sorry_first"))

    @staticmethod
    def _furious(turn: Turn) -> bool:
        """A complaint that must not be passed over: serious, severe, or not the first."""
        message = turn.message
        if message.intent not in _UPSET:
            return False
        again = bool(turn.memory.said.get("complaints"))
        return again or message.emotion == "severe" or says_serious(message.text)

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
        if answered and task.skill == HUMAN and outer and outer is not task:
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
        if understood and not waits(turn.message.text):
            same = intent == task.skill
            task.tries = 0
            if same:
                turn.memory.drop(task)
            await self._start(turn, intent, request)
            await self._follow(turn)
            # When the digression asks something itself, one question at a time is enough.
            closed = turn.fulfilled or intent in _POLITE
            if turn.reminding and not same and turn.memory.task is task and closed:
                self._remind(turn, task)
            return
        if waits(turn.message.text):
            decides = task.awaits in ("confirm", "reward", "reason")
            turn.use("utter_take_your_time_decide" if decides else "utter_take_your_time")
            return
        if says_no(turn.message.text) and task.awaits != "proof":
            await self._cancel(turn)
            return
        if says_thanks(turn.message.text):
            await self._start(turn, "thanks", request)
            self._remind(turn, task)
            return
        task.tries += 1
        if task.tries >= MAX_TRIES:
            task.tries = 0
            turn.memory.misses = 0
            turn.offer_human("utter_stuck_offer", "repeated_failure")
            return
        if intent != task.skill:  # the same request again is understood, only not an answer
            turn.use("utter_not_understood_in_task")
        self._remind(turn, task)

    def _lasting(self, task: Task) -> bool:
        """Whether the question is repeated until answered (offers are made once)."""
        if task.awaits == "proof":
            return True
        if task.data.get("unsure"):
            return False
        return task.skill in self._skills and task.skill not in (HUMAN, FALLBACK)

    def _remind(self, turn: Turn, task: Task) -> None:
        if task.awaits == "proof":
            remind_proof(turn, task)
        elif not self._skills[task.skill].remind(turn, task):
            turn.memory.drop(task)

    async def _new(self, turn: Turn, request: Request) -> None:
        """No question is open: a new request, or a fragment that goes on with the last one."""
        message, memory = turn.message, turn.memory
        intent = message.intent if message.intent in self._skills else FALLBACK
        if intent == HUMAN and not wants_human(message):
            intent = "deny" if refuses_human(message) else FALLBACK
        if not message.chosen:
            intent = _not_small(message, intent)
        topic = self._skills.get(memory.topic or "")
        if not message.chosen:
            if self._bare_product(message, request):
                goes_on = topic and await topic.continues(turn, request)
                intent = topic.intent if topic and goes_on else "product_question"
                turn.message = replace(message, ranking=())  # a classifier knows nothing of nouns
                if not goes_on and await self._own_order(turn, request) != FALLBACK:
                    intent = "query_order"
            elif not _BARE_DIGITS.sub("", message.text) and not request.order_number:
                intent = FALLBACK
            elif request.order_number and not _BARE_NUMBER.sub("", message.text):
                intent = topic.intent if topic and topic.about_orders else "query_order"
            elif topic and topic.about_orders and says_correction(message.text):
                if await topic.continues(turn, request):
                    intent = topic.intent
                    request.exclude = memory.order_number
            elif topic and self._unsure(message) and await topic.continues(turn, request):
                intent = topic.intent
            elif intent == FALLBACK and request.points_at_order:
                intent = await self._own_order(turn, request)
        await self._start(turn, intent, request)

    @staticmethod
    def _bare_product(message: Message, request: Request) -> bool:
        """Whether it is nothing but the name of a product."""
        said = [e.text for e in message.entities if e.name == "product"]
        rest = message.original
        for name in said:
            rest = rest.replace(name, "")
        return bool(said and request.products) and not _PARTICLES.sub("", rest)

    async def _own_order(self, turn: Turn, request: Request) -> str:
        """What to look up for a fragment that points at an order of the speaker ("上个月买的那个")."""
        skill = self._skills.get("query_order")
        who = await turn.who()
        if skill is None or not who.verified:
            return FALLBACK
        if request.products and not await skill.continues(turn, Request(text=request.text)):
            return FALLBACK
        likely = next((n for n, c in turn.message.ranking if n != FALLBACK and c >= LIKELY), None)
        if likely is None or likely in _LOOKS_UP or likely in _SMALL:
            return likely if likely in _LOOKS_UP else skill.intent
        return FALLBACK

    def _unsure(self, message: Message) -> bool:
        return (
            message.intent == FALLBACK
            or message.intent in _POLITE
            or message.intent == "out_of_scope"
            or message.confidence < SURE
            or bool(_FRAGMENT.match(message.text))
            or bool(_ANOTHER.match(message.text))
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


def _not_small(message: Message, intent: str) -> str:
    """A greeting, yes or no that answers nothing is believed only when it is one.

    "不想要了怎么办" is no plain no: the likeliest request behind it counts. And a plain no that the
    classifier does not know ("buyao") is one all the same.
    """
    if intent in _SMALL and (message.confidence < BARELY or _QUESTION.search(message.text)):
        likely = [n for n, c in message.ranking if n not in _SMALL and c >= LIKELY]
        if _QUESTION.search(message.text) and likely and intent in _ANSWERS:
            return likely[0]
        if message.confidence < BARELY:
            return FALLBACK
    if intent in (FALLBACK, "out_of_scope", "affirm") and says_thanks(message.text):
        return "thanks"
    if intent in (FALLBACK, "out_of_scope"):
        answer = answer_in(message.text)
        if answer and len(message.text) <= SHORT:
            return "affirm" if answer == "yes" else "deny"
    return intent


def _closes(head: Message, following: Message, task: Task) -> bool:
    """Whether the first words answer our question and the rest is a request of its own.

    "不对，是尺码不合适" belongs together: what follows corrects the same business.
    """
    if cancels(head, task):
        return True
    return task.awaits in _YES_OR_NO and following.intent != task.skill

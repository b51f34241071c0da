"""Decides what a message means for the dialogue: an answer, something else, a fragment, or both.

The engine says what intent a message most likely has. Whether "1234" is the answer to our
question or "那个呢" goes on with the last subject, only the state of the dialogue can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from actions.dialogue.fragments import ANSWERS, LOOKS_UP, POLITE, SMALL, only_marks
from actions.dialogue.fresh import (
    NOT_UNDERSTOOD,
    claimed_by,
    fresh_meaning,
    gives_up_order,
)
from actions.dialogue.listening import about_hearing
from actions.dialogue.memory import Task
from actions.dialogue.message import FALLBACK, Message
from actions.dialogue.mood import UPSET, furious, soothe
from actions.dialogue.pressing import meet_impatience, meet_pressing
from actions.dialogue.proving import Gate, go_on_proving, remind_proof
from actions.dialogue.request import Request, read_request
from actions.dialogue.several import answer_each
from actions.dialogue.skill import Skill
from actions.dialogue.steering import (
    HUMAN,
    cancels,
    closes,
    names_human,
    waits,
)
from actions.dialogue.turn import Turn
from actions.dialogue.wishes import answer_and_rest, question_after_yes, wishes
from actions.reading import (
    asks_what_now,
    says_again,
    says_cancel,
    says_correction,
    says_no,
    says_thanks,
    says_unclear,
)

VERY_SURE = 0.85
"""Above this a request for something else is not taken for the choice of an order."""
MAX_TRIES = 2
MAX_REDIRECTS = 3
MAX_REMINDERS = 2
"""A question that other things were asked instead of so often is let go."""
LIGHT_REMINDERS = 1
"""The same of the choice of an order: long to read and soon asked for again."""
_ASKS_NUMBER = re.compile(r"(电话|热线).{0,4}(多少|几|是|什么)")


class Router:
    """Holds the skills and leads each message to one of them, or to several in turn."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        """Args: all skills; one of them must answer ``nlu_fallback``."""
        self._skills = {skill.intent: skill for skill in skills}
        self._requests = frozenset(self._skills) - NOT_UNDERSTOOD - POLITE - UPSET - {"goodbye"}
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
        task = turn.memory.task
        if about_hearing(turn, self._remind if task and self._lasting(task) else None):
            return
        if not turn.message.chosen and says_unclear(turn.message.text) and turn.memory.topic:
            turn.meant = turn.memory.topic
            turn.offer_human("utter_unclear_offer", "repeated_failure")
            return
        if self._what_now(turn):
            return
        several = wishes(turn.message, self._requests)
        if several and not furious(turn):
            await self._each(turn, several)
            turn.meant = several[0].intent
        else:
            await self._lead(turn)
        meant = turn.meant
        while turn.memory.queue and not turn.memory.tasks:
            waiting = turn.memory.queue.pop(0)
            if waiting.get("skill") in self._skills:
                said = turn.take()
                request = Request.from_dict(dict(waiting.get("request") or {}))
                await self._start(turn, waiting["skill"], request)
                turn.put([*said, *turn.take()])
        turn.meant = meant
        soothe(turn, self._requests - {HUMAN})

    def _topic(self, turn: Turn) -> Skill | None:
        """The skill that answered last."""
        return self._skills.get(turn.memory.topic or "")

    def _what_now(self, turn: Turn) -> bool:
        """A "那怎么办" after an answer of ours: a person is all that we can offer beyond it.

        Returns:
            Whether the turn is answered.
        """
        topic, text = self._topic(turn), turn.message.text
        if topic is None or not asks_what_now(text) or topic.asks_on(text):
            return False
        turn.meant = topic.intent
        task = turn.memory.task
        if task and self._lasting(task):
            self._remind(turn, task)
        else:
            turn.offer_human("utter_what_now_offer", "complex_intent")
        return True

    async def _lead(self, turn: Turn) -> None:
        """Answer ``turn.message``; if another skill turns out to be the one for it, let that."""
        task = turn.memory.task
        if task and task.awaits == "confirm" and task.skill != HUMAN:
            turn.message = question_after_yes(turn.message, self._requests)
        split = answer_and_rest(turn.message, self._requests) if task else None
        if task and split and closes(split[0], split[1], task):
            # "算了，帮我看看快递到哪了": the answer to our question first, then the request.
            turn.message, following = split
            await self._answer(turn, self._read(turn))
            turn.message = following
            await self._follow(turn)
            await self._start(turn, following.intent, read_request(following, turn.today))
        else:
            await self._answer(turn, self._read(turn))
        await self._follow(turn)

    def _read(self, turn: Turn) -> Request:
        return read_request(turn.message, turn.today, turn.memory.product)

    async def _follow(self, turn: Turn) -> None:
        """Let the skill answer that turned out to be the one for it; that may lead on once more."""
        for _ in range(MAX_REDIRECTS):
            if turn.redirect is None:
                return
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
        if only_marks(turn.message.text):
            self._nudged(turn, task)
        elif task is None:
            await self._new(turn, request)
        elif cancels(turn.message, task):
            if task.skill == HUMAN and gives_up_order(turn):
                turn.memory.tasks.clear()
                request.order_number = turn.memory.order_number
                await self._start(turn, "cancel_order", request)
            else:
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

    def _nudged(self, turn: Turn, task: Task | None) -> None:
        """A "？" says nothing: what is open is asked again, otherwise we say that we listen."""
        if task is not None and self._lasting(task):
            turn.meant = task.skill
            self._remind(turn, task)
        else:
            turn.meant = "greet"
            turn.use("utter_listening")

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
            turn.meant = "deny"
            turn.use("utter_change_unsure_left")
            return True
        return False

    async def _cancel(self, turn: Turn) -> None:
        turn.memory.tasks.clear()
        turn.memory.queue.clear()
        turn.memory.misses = 0
        turn.meant = "deny"
        turn.use("utter_cancelled")

    async def _go_on(self, turn: Turn, task: Task, request: Request) -> bool:
        """Let the task that waits take the message."""
        message = turn.message
        if message.chosen and message.intent not in ANSWERS and message.intent != task.skill:
            return False
        if task.awaits == "order" and self._another_request(message, task):
            return False
        topic = self._topic(turn)
        if task.skill == HUMAN and not message.chosen and topic and topic.asks_on(message.text):
            return False  # "家里没有" goes on with the parcel; it refuses nobody's help
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
            skill = self._skills[task.skill]
            answered = gate is not Gate.NOT_AN_ANSWER or await skill.meanwhile(turn, task)
        else:
            answered = await self._skills[task.skill].go_on(turn, task)
        if answered and task.skill != FALLBACK:
            if task.skill != HUMAN and self._skills[task.skill].topical and turn.redirect is None:
                turn.memory.topic = task.skill
            turn.memory.misses = 0
            task.reminders = 0
        turn.answers = turn.answers or (answered and task.skill != HUMAN)
        if answered and turn.meant is None:
            turn.meant = self._answer_meant(turn, task)
        outer = turn.memory.task
        if answered and task.skill == HUMAN and outer and outer is not task:
            # No person wanted: back to what was under way before the offer.
            self._remind(turn, outer)
        return answered

    @staticmethod
    def _answer_meant(turn: Turn, task: Task) -> str:
        """What an answer is about: "公司" means the invoice that asked, whatever the engine says."""
        if turn.message.intent in SMALL:
            return turn.message.intent
        if task.skill in (HUMAN, FALLBACK):
            return {"yes": "affirm", "no": "deny"}.get(turn.answer() or "", turn.message.intent)
        return task.skill

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
        if await meet_pressing(turn, task, self._skills[task.skill], self._remind):
            return
        intent = await self._meant_beside(turn, request)
        if intent == FALLBACK and self._skills[task.skill].asks_on(turn.message.text):
            intent = task.skill  # "那要等到什么时候嘛", and no parcel was chosen yet
        understood = intent in self._skills and intent not in NOT_UNDERSTOOD
        if understood and intent == task.skill and not request.points_at_order:
            understood = turn.message.chosen
        if await self._told_of_all(turn, task, intent, request):
            return
        if understood and not waits(turn.message.text):
            same = intent == task.skill
            task.tries = 0
            if same:
                turn.memory.drop(task)
            await self._start(turn, intent, request)
            await self._follow(turn)
            # When the digression asks something itself, one question at a time is enough.
            closed = turn.fulfilled or intent in POLITE
            if turn.reminding and not same and turn.memory.task is task and closed:
                if turn.on_phone and {intent, task.skill} <= LOOKS_UP and task.awaits == "order":
                    turn.memory.drop(task)  # the order meant was named after all, and told of
                else:
                    self._remind_once_more(turn, task)
            return
        if waits(turn.message.text):
            turn.meant = task.skill
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
        turn.meant = intent if intent == task.skill else FALLBACK
        if intent == task.skill and await self._skills[intent].insist(turn, task):
            turn.memory.topic = intent
            return
        task.tries += 1
        if task.tries >= MAX_TRIES:
            task.tries = 0
            turn.memory.misses = 0
            turn.offer_human("utter_stuck_offer", "repeated_failure")
            return
        if intent not in (task.skill, "affirm"):  # those are understood, only no answer
            turn.use("utter_not_understood_in_task")
        self._remind(turn, task)

    async def _told_of_all(self, turn: Turn, task: Task, intent: str, request: Request) -> bool:
        """Answer "什么时候到" for all the orders that "我的订单" had us choose among."""
        looks_up = {intent, task.skill} <= LOOKS_UP and intent != task.skill
        if not looks_up or task.awaits != "order" or request.points_at_order or turn.message.chosen:
            return False
        if not await self._skills[intent].insist(turn, task):
            return False
        turn.meant = turn.memory.topic = intent
        return True

    async def _meant_beside(self, turn: Turn, request: Request) -> str:
        """The intent of a message that does not answer the open question."""
        claimed = None if turn.message.chosen else await claimed_by(turn, request, self._skills)
        return claimed or turn.message.intent

    def _lasting(self, task: Task) -> bool:
        """Whether the question is repeated until answered (offers are made once)."""
        if task.awaits == "proof":
            return True
        if task.data.get("unsure"):
            return False
        return task.skill in self._skills and task.skill not in (HUMAN, FALLBACK)

    def _remind_once_more(self, turn: Turn, task: Task) -> None:
        """Back to what was asked before a digression, unless it was passed over too often."""
        task.reminders += 1
        if task.reminders > (LIGHT_REMINDERS if task.awaits == "order" else MAX_REMINDERS):
            turn.memory.drop(task)
        else:
            self._remind(turn, task)

    def _remind(self, turn: Turn, task: Task) -> None:
        if task.awaits == "proof":
            remind_proof(turn, task)
        elif not self._skills[task.skill].remind(turn, task):
            turn.memory.drop(task)

    async def _new(self, turn: Turn, request: Request) -> None:
        if not meet_impatience(turn, self._topic(turn)):
            await self._start(turn, await fresh_meaning(turn, request, self._skills), request)

    async def _start(self, turn: Turn, intent: str, request: Request) -> None:
        skill = self._skills.get(intent) or self._skills[FALLBACK]
        if request.other and skill.about_orders and not request.exclude:
            request.exclude = turn.memory.order_number
        if skill.intent not in (FALLBACK, "out_of_scope"):
            turn.memory.misses = 0
        turn.meant = skill.intent
        await skill.start(turn, request)
        if skill.topical and turn.redirect is None:
            turn.memory.topic = skill.intent

"""Greetings, thanks, goodbyes, a yes or no to nothing, and what is not our subject."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Skill, Turn
from actions.foreign import offer_chinese
from actions.reading import asks_who_we_are

_CHAT = re.compile(
    r"你.{0,4}(岁|多大|生日|男的|女的|结婚|对象|女朋友|男朋友|吃饭|吃了|睡|累|爱我|喜欢我|唱歌|跳舞|会什么|聪明|可爱|厉害|无聊|工资|下班)|天气|笑话|故事|唱(首|个)?歌|聊(聊|会儿|天)|陪我|无聊|好玩|星座|彩票|写(首)?诗|下雨|热死|冷死"
)
_SOUNDS = re.compile(
    "[哈呵嘿嘻啊哦噢呃额嗯唉哎诶哇呀嘛哼咳喂hH\\s,.!?，。！？~～…\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d]+|233+"
)
_WELCOME = re.compile(r"不(用)?客气|不用谢|别客气")
_NOT_SEEN = re.compile(
    r"(我|这|那|可是|但是?|也|都|还是|就是|根本|怎么|里面?|[，, ])*(没有?(看到|看见|找到|找着|见到?|显示|出现|弹出来?|收到)|[找看]不[到着见])[了啊呀呢的，,。！]*"
)
_ANGRY_SIGN = re.compile("[😠😡🤬😤💢👎]")


def only_sounds(text: str) -> bool:
    """Whether somebody only laughs, sighs or sends a picture that says nothing ("哈哈哈", "😂")."""
    return bool(_SOUNDS.fullmatch(text)) and not _ANGRY_SIGN.search(text)


class Saying(Skill):
    """Answers with one sentence of domain.yml."""

    topical = False
    sentence: ClassVar[str]

    async def start(self, turn: Turn, request: Request) -> None:
        """Say it."""
        del request
        turn.aside = True
        turn.use(self.sentence)


class Greet(Saying):
    """greet."""

    intent = "greet"
    sentence = "utter_greet"

    async def start(self, turn: Turn, request: Request) -> None:
        """A full welcome the first time, a short one while something is open."""
        del request
        again = turn.memory.tasks or turn.memory.topic or "utter_greet" in turn.memory.said
        turn.use("utter_greet_again" if again else "utter_greet")


class Goodbye(Saying):
    """goodbye."""

    intent = "goodbye"
    sentence = "utter_goodbye"


class Thanks(Saying):
    """thanks."""

    intent = "thanks"
    sentence = "utter_thanks"

    async def start(self, turn: Turn, request: Request) -> None:
        """Who says 不客气 answers our thanks."""
        del request
        turn.aside = True
        turn.use("utter_affirm" if _WELCOME.search(turn.message.text) else self.sentence)


class Affirm(Saying):
    """affirm, when nothing was asked."""

    intent = "affirm"
    sentence = "utter_affirm"


class Deny(Saying):
    """deny, when nothing was asked."""

    intent = "deny"
    sentence = "utter_deny"

    async def start(self, turn: Turn, request: Request) -> None:
        """Something that is not where we said it is refuses nothing."""
        if turn.memory.topic and _NOT_SEEN.fullmatch(request.text):
            turn.meant = turn.memory.topic
            turn.offer_human("utter_what_now_offer", "complex_intent")
            return
        await super().start(turn, request)


class OutOfScope(Saying):
    """out_of_scope: friendly, and back to what we can do; the second time a person is offered."""

    intent = "out_of_scope"

    async def start(self, turn: Turn, request: Request) -> None:
        """Say what we can do."""
        if asks_who_we_are(request.text):
            turn.use("utter_who_am_i")
            return
        if only_sounds(request.text):
            turn.use("utter_listening")
            return
        if _CHAT.search(request.text):
            turn.use("utter_chat")
            return
        if offer_chinese(turn):
            return
        turn.memory.misses += 1
        if turn.memory.misses >= 2:
            turn.offer_human("utter_out_of_scope_offer", "repeated_failure")
        else:
            turn.use("utter_out_of_scope")

"""Messages within a form that answer nothing and only want it done, or done fast."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from actions.dialogue.fragments import LOOKS_UP
from actions.dialogue.fresh import NOT_UNDERSTOOD
from actions.dialogue.memory import Task
from actions.dialogue.skill import Skill
from actions.dialogue.turn import Turn
from actions.reading import urges

Pressing = Literal["hurry", "vent", "go"]

_MARKS = re.compile(r"[\s,，.。!！?？~～、;；:：…]+")
_LONGEST = 14
_AROUND = (
    "我|你们?|您|咱|都|要|快要|真的?是?|倒是|到底|能不能|可不可以|可以|能|麻烦|拜托|求求?你?|请|就|也|太|好|很|挺|有点|比较"
    "|特别|非常|这么|给我|帮我|人|死|疯|坏|了|的|啊|呀|呢|吧|嘛|吗|么|哦|呗|啦|哎|唉|诶|行不行|好不好|一?下|弄|办|处理|解决|行|搞"
)
_HURRY = (
    "着?急用?|等着?用|快(?:一?[点些])?|赶[紧快]|抓紧|麻利点?|速度|等不[及了]|别?磨[蹭叽]|慢|时间"
)
_VENT = "烦|气|无语|服|心累|崩溃|郁闷|晕|醉"
_HURRIES = re.compile(f"{_HURRY}|{_AROUND}")
_VENTS = re.compile(f"{_HURRY}|{_AROUND}|{_VENT}")
"""Words of which there is nothing left when they are taken away."""
_HURRIED = re.compile(
    r"急|快[点些一啊呀]|快$|赶[紧快]|抓紧|麻利|等不[及了]|磨[蹭叽]|慢死|太慢|^速度"
)
_VENTED = re.compile(r"烦[死人]?|气[死人疯坏]|无语|服了|心累|崩溃|郁闷|[晕醉]了")
_RESULT = re.compile(
    r"(多久|几天|(什么|啥)时候)(才|能|会|可以)*(有|给|出)(我)?(一?个)?(结果|答复|消息|说法|回复|回音|交代)"
)
_GO = re.compile(
    r"(?:那|就|好的?|行|嗯|哦|对|你|您|快|请|麻烦|先|赶紧|直接)*(?:帮|给|替)(?:我|忙)?"
    r"(?:开|退|换|查|办|弄|看|搞|处理|改|申请|操作)(?:一?[下个张]|了|发?票)*"
    r"(?:吧|啊|呗|嘛|呀|哈|呢|行吗|好吗|可以吗|行不行|好不好|谢谢)*"
)

_MET_WITH: dict[Pressing, str] = {
    "hurry": "utter_pressed_hurry",
    "vent": "utter_pressed_vent",
    "go": "utter_pressed_go",
}


def presses(text: str) -> Pressing | None:
    """How somebody presses us without telling anything: "急死了", "烦死了", "那帮我开一下"."""
    bare = _MARKS.sub("", text)
    if not bare or len(bare) > _LONGEST:
        return None
    if _HURRIED.search(bare) and not _HURRIES.sub("", bare):
        return "hurry"
    if _VENTED.search(bare) and not _VENTS.sub("", bare):
        return "vent"
    return "go" if _GO.fullmatch(bare) else None


async def meet_pressing(
    turn: Turn, task: Task, skill: Skill, remind: Callable[[Turn, Task], None]
) -> bool:
    """Meet whoever only wants it done with what can be told already, or with what is still missing.

    Args:
        turn: the turn.
        task: what waits for an answer.
        skill: the skill that asked.
        remind: asks again.

    Returns:
        Whether the turn is answered.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    how = None if turn.message.chosen else presses(turn.message.text)
    its_own = turn.message.intent in NOT_UNDERSTOOD | {task.skill}
    if how is None or (how == "go" and not its_own):
        return False
    turn.meant = task.skill
    looks_up = task.awaits == "order" and task.skill in LOOKS_UP
    if looks_up and await skill.insist(turn, task):
        turn.memory.topic = task.skill
    else:
        turn.use(_MET_WITH[how])
        remind(turn, task)
    return True


def meet_impatience(turn: Turn, topic: Skill | None) -> bool:
    """Meet whoever only hurries us while nothing is asked: nobody but a person can hurry others.

    Returns:
        Whether the turn is answered.
    """
    message = turn.message
    if message.chosen:
        return False
    if topic is not None and topic.intent in LOOKS_UP and _RESULT.search(message.text):
        turn.meant = topic.intent
        turn.offer_human("utter_result_offer", "complex_intent")
        return True
    if presses(message.text) != "hurry" or urges(message.text):
        return False  # who says for whom to hurry ("急用") is told what is new, too
    if message.intent not in NOT_UNDERSTOOD and (topic is None or message.intent not in LOOKS_UP):
        return False
    if topic is None or not topic.about_orders:
        turn.meant = "greet"
        turn.use("utter_pressed_what")
        return True
    turn.meant = topic.intent
    turn.use("utter_pressed_first")
    turn.offer_human("utter_urge_offer", "complex_intent")
    return True

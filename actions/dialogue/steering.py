"""What steers a dialogue whatever it is about: never mind, a person, a moment's patience."""

from __future__ import annotations

import re

from actions.dialogue.memory import Task
from actions.dialogue.message import Message
from actions.reading import plain_digits, says_cancel

HUMAN = "ask_human"
_YES_OR_NO = frozenset({"confirm", "clarify"})
_HUMAN_WORDS = re.compile(r"人工|客服|真人|活人|转接|专员|[找要]人")
_NO_HUMAN = re.compile(
    r"(不|别|甭|没)(用|要|需要|想|必)*(再|帮我|给我)*(转|找|接|叫)?(到|个)?(人工|客服|真人)(了|啦|吧|哈|啊|服务)*([，,。！!\s你]|$)"
    r"|(人工|客服|真人).{0,3}(太慢|没用|解决不了|指望不上).{0,6}你"
)
_DROPS_ALL = re.compile(r"算了|退出|停|结束|返回|重来|重新开始|当我没说|先这样")
_NAMES_MATTER = re.compile(r"[退换兑办买]")
"""Who drops the matter itself refuses more than a person's help."""
_ALL_OF_THEM = re.compile(r"^[^不别]*[都全][^不别]{0,2}取消")
_BY_THE_WAY = re.compile(r"^[嗯哦啊，, ]*对了")
_LISTENS = re.compile(r"^(?:嗯|恩|哦|噢|好的?|好吧|行吧?)+[，,。！\s]*$")
_WAIT = re.compile(
    r"^(哦|嗯|好的?|行|那|，|,)*(你|请)?(等一?下|等等|稍等(一下)?|等会儿?|等我(一下)?)?[，, ]*"
    r"(我?(去|再|先)?[找看翻查]一?[下找看翻查])?[吧啊哈哦。]*$"
)
_FETCHES = re.compile(
    r"^([哦嗯噢呃啊行]|你|请|那|好的?|[，, ])*(等一?下|等等|等会儿?|稍等|等我).{0,4}[找看翻查拿问].{0,6}$"
)
_LATER = re.compile(
    r"(晚点|晚些|等会儿?|待会儿?|一会儿?|回头|过会儿?|稍后|等下|改天|明天)(儿|我)?(再)?(来)?(发|给|告诉|说|报|弄|查|找|看|填|补)"
)
_THINKS = re.compile(
    r"^([嗯呃额哦那让我先再…，,.。 ]|等等|等一?下|等会儿?)*(想想|想一?下|考虑(一下|下)?)([再吧哈啊。…看]|说)*$"
)
_ASKS = re.compile(r"什么|多少|几|吗|呢|哪|怎|？|\?")


def cancels(message: Message, task: Task) -> bool:
    """Whether everything is dropped; "不用了" to the offer of a person only declines that."""
    if message.chosen or not says_cancel(message.beside_products):
        return False
    if task.skill == HUMAN and "取消" in message.text and message.beside_products != message.text:
        return False  # "那牙刷取消" wants an order cancelled and refuses nobody's help
    if task.awaits == "order" and (
        message.beside_products != message.text or _ALL_OF_THEM.search(message.text)
    ):
        return False  # "袜子留着", "都取消" say which ones
    if task.skill == "cancel_order" and task.awaits == "confirm" and "取消" in message.text:
        return False  # there it may mean yes
    if task.awaits == "confirm" and task.skill != HUMAN and not _DROPS_ALL.search(message.text):
        return False  # a plain no ("不要", "不退了"): the task says what was not done
    if task.awaits == "reason" and re.search(r"要|用", message.text):
        return False  # "不想要了" is a reason to send something back
    declines = message.text.strip().startswith(("不", "先不", "别"))
    return task.skill != HUMAN or not declines or bool(_NAMES_MATTER.search(message.text))


def wants_human(message: Message) -> bool:
    """Whether a person is asked for; digits that we asked for are never taken for that."""
    if message.intent != HUMAN or refuses_human(message):
        return False
    digits = re.search(r"\d{4}", plain_digits(message.text))
    return not digits or names_human(message)


def names_human(message: Message) -> bool:
    """The same beyond doubt: "个人" may well be the answer to what we asked."""
    named = message.chosen or bool(_HUMAN_WORDS.search(message.text))
    return message.intent == HUMAN and named and not refuses_human(message)


def refuses_human(message: Message) -> bool:
    """Whether no person is wanted ("不要人工")."""
    return not message.chosen and bool(_NO_HUMAN.search(message.text))


def beside_refusal(text: str) -> str:
    """What is said beside a refusal of a person: "不要人工，我就问快递到哪了" → "我就问快递到哪了"."""
    return _NO_HUMAN.sub("", text).strip("，,。 ")


def waits(text: str) -> bool:
    """Whether the customer only asks for a moment ("等一下我找找")."""
    if _THINKS.match(text) and not _ASKS.search(text):
        return True
    if (_FETCHES.match(text) or _LATER.search(text)) and not _ASKS.search(text):
        return True
    return bool(re.search(r"等|[找看翻查]", text)) and bool(_WAIT.match(text.strip()))


def closes(head: Message, following: Message, task: Task) -> bool:
    """Whether the first words answer our question and the rest is a request of its own.

    "不对，是尺码不合适" belongs together: what follows corrects the same business.
    """
    if task.skill == "cancel_order" and "取消" in following.text:
        return False  # "算了，取消吧" is one answer to one question
    if task.skill == "redeem_points" and "换" in following.text:
        return False  # "不要这个，换个便宜的" chooses another reward
    if cancels(head, task):
        return True
    if _BY_THE_WAY.match(head.text) or (
        task.awaits == "confirm" and task.skill != HUMAN and _LISTENS.match(head.text)
    ):
        return False  # no change of data may hang on an "嗯" that only leads to the next question
    return task.awaits in _YES_OR_NO and following.intent != task.skill

"""Takes off what says nothing at a message's ends: 「你好，请问……」「麻烦问一下」「那个，」, and 「……，老板」「……，在线等」「……，谢谢」.

What is wanted stands between, and short wishes drown in it: to a classifier of n-grams 「你好，请问包邮吗」 is
half a greeting, and 「好的，客服」 a call for one. A greeting alone stays one, and what may be meant (「你好慢」「嗯」「老板呢」)
stays as it is. So do thanks, but behind a question: 「收到了，谢谢」 is thanks.
"""

from __future__ import annotations

import re
from typing import Optional

from engine.nlu.asking import asks, asks_in_words

_MARKS = r"[,.。!~、;: ]"
_ASKS_NEXT = r"(?=请|我|想|问|帮|麻烦|能不|能帮|可以|有没有|怎么|咋|什么|咨询|查|这个|那个|在吗)"
_ADDRESSED = (
    "(?:亲|亲亲|亲爱的|宝|宝贝|宝子|老板|老板娘|掌柜的?|店家|客服|小禾|小姐姐|小哥哥|小哥|小妹|妹子|姑娘|小伙子|美女|帅哥|"
    "师傅|老师|大哥|大姐|大妹子|老铁|兄弟|同学|朋友)[啊呀哈哇]?"
)
"""Whom the customer speaks to."""
_HOW = "慢快烦笨坏美帅漂可聪厉搞讨大小高矮胖瘦贵冷热多少久狠凶蠢傻吵啰难没不吗啊呀哈哇"
"""「你好慢」 is no greeting."""
_OPENERS = (
    # A greeting: 「你好慢」 is none.
    rf"(?:喂{_MARKS}*)?(?:你好|您好|哈喽|哈罗|hello|hi|早上好|上午好|中午好|下午好|晚上好)[啊呀哈哇]?(?:{_MARKS}+|{_ASKS_NEXT})",
    rf"(?:你好|您好)(?![你您{_HOW}])(?=.{{5}})",
    rf"(?:亲|亲亲|亲爱的|老板|小姐姐|客服|美女|帅哥)(?:{_MARKS}+|{_ASKS_NEXT})",
    r"老板(?![娘们的])(?=.{4})",
    rf"请问(?:一?下)?{_MARKS}*",
    rf"(?:我|想|就想|麻烦|请|先|再|那|能不能)*(?:问|咨询|请教|打听)(?:一下|下|个事|个问题){_MARKS}*",
    rf"(?:我)?就?想(?:问|知道)(?![的问]){_MARKS}*",
    rf"(?:在吗|在么|在不在|有人吗|有人在吗)[?]?{_MARKS}+|(?:在吗|在不在|有人吗)[?]",
    rf"(?:那个|这个|就是|就是说|然后|呃+|额+|哎呀?|诶|欸|哦|噢|喂+|歪+){_MARKS}+",
    rf"嗯+{_MARKS}+(?=[^,.。!~、;: ]{{5}})",  # before a word or two it is a yes: 「嗯，谢谢」
    r"(?:嗯+|呃+|额+|哎呀?|诶|欸|喂)(?=[^嗯呃额哎诶欸喂啊呀哦]{4})",
    rf"(?:我(?:是|想)说|我(?:的)?意思是|对了)(?:是|的是)?{_MARKS}*(?=.{{4}})",
)
_ANSWER = re.compile(
    rf"(?:好|好的|行|[嗯恩]+|对|是的|可以|ok|知道了|明白了|收到|不是|不对|不用)[吧呀啊嘞了]?{_MARKS}+"
)
_OPENER = re.compile("|".join(_OPENERS))
_BEFORE = r"(?:(?<=\?)|[,.!~、 ]+)"
_CLOSERS = (
    rf"[,.!~、]+{_ADDRESSED}",
    rf"{_BEFORE}(?:急+|好急|很急|比较急|急用|急着用|在线等急?|等(?:你|您)?回复|请?(?:尽快|尽速|速)?回复(?:一下|我)?|速回|求(?:回复|解答?)|跪求)",
)
_CLOSER = re.compile(f"(?:{'|'.join(_CLOSERS)})[.!~]*$")
_CALL = re.compile(
    rf"(?:(?<=[!?])|{_MARKS}+)[亲您你]?(?:在吗|在么|在嘛|在不在|在不|有人吗|有人在吗)[亲啊呀]?[?!.~]*$"
)
"""Somebody is called for once more."""
_THANKS = re.compile(
    rf"{_BEFORE}(?:(?:谢谢|多谢|感谢|谢了|谢啦|拜托了?|麻烦(?:你|您)?了?|辛苦(?:你|您)?了?|thx|thanks)[你您啦了哈啊亲]*[,.!~ ]*)+$"
)
_ONLY_ADDRESSED = re.compile(rf"{_ADDRESSED}{_MARKS}*")
_MARKS_AGAIN = re.compile(r"([?!])[?!]+")
_LAST_MARK = re.compile(r"[?!]$")
_SHORTEST_QUESTION = 4
"""Characters of one to which thanks may be added: 「收到了吗，谢谢」."""
_SHORTEST_ASKED = 3
"""Characters of one behind an answer: 「好的，发了吗」."""
_SHORTEST_MATTER = 3
"""Characters of one before a call: 「要退款 在吗」."""
_LONG_ENOUGH = 5
"""Characters of a text that says by its words whether it asks: the mark at its end is none of them."""
_FEWEST = 2
"""Characters that must be left, or the opener was the message."""


def without_frills(text: str) -> str:
    """Return a text, in the form that ``reading`` gives, without what only leads to it or follows from good manners."""
    return _without_openers(_without_marks(_without_closers(text)))


def question_behind_answer(text: str) -> str:
    """Return what is asked behind a yes or a no (「好的，那什么时候发货」) of a text without frills; empty if nothing is."""
    answer = _ANSWER.match(text)
    asked = text[answer.end() :] if answer else ""
    return asked if _letters(asked) >= _SHORTEST_ASKED and asks(asked) else ""


def _without_openers(text: str) -> str:
    while True:
        opener = _OPENER.match(text)
        if not opener:
            return text
        left = text[opener.end() :]
        if _letters(left) < _FEWEST or _ONLY_ADDRESSED.fullmatch(left):
            return text
        text = left


def _without_closers(text: str) -> str:
    while True:
        thanks = _THANKS.search(text)
        if thanks and not _is_question(text[: thanks.start()]):
            thanks = None
        closer = thanks or _called(text) or _CLOSER.search(text)
        if not closer or not _letters(text[: closer.start()]):
            return text
        text = text[: closer.start()]


def _called(text: str) -> Optional[re.Match[str]]:
    """Where a call stands behind a matter; behind a greeting (「你好，在吗」) it is all there is."""
    call = _CALL.search(text)
    matter = _without_openers(text[: call.start()]) if call else ""
    return call if _letters(matter) >= _SHORTEST_MATTER else None


def _is_question(text: str) -> bool:
    return _letters(text) >= _SHORTEST_QUESTION and asks(text)


def _without_marks(text: str) -> str:
    text = _MARKS_AGAIN.sub(r"\1", text)
    if _letters(text) < _LONG_ENOUGH or (text.endswith("?") and not asks_in_words(text)):
        return text
    return _LAST_MARK.sub("", text)


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)

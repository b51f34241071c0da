"""Takes off what says nothing at a message's ends: 「你好，请问……」「麻烦问一下」「那个，」, and 「……，老板」.

What is wanted stands between, and short wishes drown in it: to a classifier of n-grams 「你好，请问包邮吗」 is
half a greeting, and 「好的，客服」 a call for one. A greeting alone stays one, and what may be meant (「你好慢」「嗯」「老板呢」)
stays as it is.
"""

from __future__ import annotations

import re

_MARKS = r"[,.。!~、;: ]"
_ASKS_NEXT = r"(?=请|我|想|问|帮|麻烦|能不|能帮|可以|有没有|怎么|咋|什么|咨询|查|这个|那个|在吗)"
_ADDRESSED = (
    "(?:亲|亲亲|亲爱的|宝|宝贝|宝子|老板|老板娘|掌柜的?|店家|客服|小禾|小姐姐|小哥哥|小哥|小妹|妹子|姑娘|小伙子|美女|帅哥|"
    "师傅|老师|大哥|大姐|大妹子|老铁|兄弟|同学|朋友)[啊呀哈哇]?"
)
"""Whom the customer speaks to."""
_OPENERS = (
    # A greeting: 「你好慢」 is none.
    rf"(?:喂{_MARKS}*)?(?:你好|您好|哈喽|哈罗|hello|hi|早上好|上午好|中午好|下午好|晚上好)[啊呀哈哇]?(?:{_MARKS}+|{_ASKS_NEXT})",
    rf"(?:亲|亲亲|亲爱的|老板|小姐姐|客服|美女|帅哥)(?:{_MARKS}+|{_ASKS_NEXT})",
    rf"请问(?:一?下)?{_MARKS}*",
    rf"(?:我|想|就想|麻烦|请|先|再|那|能不能)*(?:问|咨询|请教|打听)(?:一下|下|个事|个问题){_MARKS}*",
    rf"(?:我)?就?想(?:问|知道)(?![的问]){_MARKS}*",
    rf"(?:在吗|在么|在不在|有人吗|有人在吗)[?]?{_MARKS}+|(?:在吗|在不在|有人吗)[?]",
    rf"(?:那个|这个|就是|就是说|然后|呃+|额+|哎呀?|诶|欸|哦|噢|喂){_MARKS}+",
    rf"嗯+{_MARKS}+(?=[^,.。!~、;: ]{{5}})",  # before a word or two it is a yes: 「嗯，谢谢」
    r"(?:嗯+|呃+|额+|哎|诶|欸|喂)(?=[^嗯呃额哎诶欸喂啊呀哦]{4})",
)
_OPENER = re.compile("|".join(_OPENERS))
_CLOSER = re.compile(rf"[,.!~、]+{_ADDRESSED}[.!~]*$")
_ONLY_ADDRESSED = re.compile(rf"{_ADDRESSED}{_MARKS}*")
_FEWEST = 2
"""Characters that must be left, or the opener was the message."""


def without_frills(text: str) -> str:
    """Return a text, in the form that ``reading`` gives, without what only leads to it or addresses somebody."""
    closer = _CLOSER.search(text)
    rest = text[: closer.start()] if closer else text
    if not any(char.isalnum() for char in rest):
        rest = text
    while True:
        opener = _OPENER.match(rest)
        if not opener:
            return rest
        left = rest[opener.end() :]
        if sum(char.isalnum() for char in left) < _FEWEST or _ONLY_ADDRESSED.fullmatch(left):
            return rest
        rest = left

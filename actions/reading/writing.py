"""Brings what was typed into the one way of writing that the other readers match.

Traditional characters become simplified ones (OpenCC, the library that the engine uses too),
the commonest Cantonese words become Mandarin ones, and a yes or no in pinyin, English or emoji
becomes the word. Done once, when a message is read; names and titles are taken from the original.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_HAN = re.compile(r"[㐀-鿿]")
# Longer words first: each is replaced wherever it stands. Written as OpenCC leaves them.
_CANTONESE = (
    ("唔该晒", "谢谢"),
    ("唔该", "麻烦"),
    ("唔使", "不用"),
    ("唔系", "不是"),
    ("系咪", "是不是"),
    ("几时", "什么时候"),
    ("边度", "哪里"),
    ("边个", "哪个"),
    ("点解", "为什么"),
    ("点样", "怎么样"),
    ("乜嘢", "什么"),
    ("而家", "现在"),
    ("唔", "不"),
    ("冇", "没有"),
    ("嘅", "的"),
    ("咗", "了"),
    ("俾", "给"),
    ("佢", "它"),
    ("咩", "什么"),
    ("啲", "些"),
    ("喇", "啦"),
    ("㗎", "的"),
)
_SHORT_LATIN = {
    "是": "shi shide dui duide hao haode en enen keyi queren queding xing yes yeah yep sure ok okay",
    "不用了": "bu buyao buyong buyongle bushi meiyou no nope nah",
    "算了": "suanle suanleba quxiao cancel stop nevermind",
    "谢谢": "xiexie thanks thankyou thx",
    "转人工": "rengong zhuanrengong human agent",
}
_LATIN = {latin: word for word, row in _SHORT_LATIN.items() for latin in row.split()}
_EMOJI = {
    "👌": "好的",
    "👍": "好的",
    "🆗": "好的",
    "✅": "好的",
    "🙏": "谢谢",
    "👎": "不要",
    "🙅": "不要",
}


@lru_cache(maxsize=2048)
def simplified(text: str) -> str:
    """The same text for matching: simplified characters, no Cantonese, short answers in Chinese.

    A text without any of these comes back unchanged.
    """
    if not _HAN.search(text):
        return _short_answer(text)
    plain: str = _TO_SIMPLIFIED.convert(text)
    if "系" in plain and re.fullmatch(r"[系\s，,。.!！~～呀啊]+", plain):
        return "是"
    for word, mandarin in _CANTONESE:
        plain = plain.replace(word, mandarin)
    return plain


def _short_answer(text: str) -> str:
    bare = re.sub(r"[\s.,!?'。，！？~～-]+", "", unicodedata.normalize("NFKC", text)).lower()
    if bare in _LATIN:
        return _LATIN[bare]
    marks = {mark for mark in _EMOJI if mark in text}
    rest = re.sub(r"[\s🏻-🏿\ufe0f\u200d♀♂]", "", text)
    for mark in marks:
        rest = rest.replace(mark, "")
    words = {_EMOJI[mark] for mark in marks}
    return words.pop() if len(words) == 1 and not rest else text

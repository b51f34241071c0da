"""What an engine wrote down, made into what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence

import opencc

_SIMPLIFIED = opencc.OpenCC("t2s")
_HAN = r"一-鿿"
_END_MARKS = "，。、；：？！,.;:?!…~～ 　"
_GAP = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_WIDE = str.maketrans(",;?!", "，；？！")
_NOTES = re.compile(r"[（(\[【♪][^）)\]】♪]{0,20}[）)\]】♪]")
_REPEATED = re.compile(r"(.{1,12}?)\1{4,}")
_DREAMT = re.compile(
    "点赞|订阅|打赏|转发|明镜|点点栏目|字幕|amara|谢谢(?:大家)?(?:收看|观看)|感谢(?:收看|观看)"
    "|优优独播|请不吝|中文字幕|由.{0,8}提供|录音，使用简体|以下是",
    re.IGNORECASE,
)
"""What Whisper was taught by subtitles, and writes down where it hears nothing; and our own hint."""
_FASTEST = 11.0
"""Characters a second; the quickest Mandarin speakers say eight or nine syllables."""
_CODED = re.compile(rf"[{_HAN}]|[0-9a-zA-Z]+")


def plain(text: str) -> str:
    """Simplified characters, no gaps between them, no notes in brackets, no end mark.

    A mark at the end is the engine's guess, and a bare word with a comma reads as another intent
    (docs/quality.md).
    """
    text = _NOTES.sub("", _SIMPLIFIED.convert(text.replace("\ufffd", "")))
    return _GAP.sub("", " ".join(text.split())).translate(_WIDE).strip(_END_MARKS)


def dreamt(text: str, seconds: float) -> bool:
    """Whether a text cannot be what was said in ``seconds`` of speech."""
    if _DREAMT.search(text) or _REPEATED.search(text):
        return True
    return len(_CODED.findall(text)) > 3 + _FASTEST * seconds


def without_unknown(text: str, unknown: Sequence[str] = ("[unk]", "<unk>")) -> str:
    """A text less the words by which an engine says that it knows none."""
    for word in unknown:
        text = text.replace(word, " ")
    return text

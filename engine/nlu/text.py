"""Text as the components read it, with the way back to what the customer typed.

Normalising is cheap and pure, so components call it where they need it (memoised) instead of
changing the message: entities must point into the original text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import List, Sequence, Tuple

import opencc
from pypinyin import Style, lazy_pinyin
from pypinyin.core import Pinyin

MAX_CHARS = 400
"""Longer texts are read from both ends: people open with the matter and close with the question."""
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b"
    "\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_WORDS = Pinyin()
_PLAIN = re.compile(r"[\u4e00-\u9fff\u3001\u3002\uff01-\uff5e\x20-\x7e]*")
"""Chinese characters, Latin letters and the marks of both: each is normalised to exactly one character."""
_NUMBER = "№"
"""Any long number. What was read once stays as it is when it is read again: Unicode would make "no" of it."""
_LONG_NUMBER = re.compile(r"\d(?:[ \-]?\d){8,}")
_SAID_DIGITS = dict(zip("零〇○一二三四五六七八九幺洞", "00012345678910", strict=True))
_SAID_NUMBER = re.compile(
    f"[{''.join(_SAID_DIGITS)}两](?:[ ,、]?[{''.join(_SAID_DIGITS)}两]){{3,}}"
)
_ONLY_DIGITS = re.compile(f"[{''.join(_SAID_DIGITS)}两 ]+")
_PAUSES = " ,.、。;:~"
"""Marks that say nothing at the ends of a text: recognisers and hurried writers set them anyhow."""
_REPEATS = re.compile(r"(.)\1{2,}")
_LETTERED_OUT = re.compile(r"(?<!\S)(?:[\u4e00-\u9fff] ){2,}[\u4e00-\u9fff](?![^\s,.?!])")
"""Characters with a blank after each, as some recognisers and hands set them: 「我 要 退 货」."""
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Normal:
    """Normalised text; ``offsets[i]`` is the original index of its i-th character.

    ``offsets`` has one more entry than ``text``: the end of the original.
    """

    text: str
    offsets: Tuple[int, ...]

    def span(self, start: int, end: int) -> Tuple[int, int]:
        """Translate a span of the normalised text into one of the original."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=4096)
def normalise(text: str) -> Normal:
    """Fold width, case and traditional characters; drop invisible characters; keep all else."""
    folded, offsets = _folded(text)
    simplified = _TO_SIMPLIFIED.convert(folded) if _has_han(folded) else folded
    if len(simplified) != len(folded):  # a phrase changed its length: go character by character
        simplified = "".join((_TO_SIMPLIFIED.convert(char) or char)[0] for char in folded)
    return Normal(simplified, (*offsets, len(text)))


def _folded(text: str) -> Tuple[str, Sequence[int]]:
    """Fold width and case; return the index in the text of each character, too."""
    if _PLAIN.fullmatch(text):
        return unicodedata.normalize("NFKC", text).lower(), range(len(text))
    chars: List[str] = []
    offsets: List[int] = []
    for index, original in enumerate(text):
        if original in _INVISIBLE:
            continue
        plain = original if original == _NUMBER else unicodedata.normalize("NFKC", original)
        for char in plain.lower():
            chars.append(" " if char.isspace() or unicodedata.category(char) == "Cc" else char)
            offsets.append(index)
    return "".join(chars), offsets


@lru_cache(maxsize=4096)
def reading(text: str) -> str:
    """Text for classifying: normalised, said digits as figures, long numbers as №, fewer repeats and blanks.

    Commas and full stops at its ends go; question and exclamation marks mean something and stay.
    """
    plain = normalise(text).text
    plain = plain.strip(_PAUSES) or plain
    said = _ONLY_DIGITS if _ONLY_DIGITS.fullmatch(plain) else _SAID_NUMBER
    plain = said.sub(_in_figures, plain)
    plain = _LONG_NUMBER.sub(_NUMBER, plain)
    plain = _SPACES.sub(" ", plain).strip()
    plain = _LETTERED_OUT.sub(lambda row: row.group().replace(" ", ""), plain)
    plain = _REPEATS.sub(r"\1\1", plain)
    if len(plain) > MAX_CHARS:
        plain = plain[: MAX_CHARS // 2] + " " + plain[-MAX_CHARS // 2 :]
    return plain


@lru_cache(maxsize=4096)
def syllables(text: str) -> Tuple[str, ...]:
    """Tone-less pinyin of each character, with the sounds that people mix up folded together.

    zh/z, ch/c, sh/s, n/l at the start and ng/n at the end fall together: pinyin keyboards,
    southern speakers and recognisers all confuse them. Latin words and digits stay themselves.
    """
    return tuple(sound for word in _WORDS.seg(text) for sound in _sounds(word))


@lru_cache(maxsize=16384)
def _sounds(word: str) -> Tuple[str, ...]:
    """Of a word as pypinyin divides them: where tones are left out, no word changes another's sound."""
    sounds = lazy_pinyin([word], style=Style.NORMAL, errors=_keep)
    return tuple(_fold_sound(sound) for sound in sounds)


@lru_cache(maxsize=4096)
def _fold_sound(sound: str) -> str:
    if not sound.isascii() or not sound.isalpha():
        return sound
    for full, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(full):
            sound = short + sound[2:]
    if sound.startswith("n") and len(sound) > 1 and sound[1] != "g":
        sound = "l" + sound[1:]
    if sound.endswith("ng"):
        sound = sound[:-1]
    return sound


def _keep(rest: str) -> List[str]:
    return re.findall(r"[a-z]+|\d|\S", rest)


def _in_figures(said: re.Match[str]) -> str:
    return "".join(_SAID_DIGITS.get(char, "2") for char in said.group() if char not in " ,、")


def _has_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)

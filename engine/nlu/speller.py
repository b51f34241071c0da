"""Writes a text as it was probably meant, where it was typed or recognised by sound.

A noisy channel: each Chinese character may stand for another of the same sound, at a price, and the
language of the training texts says which row of characters is likely (丁单 → 订单). A text of
nothing but pinyin (wo de dingdan) is written out in characters by the same model. Words that the
training texts do not know stay as they are, because nothing likelier sounds like them.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from engine.nlu.language import END, START, Language, padded
from engine.nlu.text import reading, syllables

_PRICE = 9.0
"""Nats that a character costs which was not written."""
_LONGEST = 80
"""Longer texts tell enough by their length; they stay as they are."""
_LONGEST_TYPED = 40
"""Syllables of a text typed in pinyin."""
_FEWEST_SEEN = 3
"""Times that a character must occur in the training texts to be put in another's place."""
_CANDIDATES = 6
_TYPED_CANDIDATES = 16
_LEAST_SENSE = -4.2
"""Nats a character of what is read out of Latin letters: pinyin has -3.5 and more, a word of English -4.4 and less."""
_PARTICLES = frozenset("啊呀吧嘛呗呢哦噢哈嘞咯啦哒呐")
_KEPT = 6
"""Hypotheses that go on from character to character."""
_LONGEST_SYLLABLE = 6
_FEWEST_OF_A_WORD = 20
_LIKELIER = 10
"""Times that a word of two must be commoner than what was written, to be read for it."""


class Speller:
    """Knows the characters of each sound, and which of them the language of the shop puts together."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._by_sound: Dict[str, List[str]] = {}
        for char in language.characters():
            if _is_han(char) and language.count(char) >= _FEWEST_SEEN:
                self._by_sound.setdefault(syllables(char)[0], []).append(char)

    def spell(self, text: str) -> str:
        """Return the likeliest writing of a text, in the form that ``reading`` gives."""
        read = reading(text)
        typed = self._typed(read)
        if typed:
            said = self._likeliest([(sound, 0.0, _TYPED_CANDIDATES) for sound in typed], read)
            return said if self._makes_sense(said) else read
        if len(read) > _LONGEST or not any(_is_han(char) for char in read):
            return read
        if len(read) == 2 and _is_han(read[0]) and _is_han(read[1]):
            if read[1] in _PARTICLES:
                return read  # anything may stand before one, and 是呢 is no 死了
            read = self._word(read)
        doubtful = self._doubtful(read)
        if not any(doubtful):
            return read
        row = [
            (char, _PRICE, _CANDIDATES if doubt else 0)
            for char, doubt in zip(read, doubtful, strict=True)
        ]
        return self._likeliest(row, read)

    def _doubtful(self, read: str) -> List[bool]:
        """Where another character could be worth its price: it is at most what these three likelihoods cost."""
        row = padded(read)
        costs = [-self._language.after(row[at - 2 : at], row[at]) for at in range(2, len(row))]
        return [sum(costs[at : at + 3]) > _PRICE for at in range(len(read))]

    def _likeliest(self, row: Sequence[Tuple[str, float, int]], otherwise: str) -> str:
        """Search the likeliest characters for a row of characters or sounds."""
        chance = self._language.after
        hypotheses: Dict[str, Tuple[float, str]] = {START + START: (0.0, "")}
        for unit, price, number in row:
            following: Dict[str, Tuple[float, str]] = {}
            candidates = self._candidates(unit, price, number)
            for last, (before, so_far) in hypotheses.items():
                for char, cost in candidates:
                    score = before + chance(last, char) - cost
                    ending = last[1] + char
                    if ending not in following or score > following[ending][0]:
                        following[ending] = (score, so_far + char)
            if not following:
                return otherwise
            best = sorted(following.items(), key=lambda item: -item[1][0])[:_KEPT]
            hypotheses = dict(best)
        _, said = max(
            (before + chance(last, END), so_far) for last, (before, so_far) in hypotheses.items()
        )
        return said

    def _makes_sense(self, said: str) -> bool:
        """Whether a row of characters is likely at all: English is cut into sounds, too (sure → 苏热)."""
        row = padded(said)
        return self._language.chance(row, 2, len(row)) > _LEAST_SENSE * (len(row) - 2)

    def _word(self, read: str) -> str:
        """A word alone, which nothing around it explains: the common one of its sound (有会 → 优惠)."""
        firsts, seconds = (self._by_sound.get(syllables(char)[0], ()) for char in read)
        words = [first + second for first in firsts for second in seconds]
        count = self._language.count
        best = max(words, key=count, default=read)
        enough = max(_FEWEST_OF_A_WORD, _LIKELIER * count(read))
        return best if count(best) >= enough else read

    def _candidates(self, unit: str, price: float, number: int) -> List[Tuple[str, float]]:
        if price == 0.0:  # a sound
            return [(char, 0.0) for char in self._by_sound.get(unit, ())[:number]]
        alike = self._by_sound.get(syllables(unit)[0], ()) if _is_han(unit) else ()
        return [(unit, 0.0), *((char, price) for char in alike[:number] if char != unit)]

    def _typed(self, read: str) -> List[str]:
        """Return the sounds of a text that is typed in pinyin; empty if it is not."""
        if not read.isascii() or sum(char.isalpha() for char in read) < 4:
            return []
        sounds: List[str] = []
        for word in "".join(char if char.isalpha() else " " for char in read).split():
            parts = self._cut(word)
            if parts is None:
                return []
            sounds.extend(parts)
        return sounds if 2 <= len(sounds) <= _LONGEST_TYPED else []

    def _cut(self, word: str) -> Optional[List[str]]:
        """Cut a word into the fewest syllables that the training texts have; None if it cannot."""
        best: List[Optional[List[str]]] = [[]]
        for end in range(1, len(word) + 1):
            ways = [
                [*way, sound]
                for start in range(max(0, end - _LONGEST_SYLLABLE), end)
                for way in (best[start],)
                if way is not None
                for sound in (_sound_of(word[start:end]),)
                if sound in self._by_sound
            ]
            best.append(min(ways, key=len) if ways else None)
        return best[-1]


def _sound_of(letters: str) -> str:
    return syllables(letters)[0] if letters else ""


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"

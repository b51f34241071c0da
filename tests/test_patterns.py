"""No pattern of ours can be made to take for ever.

A pattern that can match the same text in several ways tries all of them before it gives up: a customer
who sends 「嗯嗯嗯……」 would stop the service. Each pattern is asked about its own words, repeated, with an
end that fits nothing: two ways each and forty repetitions are more than any machine gets through.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import random
import re
import signal
from collections.abc import Iterator

import pytest

PACKAGES = ("actions", "bot", "channels", "ivr", "yingda")
REPEATED = 40
PATIENCE_S = 5
_WORDS = re.compile(r"[一-鿿]{1,4}|[A-Za-z]{1,8}|\d")
_MARKS = ("a", "1", " ", "-", ".", "a.", "a@", "<a", "/", "，")
_MOST_PAIRS = 150


def _modules(package: str) -> Iterator[str]:
    root = importlib.import_module(package)
    yield package
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            yield module.name


def _patterns(value: object, depth: int = 3) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth and isinstance(value, (list, tuple, set, frozenset, dict)):
        inner = value.values() if isinstance(value, dict) else value
        for part in inner:
            yield from _patterns(part, depth - 1)


def _pieces(pattern: str) -> list[str]:
    dice = random.Random(7)
    words = list(dict.fromkeys([*_WORDS.findall(pattern), *re.findall(r"[一-鿿]", pattern)]))
    pairs = [a + b for a, b in itertools.permutations(words, 2)]
    return [*words, *dice.sample(pairs, min(len(pairs), _MOST_PAIRS)), *_MARKS]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_pattern_takes_for_ever(package: str) -> None:
    asked = ""

    def give_up(*_: object) -> None:
        raise AssertionError(asked)

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        found = {
            pattern
            for name in _modules(package)
            for value in vars(importlib.import_module(name)).values()
            for pattern in _patterns(value)
        }
        assert found
        for pattern in sorted(found, key=lambda p: p.pattern):
            for piece in _pieces(pattern.pattern):
                asked = f"{pattern.pattern} for ever with {piece!r}"
                signal.alarm(PATIENCE_S)
                pattern.search(piece * REPEATED + "\x00")
                pattern.fullmatch(piece * REPEATED + "\x00")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

"""Grouping texts by meaning: character and pinyin n-grams, average-linkage clustering.

Customers misspell by sound, so both what a text looks like and what it sounds like count. Written for
a few thousand short texts: all distances are computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST = 3_000
"""Texts that are grouped; of more, the most frequent."""

APART = 0.85
"""Groups further apart than this on average (cosine distance) stay apart. Short texts of one meaning
share few characters: at 0.75 分期付款 and 花呗分期 stay apart, at 0.9 all that smokes is one group."""

_ASKING = re.compile(
    "能不能|可不可以|可以|有没有|是不是|怎么样|怎么|请问|你们|我们|什么|一下|支持|正常|"
    "[想我你您能有没不吗呢啊吧呀的了么要就都也还在是这那给把]"
)
"""How one asks, not what about."""


@dataclass(frozen=True)
class Group:
    """Texts of one meaning, by their places in the input, the most typical first."""

    members: tuple[int, ...]


def load() -> None:
    """Load what grouping needs, a second or two of a processor, before anybody waits for it."""
    import pypinyin
    import sklearn.cluster
    import sklearn.feature_extraction.text  # noqa: F401

    pypinyin.lazy_pinyin("好")  # reads its dictionaries


def group(texts: Sequence[str]) -> list[Group]:
    """Group texts by meaning; every text is in exactly one group.

    Args:
        texts: distinct, at most ``MOST``.
    """
    if len(texts) < 2:
        return [Group((number,)) for number in range(len(texts))]
    # Loaded here: only the process that groups needs them.
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer=features, sublinear_tf=True).fit_transform(texts)
    near = (vectors @ vectors.T).toarray()
    far = np.clip(1.0 - near, 0.0, 1.0)
    np.fill_diagonal(far, 0.0)
    labels = AgglomerativeClustering(
        n_clusters=None, distance_threshold=APART, metric="precomputed", linkage="average"
    ).fit_predict(far)
    members: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        members.setdefault(int(label), []).append(number)
    groups = []
    for numbers in members.values():
        central = near[np.ix_(numbers, numbers)].mean(axis=1)
        order = sorted(range(len(numbers)), key=lambda at: (-central[at], numbers[at]))
        groups.append(Group(tuple(numbers[at] for at in order)))
    return groups


def features(text: str) -> list[str]:
    """Characters and syllables of what a text is about, single and in pairs."""
    from pypinyin import lazy_pinyin

    found: list[str] = []
    for part in re.split(r"[\W_]+", _ASKING.sub(" ", text.lower())):
        sounds = lazy_pinyin(part)
        found += part
        found += (f"~{sound}" for sound in sounds)
        found += (f"{a}{b}" for a, b in pairwise(part))
        found += (f"~{a} {b}" for a, b in pairwise(sounds))
    return found or list(text) or ["?"]

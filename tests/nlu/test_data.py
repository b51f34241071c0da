"""What must hold of the language data whoever edits it: enough, varied, without contradictions.

The judging sets must stay unseen: nothing of ``HELD_OUT``, and nothing of the development set
where that lies beside the repository, may be near to a training line.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
DEVELOPMENT = ROOT.parent / "shared" / "nlu_dev"
HIGH_FREQUENCY = (
    *("query_order", "query_logistics", "request_return", "return_policy", "query_refund"),
    *("invoice", "change_order", "cancel_order", "product_question", "promotion", "complaint"),
    *("ask_human", "affirm", "deny", "greet", "goodbye", "thanks", "abuse", "out_of_scope"),
    *("query_points", "redeem_points", "member_tier", "store_info"),
)
HELD_OUT = ("held_out.tsv", "held_out_chat.tsv", "held_out_second.tsv", "held_out_third.tsv")
FAQ = "faq"
FEWEST_EXAMPLES = 120
FEWEST_QUESTIONS = 8
NEAR = 0.8
"""Share of common character pairs above which two texts count as one."""
SHORTEST_COMPARED = 6
"""Below this many characters there are too few ways to say a thing to speak of copying."""


def plain(text: str) -> str:
    """Leave out what does not make a text another one."""
    return re.sub(r"[\W_]+", "", text.lower())


def pairs(text: str) -> frozenset[str]:
    bare = plain(text)
    return frozenset(bare[i : i + 2] for i in range(len(bare) - 1)) or frozenset([bare])


@lru_cache(maxsize=1)
def entries() -> list[dict[str, Any]]:
    return [
        entry
        for path in sorted((ROOT / "data/faq").glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["faq"]
    ]


def intent_examples() -> Iterator[tuple[str, str]]:
    """Yield text and intent of every line in ``data/nlu``."""
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                assert line.startswith("- "), f"{path.name}: {line!r} is not an example"
                yield line[2:].strip(), block["intent"]


@lru_cache(maxsize=1)
def examples() -> list[tuple[str, str]]:
    questions = [(str(text), f"{FAQ}/{e['id']}") for e in entries() for text in e["questions"]]
    return [*intent_examples(), *questions]


def table(path: Path) -> list[list[str]]:
    """The rows below comments and header."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


class Index:
    """Finds the texts that are near to a given one."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [(text, pairs(text)) for text in texts]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, (_, known) in enumerate(self._texts):
            for pair in known:
                self._holders[pair].append(number)

    def near(self, text: str) -> str | None:
        """Return a text of which more than ``NEAR`` is the same."""
        wanted = pairs(text)
        rarest = sorted(wanted, key=lambda pair: len(self._holders.get(pair, ())))
        # Two texts that share more than NEAR of their pairs share one of these few at least.
        few = rarest[: len(wanted) - math.floor(NEAR * len(wanted))] or rarest
        for number in {number for pair in few for number in self._holders.get(pair, ())}:
            found, known = self._texts[number]
            if len(wanted & known) / len(wanted | known) > NEAR:
                return found
        return None


def long_enough(text: str) -> bool:
    return len(plain(text)) >= SHORTEST_COMPARED


class TestTrainingData:
    @pytest.mark.parametrize("intent", HIGH_FREQUENCY)
    def test_every_intent_has_enough_different_examples(self, intent: str) -> None:
        different = {plain(text) for text, label in examples() if label == intent}
        assert len(different) >= FEWEST_EXAMPLES

    def test_no_line_has_two_intents(self) -> None:
        intents: dict[str, set[str]] = defaultdict(set)
        for text, label in examples():
            intents[plain(text)].add(label)
        assert not {text: labels for text, labels in intents.items() if len(labels) > 1}

    def test_every_line_says_something(self) -> None:
        assert not [label for text, label in examples() if not plain(text)]

    def test_intents_are_those_of_the_domain(self) -> None:
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        known = {item if isinstance(item, str) else next(iter(item)) for item in domain["intents"]}
        assert {label.split("/")[0] for _, label in examples()} <= known


class TestFaq:
    def test_there_are_enough_entries_with_ids_of_their_own(self) -> None:
        ids = [entry["id"] for entry in entries()]
        assert len(ids) >= 60
        assert len(ids) == len(set(ids))

    def test_every_entry_can_be_asked_in_several_ways(self) -> None:
        few = [e["id"] for e in entries() if len(set(e["questions"])) < FEWEST_QUESTIONS]
        assert not few

    def test_every_answer_can_be_written_and_said(self) -> None:
        for entry in entries():
            answer = entry["answer"]
            assert len(answer["text"]) <= 130, entry["id"]
            assert len(answer["spoken"]) <= 50, entry["id"]
            assert not re.search(r"[0-9（）()“”@]|http", answer["spoken"]), entry["id"]


class TestJudgingSets:
    def test_the_held_out_set_is_large_and_covers_every_intent(self) -> None:
        rows = table(HERE / "held_out.tsv")
        labels = Counter(row[1].split("|")[0] for row in rows)
        assert sum(labels.values()) >= 860
        assert labels[FAQ] >= 60
        assert labels["out_of_scope"] >= 80
        assert set(HIGH_FREQUENCY) <= set(labels)

    def test_nothing_held_out_is_trained_on(self) -> None:
        rows = [row[0] for name in HELD_OUT for row in table(HERE / name)]
        trained = {plain(text) for text, _ in examples()}
        assert not [text for text in rows if plain(text) in trained]
        held_out = Index(text for text in rows if long_enough(text))
        near = {text: held_out.near(text) for text, _ in examples() if long_enough(text)}
        assert not {text: found for text, found in near.items() if found}

    @pytest.mark.skipif(not DEVELOPMENT.is_dir(), reason="the development set is not here")
    def test_nothing_of_the_development_set_is_copied(self) -> None:
        real = Index(
            row[1]
            for name in ("shop_questions.tsv", "phone_answers.tsv")
            for row in table(DEVELOPMENT / name)
            if long_enough(row[1])
        )
        ours = [text for text, _ in examples()] + [
            row[0] for name in HELD_OUT for row in table(HERE / name)
        ]
        near = {text: real.near(text) for text in ours if long_enough(text)}
        assert not {text: found for text, found in near.items() if found}

    @pytest.mark.skipif(not DEVELOPMENT.is_dir(), reason="the development set is not here")
    def test_our_labels_point_at_rows_that_exist(self) -> None:
        rows = table(HERE / "dev_labels.tsv")
        numbers = [int(row[0]) for row in rows]
        assert len(numbers) == len(set(numbers)) >= 500
        assert max(numbers) <= len(table(DEVELOPMENT / "shop_questions.tsv"))
        known = {*HIGH_FREQUENCY, FAQ, "skip"}
        assert {label for row in rows for label in row[1].split("|")} <= known

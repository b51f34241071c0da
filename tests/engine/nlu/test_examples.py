"""How nearly a text equals an example."""

from __future__ import annotations

import json

import pytest

from engine.nlu.examples import Examples, by_intent

TEXTS = by_intent(
    ["邮费怎么算的", "能不能快点发", "能不能快点送", "你吃饭了吗"],
    ["faq", "query_order", "query_logistics", "chat"],
)
EXAMPLES = Examples(TEXTS)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("邮费怎么算的", {"faq"}),
        ("邮费怎么算的？", {"faq"}),
        ("邮费怎么算", {"faq"}),  # one word less
        ("邮费怎么退", set()),
        ("能不能快点", {"query_order", "query_logistics"}),  # the word that tells is missing
        ("zzz", set()),
        ("", set()),
    ],
)
def test_intents_with_an_example_that_is_alike(text: str, intents: set[str]) -> None:
    assert EXAMPLES.alike(text, 0.8) == intents


def test_what_was_kept_is_known_again() -> None:
    again = Examples(json.loads(json.dumps(TEXTS)))
    assert again.alike("邮费怎么算", 0.8) == {"faq"}

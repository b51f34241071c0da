"""How nearly a text equals an example."""

from __future__ import annotations

import json

import pytest

from engine.nlu.examples import Examples

TEXTS = ["邮费怎么算的", "查一下订单", "你吃饭了吗"]
EXAMPLES = Examples.fit(TEXTS, ["faq", "query_order", "chat"])


@pytest.mark.parametrize(
    ("text", "intent", "least", "most"),
    [
        ("邮费怎么算的", "faq", 1.0, 1.0),
        ("邮费怎么算的？", "faq", 0.8, 1.0),
        ("邮费怎么算", "faq", 0.8, 0.95),  # one word less
        ("邮费怎么退", "faq", 0.3, 0.8),
        ("邮费怎么算的", "query_order", 0.0, 0.3),  # like an example, but of another intent
        ("邮费怎么算的", "nothing", 0.0, 0.0),
        ("zzz", "faq", 0.0, 0.3),
        ("", "faq", 0.0, 0.3),
    ],
)
def test_likeness(text: str, intent: str, least: float, most: float) -> None:
    assert least <= EXAMPLES.likeness(text, intent) <= most


def test_what_was_dumped_is_parsed() -> None:
    again = Examples.parse(json.loads(json.dumps(EXAMPLES.dump())))
    assert again.likeness("邮费怎么算", "faq") == EXAMPLES.likeness("邮费怎么算", "faq")

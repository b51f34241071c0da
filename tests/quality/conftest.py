"""The running engine's understanding, for whole sets of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from bot.settings import Settings
from tests.quality.sets import Understand

_AT_ONCE = 50


@pytest.fixture(scope="session")
def understand(engine: str, settings: Settings) -> Understand:
    """The engine's door for understanding alone; every text is asked once."""
    headers = {"Authorization": f"Bearer {settings.require_secret('internal_token')}"}
    known: dict[str, dict[str, Any]] = {}

    def parse(texts: Sequence[str]) -> list[dict[str, Any]]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        with httpx.Client(base_url=engine, headers=headers, timeout=60) as client:
            for start in range(0, len(new), _AT_ONCE):
                batch = new[start : start + _AT_ONCE]
                answer = client.post("/webhooks/door/parse", json={"texts": batch})
                answer.raise_for_status()
                known.update(zip(batch, answer.json()["results"], strict=True))
        return [known[text] for text in texts]

    return parse

"""The scripted dialogues of this folder, through the real engine, service and demo shop."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from actions.shop import open_demo_shop, personas
from tests.conftest import Service
from yingda.replay import Dialogue, FreshShop, dialogue_files, parse, run

FOLDER = Path(__file__).parent
FILES = dialogue_files([FOLDER])


@pytest.fixture(scope="session")
def names(service: Service) -> Mapping[str, str]:
    """What the placeholders stand for in the session's shop."""
    return personas(open_demo_shop(service.settings.home / "shop.db", reseed=False))


@pytest.fixture(scope="session")
def fresh(service: Service, names: Mapping[str, str]) -> Iterator[FreshShop]:
    """The session's shop as it is now, to be put back before every dialogue."""
    shop = FreshShop(service.settings.home / "shop.db")
    yield shop
    shop.restore()
    shop.close()


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_every_dialogue_runs_as_written(
    file: Path, service: Service, names: Mapping[str, str], fresh: FreshShop
) -> None:
    differences: list[str] = []
    async with httpx.AsyncClient(
        base_url=service.url, headers=service.internal_headers, timeout=30, trust_env=False
    ) as client:
        for dialogue in parse(file, names):
            fresh.restore()
            differences += map(str, await run(dialogue, _sender(client, dialogue)))
    assert not differences, "\n".join(differences)


def _sender(client: httpx.AsyncClient, dialogue: Dialogue) -> Any:
    visitor = f"dialogue-{uuid.uuid4().hex[:12]}"

    async def send(text: str, choice: tuple[int, int] | None) -> Mapping[str, Any]:
        body = {
            "channel": dialogue.channel,
            "external_id": visitor,
            "customer_id": dialogue.customer_id,
            "text": text,
            "choice": choice,
            "dedup_key": uuid.uuid4().hex,
        }
        answer = await client.post("/internal/turn", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    return send


def test_there_are_enough_dialogues_about_everything() -> None:
    written = sum(
        line.startswith("- dialogue:")
        for file in FILES
        for line in file.read_text(encoding="utf-8").splitlines()
    )
    assert written >= 150

"""The demo shop of one fixed day, and who lives in it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.shop import DemoShop, open_demo_shop, personas
from tests.actions.talk import Talk, talk

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
"""A Sunday afternoon in Shanghai."""


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One seeded shop, copied for every test: seeding takes a second."""
    path = tmp_path_factory.mktemp("seeded") / "shop.db"
    asyncio.run(open_demo_shop(path, clock=lambda: NOW).close())
    return path


@pytest.fixture
async def shop(tmp_path: Path, seeded: Path) -> AsyncIterator[DemoShop]:
    shutil.copy(seeded, tmp_path / "shop.db")
    opened = open_demo_shop(tmp_path / "shop.db", clock=lambda: NOW, reseed=False)
    yield opened
    await opened.close()


@pytest.fixture
def people(shop: DemoShop) -> dict[str, str]:
    """The demo personas' numbers by name, e.g. ``lin.in_transit.number``."""
    return personas(shop)


@pytest.fixture
def meet(shop: DemoShop, people: dict[str, str]) -> Callable[..., Talk]:
    """Start a conversation: ``meet("lin")`` verified, ``meet()`` with a stranger."""

    def start(persona: str | None = None, channel: str = "app_chat") -> Talk:
        return talk(shop, NOW, people[f"{persona}.id"] if persona else None, channel)

    return start

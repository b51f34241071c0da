"""One Asterisk for the real calls of a session, and our door behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.telephony.pbx import Pbx, asterisk
from tests.telephony.phones import Phones, phones_of

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`tools/test.sh` runs these apart from the others."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.real_time)


@pytest.fixture(scope="session")
def pbx() -> Iterator[Pbx]:
    """Asterisk with the configuration that we ship."""
    with asterisk() as running:
        yield running


@pytest_asyncio.fixture
async def phones(pbx: Pbx, tmp_path: Path) -> AsyncIterator[Phones]:
    """Phones for one test."""
    async with phones_of(pbx, tmp_path) as given:
        yield given

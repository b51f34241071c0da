"""A browser for each module, and agents for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.bot.desk.web.desks import Staff
from tests.bot.desk.web.reported import shop_with_a_past
from tests.channels.app_chat.browser import chromium
from tests.conftest import Service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with chromium() as started:
        yield started


@pytest.fixture
def staff(service: Service) -> Iterator[Staff]:
    """Whoever works in this test."""
    staff = Staff(service)
    yield staff
    staff.all_go_home()
    staff.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with five weeks behind it, for those who look back."""
    with shop_with_a_past(tmp_path_factory.mktemp("past")) as service:
        yield service


@pytest.fixture
def leads(shop: Service) -> Iterator[Staff]:
    """Whoever looks back in this test."""
    staff = Staff(shop)
    yield staff
    staff.all_go_home()
    staff.close()

"""One Asterisk for the real calls of a session, and what may stand behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.bot.desk.web.desks import Staff
from tests.channels.app_chat.browser import chromium
from tests.conftest import Service
from tests.support.speech import home, need_model
from tests.telephony.hotline import Hotline, hotline_behind
from tests.telephony.mandarin import Mandarin
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


@pytest.fixture(scope="module")
def hotline(pbx: Pbx, service: Service) -> Iterator[Hotline]:
    """The hotline's process behind Asterisk and before the session's service."""
    need_model("whisper-base")
    need_model("kokoro")
    for kind in ("speech", "voices"):
        link = service.settings.home / kind
        if not link.exists():
            link.symlink_to((home() / kind).absolute())
    token = service.settings.require_secret("internal_token")
    with hotline_behind(pbx, service.url, token, service.settings.home) as running:
        yield running


@pytest_asyncio.fixture
async def mandarin() -> AsyncIterator[Mandarin]:
    """Speaks and understands as the hotline does."""
    need_model("whisper-base")
    need_model("kokoro")
    made = Mandarin(home())
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with chromium() as started:
        yield started


@pytest.fixture
def staff(service: Service) -> Iterator[Staff]:
    """Whoever works at the desk in this test."""
    staff = Staff(service)
    yield staff
    staff.all_go_home()
    staff.close()

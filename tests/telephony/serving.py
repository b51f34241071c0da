"""Our door behind a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.settings import load_settings
from ivr.transports import CallTransport
from ivr.transports.asterisk import AsteriskDoor
from tests.telephony.pbx import Pbx


@asynccontextmanager
async def serving(
    pbx: Pbx, flow: Callable[[CallTransport], Awaitable[None]], **limits: int
) -> AsyncIterator[AsteriskDoor]:
    """Our door behind this Asterisk; nothing may be left of its calls."""
    door = AsteriskDoor(
        load_settings(
            _env_file=None,
            demo=True,
            asterisk=True,
            asterisk_agi_port=pbx.agi_port,
            asterisk_audio_port=pbx.audio_port,
            **limits,
        )
    )
    await door.start(flow)
    try:
        yield door
        async with asyncio.timeout(10):
            while door.state()["calls"]:  # noqa: ASYNC110 - the door has no event for tests
                await asyncio.sleep(0.02)
    finally:
        await door.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "asterisk" in repr(task)]

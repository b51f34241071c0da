"""When somebody wants to be called back."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.clock import BUSINESS_ZONE
from bot.handoff.moments import moment_in

NOW = datetime(2026, 11, 28, 13, 0, tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("下午三点以后", "28 15:00"),
        ("三点半吧", "28 15:30"),
        ("明天上午十点", "29 10:00"),
        ("后天晚上八点", "30 20:00"),
        ("明天下午", "29 15:00"),
        ("上午十一点", "29 11:00"),
        ("晚上7:30", "28 19:30"),
        ("十二点", "29 12:00"),
        ("尽快", None),
        ("随便什么时候都行", None),
    ],
)
def test_moments_as_people_say_them(said: str, moment: str | None) -> None:
    found = moment_in(said, NOW)
    assert (found.strftime("%d %H:%M") if found else None) == moment

"""Waiting is rationed by what it lately brought."""

from __future__ import annotations

from contextlib import ExitStack

from channels.wechat.pace import AT_FIRST, LOOKS_AT_FIRST, Pace
from tests.support.clock import TestClock


def waiting(pace: Pace, number: int) -> tuple[ExitStack, int]:
    """Let up to ``number`` requests wait; how many were let."""
    held = ExitStack()
    let = 0
    for _ in range(number):
        if pace.worth_it():
            held.enter_context(pace.wait())
            let += 1
    return held, let


def test_at_first_a_few_may_wait(clock: TestClock) -> None:
    held, let = waiting(Pace(clock), 50)
    with held:
        assert let == AT_FIRST


def test_answers_in_time_make_room(clock: TestClock) -> None:
    pace = Pace(clock)
    for _ in range(20):
        pace.came(in_time=True)
    held, let = waiting(pace, 100)
    with held:
        assert let == AT_FIRST + 40


def test_when_none_comes_in_time_nobody_waits_but_a_probe_now_and_then(clock: TestClock) -> None:
    pace = Pace(clock)
    for _ in range(5):
        pace.came(in_time=False)
    assert waiting(pace, 50)[1] == 1
    assert waiting(pace, 50)[1] == 0
    clock.advance(seconds=10)
    held, let = waiting(pace, 50)
    with held:
        assert let == 1
        clock.advance(seconds=10)
        assert not pace.worth_it()
    pace.came(in_time=True)
    assert waiting(pace, 1)[1] == 1


def test_the_short_look_is_rationed_in_the_same_way_with_more_room_at_first(
    clock: TestClock,
) -> None:
    held, let = waiting(Pace(clock, LOOKS_AT_FIRST), 100)
    with held:
        assert let == LOOKS_AT_FIRST

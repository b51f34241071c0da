"""Token buckets and caps, with a clock that the test turns."""

from __future__ import annotations

import pytest

from bot.rates import Buckets
from channels.app_chat.errors import TooManyConnections
from channels.app_chat.limits import ConnectionCaps
from tests.support.clock import TestClock


def test_a_bucket_allows_its_burst_and_then_its_rate(clock: TestClock) -> None:
    buckets = Buckets(rate=5, burst=20, clock=clock)
    assert [buckets.take("a") for _ in range(21)] == [True] * 20 + [False]
    clock.advance(seconds=1)
    assert [buckets.take("a") for _ in range(6)] == [True] * 5 + [False]
    clock.advance(hours=1)
    assert [buckets.take("a") for _ in range(21)] == [True] * 20 + [False]


def test_one_customer_s_haste_does_not_slow_another(clock: TestClock) -> None:
    buckets = Buckets(rate=1, burst=1, clock=clock)
    assert buckets.take("a") and not buckets.take("a")
    assert buckets.take("b")


def test_a_clock_that_steps_back_takes_nothing_away(clock: TestClock) -> None:
    buckets = Buckets(rate=1, burst=2, clock=clock)
    buckets.take("a")
    clock.advance(seconds=-100)
    assert buckets.take("a")


def test_buckets_do_not_grow_for_ever(clock: TestClock) -> None:
    buckets = Buckets(rate=1, burst=1, clock=clock, names=10)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets._buckets) == 10


def test_a_place_is_free_again_after_use_even_after_an_error() -> None:
    caps = ConnectionCaps(1)
    with pytest.raises(RuntimeError), caps.hold("a"):
        with pytest.raises(TooManyConnections), caps.hold("a"):
            pass
        raise RuntimeError
    with caps.hold("a"), caps.hold("b"):
        pass
    assert not caps._open

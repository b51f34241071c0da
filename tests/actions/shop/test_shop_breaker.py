"""The circuit breaker, with time moved by hand."""

from __future__ import annotations

import asyncio

import pytest

from actions.shop.breaker import CircuitBreaker, CircuitOpenError, CircuitState


class Down(Exception):
    pass


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> CircuitBreaker:
    return CircuitBreaker(Down, threshold=3, rest_s=10, clock=seconds)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Down), breaker.call():
            raise Down


def succeed(breaker: CircuitBreaker) -> None:
    with breaker.call():
        pass


def blocked(breaker: CircuitBreaker) -> bool:
    try:
        succeed(breaker)
    except CircuitOpenError:
        return True
    return False


def test_it_opens_after_so_many_failures_in_a_row(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert breaker.state is CircuitState.CLOSED
    fail(breaker)
    assert breaker.state is CircuitState.OPEN and blocked(breaker)


def test_a_success_in_between_starts_the_count_again(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert breaker.state is CircuitState.CLOSED


def test_after_its_rest_one_success_closes_it(breaker: CircuitBreaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.now = 9.99
    assert blocked(breaker)
    seconds.now = 10
    assert breaker.state is CircuitState.HALF_OPEN
    succeed(breaker)
    assert breaker.state is CircuitState.CLOSED
    fail(breaker, 2)
    assert breaker.state is CircuitState.CLOSED


def test_a_failed_trial_makes_it_rest_again(breaker: CircuitBreaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.now = 10
    fail(breaker)
    assert breaker.state is CircuitState.OPEN
    seconds.now = 19.99
    assert blocked(breaker)
    seconds.now = 20
    assert not blocked(breaker)


def test_only_one_trial_at_a_time(breaker: CircuitBreaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.now = 10
    with breaker.call():
        assert blocked(breaker)
    assert not blocked(breaker)


def test_other_errors_say_nothing_about_the_service(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        with pytest.raises(KeyError), breaker.call():
            raise KeyError
    assert breaker.state is CircuitState.CLOSED


def test_a_cancelled_trial_leaves_room_for_the_next(
    breaker: CircuitBreaker, seconds: Seconds
) -> None:
    fail(breaker, 3)
    seconds.now = 10
    with pytest.raises(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    assert breaker.state is CircuitState.HALF_OPEN and not blocked(breaker)


def test_failures_of_calls_begun_before_it_opened_do_not_prolong_the_rest(
    breaker: CircuitBreaker, seconds: Seconds
) -> None:
    late = breaker.call()
    late.__enter__()
    fail(breaker, 3)
    seconds.now = 8
    assert not late.__exit__(Down, Down(), None)
    seconds.now = 10
    assert breaker.state is CircuitState.HALF_OPEN

"""A circuit breaker: stop asking a service that keeps failing, then try it again with one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class CircuitState(StrEnum):
    """closed: calls pass; open: none does; half_open: one trial is under way or allowed."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitOpenError(Exception):
    """Not asked: the service has failed too often just now."""


class CircuitBreaker:
    """Counts consecutive failures; after ``threshold`` of them no call passes for ``rest_s`` seconds.

    Then one trial passes: if it succeeds the circuit closes, if it fails it rests again.

    Args:
        failure: exception types that count as failures; others say nothing about the service.
        threshold: consecutive failures that open the circuit (≥ 1).
        rest_s: seconds without a call before a trial.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        failure: type[BaseException] | tuple[type[BaseException], ...],
        *,
        threshold: int,
        rest_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._failure = failure
        self._threshold = threshold
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = False

    @property
    def state(self) -> CircuitState:
        """Where the circuit stands now."""
        if self._opened_at is None:
            return CircuitState.CLOSED
        if self._clock() - self._opened_at >= self._rest_s:
            return CircuitState.HALF_OPEN
        return CircuitState.OPEN

    @contextmanager
    def call(self) -> Iterator[None]:
        """Wrap one call to the service.

        Raises:
            CircuitOpenError: the call must not be made now.
        """
        state = self.state
        if state is CircuitState.OPEN or (state is CircuitState.HALF_OPEN and self._trial):
            raise CircuitOpenError
        trial = self._trial = state is CircuitState.HALF_OPEN
        try:
            yield
        except self._failure:
            self._failed(trial=trial)
            raise
        else:
            self._succeeded()
        finally:
            # A cancelled trial proves nothing: then the next call is the trial.
            if trial:
                self._trial = False

    def _failed(self, *, trial: bool) -> None:
        self._failures += 1
        if trial or (self._opened_at is None and self._failures >= self._threshold):
            self._opened_at = self._clock()

    def _succeeded(self) -> None:
        self._failures = 0
        self._opened_at = None

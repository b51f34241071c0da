"""The rules of restarting, with no process and no clock."""

from __future__ import annotations

import pytest

from yingda.launcher.supervisor import Order, Policy, State, Supervisor

POLICY = Policy(
    first_delay=1.0,
    longest_delay=8.0,
    settled_after=60.0,
    start_deadline=20.0,
    silence_limit=10.0,
)


@pytest.fixture
def supervisor() -> Supervisor:
    watching = Supervisor()
    watching.watch("engine", POLICY, now=0.0)
    return watching


def bring_up(supervisor: Supervisor, now: float) -> None:
    supervisor.started("engine", now)
    supervisor.answered("engine", now)


def test_a_watched_process_is_started_once(supervisor: Supervisor) -> None:
    assert supervisor.due(0.0) == [(Order.START, "engine")]
    supervisor.started("engine", 0.0)
    assert supervisor.due(0.1) == []


def test_it_is_healthy_only_when_it_has_answered(supervisor: Supervisor) -> None:
    supervisor.started("engine", 0.0)
    supervisor.silent("engine", 1.0)
    assert supervisor.processes["engine"].state is State.STARTING
    assert not supervisor.all_healthy
    supervisor.answered("engine", 2.0)
    assert supervisor.all_healthy


def test_waits_between_restarts_double_up_to_a_limit(supervisor: Supervisor) -> None:
    now, waits = 0.0, []
    for _ in range(6):
        supervisor.started("engine", now)
        supervisor.exited("engine", 1, now)
        waits.append(supervisor.processes["engine"].start_at - now)
        now = supervisor.processes["engine"].start_at
    assert waits == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_it_is_not_started_again_before_its_wait_is_over(supervisor: Supervisor) -> None:
    bring_up(supervisor, 0.0)
    supervisor.exited("engine", -9, 5.0)
    assert supervisor.processes["engine"].state is State.WAITING
    assert supervisor.due(5.9) == []
    assert supervisor.due(6.0) == [(Order.START, "engine")]


def test_failures_are_forgotten_after_a_healthy_minute(supervisor: Supervisor) -> None:
    for _ in range(4):
        supervisor.started("engine", 0.0)
        supervisor.exited("engine", 1, 0.0)
    bring_up(supervisor, 100.0)
    supervisor.exited("engine", 1, 160.0)
    assert supervisor.processes["engine"].start_at == 161.0
    assert supervisor.processes["engine"].restarts == 5


def test_a_crash_soon_after_a_healthy_answer_still_counts(supervisor: Supervisor) -> None:
    for expected in (1.0, 2.0, 4.0):
        bring_up(supervisor, 0.0)
        supervisor.exited("engine", 1, 10.0)
        assert supervisor.processes["engine"].start_at == 10.0 + expected


def test_a_process_that_never_answers_is_killed_once(supervisor: Supervisor) -> None:
    supervisor.started("engine", 0.0)
    assert supervisor.due(19.9) == []
    assert supervisor.due(20.0) == [(Order.KILL, "engine")]
    assert supervisor.due(20.1) == []
    supervisor.exited("engine", -9, 20.2)
    assert supervisor.due(21.2) == [(Order.START, "engine")]


def test_a_process_that_falls_silent_is_killed_after_its_limit(supervisor: Supervisor) -> None:
    bring_up(supervisor, 0.0)
    supervisor.silent("engine", 30.0)
    supervisor.silent("engine", 35.0)
    assert supervisor.processes["engine"].state is State.UNRESPONSIVE
    assert supervisor.due(39.9) == []
    assert supervisor.due(40.0) == [(Order.KILL, "engine")]


def test_an_answer_ends_the_silence(supervisor: Supervisor) -> None:
    bring_up(supervisor, 0.0)
    supervisor.silent("engine", 30.0)
    supervisor.answered("engine", 39.0)
    supervisor.silent("engine", 41.0)
    assert supervisor.due(45.0) == []
    assert supervisor.due(51.0) == [(Order.KILL, "engine")]


def test_a_restarted_process_can_be_killed_again(supervisor: Supervisor) -> None:
    supervisor.started("engine", 0.0)
    supervisor.due(20.0)
    supervisor.exited("engine", -9, 20.0)
    supervisor.started("engine", 21.0)
    assert supervisor.due(41.0) == [(Order.KILL, "engine")]


def test_nothing_is_started_once_stopping(supervisor: Supervisor) -> None:
    supervisor.watch("service", POLICY, now=0.0)
    bring_up(supervisor, 0.0)
    supervisor.stop(1.0)
    assert supervisor.processes["service"].state is State.STOPPED
    assert supervisor.processes["engine"].state is State.STOPPING
    assert supervisor.due(100.0) == []
    supervisor.exited("engine", 0, 101.0)
    assert supervisor.all_stopped
    assert supervisor.due(200.0) == []


def test_a_late_health_report_about_an_ended_process_changes_nothing(
    supervisor: Supervisor,
) -> None:
    bring_up(supervisor, 0.0)
    supervisor.exited("engine", 1, 1.0)
    supervisor.answered("engine", 1.1)
    supervisor.silent("engine", 1.2)
    assert supervisor.processes["engine"].state is State.WAITING


@pytest.mark.parametrize("failures", [1, 5, 100, 10_000])
def test_no_number_of_failures_overflows_the_wait(failures: int) -> None:
    assert 0 < POLICY.delay(failures) <= POLICY.longest_delay

"""Which process should run when: a pure state machine with no clock, no processes, no I/O.

The caller reports what it saw (``exited``, ``answered``, ``silent``) with the present time in
seconds of a monotonic clock, and carries out what ``due`` returns. So every rule of restarting can
be tested without starting anything.

Life of a process:  waiting → starting → healthy ⇄ unresponsive
                       ↑__________ exit or kill _____|            (back-off grows while waiting)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Where a process is in its life; the words that ``/health`` shows."""

    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNRESPONSIVE = "unresponsive"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Order(StrEnum):
    """What the caller must do to a process now."""

    START = "start"
    KILL = "kill"


@dataclass(frozen=True)
class Policy:
    """The rules of restarting; all times in seconds.

    Attributes:
        first_delay: wait before the first restart; doubles with each failure in a row.
        longest_delay: the doubling ends here.
        settled_after: healthy for this long, a process's earlier failures are forgotten.
        start_deadline: a process that has not answered by then is killed and started again.
        silence_limit: a process that answered once and then has been silent this long is hung:
            killed and started again.
    """

    first_delay: float = 0.5
    longest_delay: float = 30.0
    settled_after: float = 60.0
    start_deadline: float = 180.0
    silence_limit: float = 30.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after the given number (≥ 1) of failures in a row."""
        return float(min(self.longest_delay, self.first_delay * 2 ** min(failures - 1, 30)))


@dataclass
class Watched:
    """What is known about one process."""

    policy: Policy
    state: State = State.WAITING
    since: float = 0.0
    start_at: float = 0.0
    healthy_since: float | None = None
    silent_since: float | None = None
    failures: int = 0
    restarts: int = 0
    last_exit: int | None = None
    kill_ordered: bool = False


@dataclass
class Supervisor:
    """The states of all processes, and what is to be done about them."""

    processes: dict[str, Watched] = field(default_factory=dict)
    stopping: bool = False

    def watch(self, name: str, policy: Policy, now: float) -> None:
        """Take a process under supervision; it is due to start at once."""
        self.processes[name] = Watched(policy=policy, since=now, start_at=now)

    def started(self, name: str, now: float) -> None:
        """The caller has spawned the process."""
        process = self.processes[name]
        self._enter(process, State.STARTING, now)
        process.healthy_since = process.silent_since = None
        process.kill_ordered = False

    def answered(self, name: str, now: float) -> None:
        """The process answered its health check as it should."""
        process = self.processes[name]
        if process.state not in (State.STARTING, State.HEALTHY, State.UNRESPONSIVE):
            return
        if process.state is not State.HEALTHY:
            self._enter(process, State.HEALTHY, now)
        process.silent_since = None
        if process.healthy_since is None:
            process.healthy_since = now
        elif now - process.healthy_since >= process.policy.settled_after:
            process.failures = 0

    def silent(self, name: str, now: float) -> None:
        """The process did not answer its health check, or answered that it is unwell."""
        process = self.processes[name]
        if process.state is State.HEALTHY:
            self._enter(process, State.UNRESPONSIVE, now)
            process.silent_since = now
            process.healthy_since = None

    def exited(self, name: str, code: int, now: float) -> None:
        """The process has ended, whatever the cause; negative codes are signals."""
        process = self.processes[name]
        process.last_exit = code
        if self.stopping:
            self._enter(process, State.STOPPED, now)
            return
        settled = process.policy.settled_after
        if process.healthy_since is not None and now - process.healthy_since >= settled:
            process.failures = 0
        process.failures += 1
        process.restarts += 1
        process.start_at = now + process.policy.delay(process.failures)
        process.healthy_since = process.silent_since = None
        self._enter(process, State.WAITING, now)

    def stop(self, now: float) -> None:
        """Nothing is started from here on; what waits counts as stopped."""
        self.stopping = True
        for process in self.processes.values():
            waiting = process.state is State.WAITING
            self._enter(process, State.STOPPED if waiting else State.STOPPING, now)

    def due(self, now: float) -> list[tuple[Order, str]]:
        """What must be done now; each order is given once."""
        if self.stopping:
            return []
        orders: list[tuple[Order, str]] = []
        for name, process in self.processes.items():
            if process.state is State.WAITING and now >= process.start_at:
                orders.append((Order.START, name))
            elif self._overdue(process, now) and not process.kill_ordered:
                process.kill_ordered = True
                orders.append((Order.KILL, name))
        return orders

    @property
    def all_healthy(self) -> bool:
        """Whether every process answers."""
        return all(p.state is State.HEALTHY for p in self.processes.values())

    @property
    def all_stopped(self) -> bool:
        """Whether no process is left."""
        return all(p.state is State.STOPPED for p in self.processes.values())

    @staticmethod
    def _overdue(process: Watched, now: float) -> bool:
        if process.state is State.STARTING:
            return now - process.since >= process.policy.start_deadline
        if process.state is State.UNRESPONSIVE and process.silent_since is not None:
            return now - process.silent_since >= process.policy.silence_limit
        return False

    @staticmethod
    def _enter(process: Watched, state: State, now: float) -> None:
        process.state = state
        process.since = now

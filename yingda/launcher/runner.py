"""Runs a stack: starts its processes, watches them, starts them again, stops them all.

The rules are the supervisor's; this module is its hands and eyes.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from yingda.launcher.errors import LaunchError
from yingda.launcher.home import Home, write_json
from yingda.launcher.process import Child, ProcessSpec
from yingda.launcher.progress import Progress
from yingda.launcher.supervisor import Order, State, Supervisor

TICK_S = 0.1
CHECK_STARTING_S = 0.3
CHECK_RUNNING_S = 2.0
CHECK_TIMEOUT_S = 5.0
GIVE_UP_AFTER = 3  # failures in a row before a stack has ever been healthy
EXIT_CANNOT_START = 127


class Runner:
    """One run of one stack. Use it once, in the main thread's event loop."""

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        home: Home,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._home = home
        self._progress = progress
        self._clock = clock
        self._supervisor = Supervisor()
        self._children: dict[str, Child] = {}
        self._stop = asyncio.Event()
        self._in_trouble: set[str] = set()
        self._written: dict[str, Any] = {}
        self.ready = asyncio.Event()

    def stop(self) -> None:
        """Ask ``run`` to stop everything and return; a second call changes nothing."""
        self._stop.set()

    def kill(self) -> None:
        """Do not wait for anybody's graces."""
        self._stop.set()
        for child in self._children.values():
            child.signal(signal.SIGKILL)

    async def run(self) -> None:
        """Run until stopped.

        Raises:
            LaunchError: the stack never came up.
        """
        now = self._clock()
        for name, spec in self._specs.items():
            self._supervisor.watch(name, spec.policy, now)
        checks = [
            asyncio.create_task(self._check(spec), name=f"health of {spec.name}")
            for spec in self._specs.values()
        ]
        try:
            while not self._stop.is_set():
                await self._carry_out()
                self._look()
                await self._pause(TICK_S)
        finally:
            for check in checks:
                check.cancel()
            await asyncio.gather(*checks, return_exceptions=True)
            await self._stop_all()

    # --- hands ----------------------------------------------------------------------------------

    async def _carry_out(self) -> None:
        for order, name in self._supervisor.due(self._clock()):
            if order is Order.START:
                await self._start(name)
            else:
                self._progress.trouble(f"the {name} does not answer; ending it")
                self._children[name].signal(signal.SIGKILL)

    async def _start(self, name: str) -> None:
        log = self._home.logs / f"{name}.log"
        try:
            self._children[name] = await Child.spawn(self._specs[name], log)
        except LaunchError:
            if not self.ready.is_set():
                raise
            self._supervisor.exited(name, EXIT_CANNOT_START, self._clock())
            return
        self._supervisor.started(name, self._clock())

    async def _stop_all(self) -> None:
        """Stop one after the other, in the order of the specs.

        The service comes first, so that the engine can still answer what it has accepted.
        """
        self._supervisor.stop(self._clock())
        for name in self._specs:
            if child := self._children.pop(name, None):
                code = await child.stop()
                self._supervisor.exited(name, code, self._clock())

    # --- eyes -----------------------------------------------------------------------------------

    def _look(self) -> None:
        """See who has ended or recovered, whether all are well; write it down for ``/health``."""
        for name, child in list(self._children.items()):
            if child.ended.done():
                del self._children[name]
                self._ended(name, child.ended.result())
        for name, process in self._supervisor.processes.items():
            if process.state is State.HEALTHY and name in self._in_trouble:
                self._in_trouble.discard(name)
                self._progress.done(f"the {name} is well again")
        if self._supervisor.all_healthy and not self.ready.is_set():
            self.ready.set()
        self._write_states()
        if not self.ready.is_set():
            states = self._supervisor.processes.items()
            self._progress.tick("  ".join(f"{name}: {p.state}" for name, p in states))

    def _ended(self, name: str, code: int) -> None:
        now = self._clock()
        self._supervisor.exited(name, code, now)
        process = self._supervisor.processes[name]
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if not self.ready.is_set() and process.failures >= GIVE_UP_AFTER:
            raise LaunchError(
                f"The {name} does not start ({how}){self._last_words(name)}; "
                f"its log is {self._home.logs / f'{name}.log'}."
            )
        wait = max(0.0, process.start_at - now)
        self._in_trouble.add(name)
        self._progress.trouble(f"the {name} ended ({how}); starting it again in {wait:.1f} s")

    def _last_words(self, name: str) -> str:
        try:
            lines = (self._home.logs / f"{name}.log").read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f": {last[:300].rstrip('.')}" if last else ""

    async def _check(self, spec: ProcessSpec) -> None:
        """Ask one process for its health, again and again."""
        # trust_env=False: a proxy set for the outside must not stand between us and loopback.
        async with httpx.AsyncClient(timeout=CHECK_TIMEOUT_S, trust_env=False) as client:
            while True:
                state = self._supervisor.processes[spec.name].state
                if state in (State.STARTING, State.HEALTHY, State.UNRESPONSIVE):
                    well = await _is_well(client, spec)
                    report = self._supervisor.answered if well else self._supervisor.silent
                    report(spec.name, self._clock())
                running = state is State.HEALTHY
                await asyncio.sleep(CHECK_RUNNING_S if running else CHECK_STARTING_S)

    def _write_states(self) -> None:
        now, wall = self._clock(), datetime.now(UTC)
        states = {}
        for name, process in self._supervisor.processes.items():
            child = self._children.get(name)
            waiting = process.state is State.WAITING and process.failures > 0
            starts = wall + timedelta(seconds=process.start_at - now)
            known = self._written.get(name, {})
            same = known.get("state") == process.state.value
            states[name] = {
                "state": process.state.value,
                "since": known["since"] if same else wall.isoformat(timespec="seconds"),
                "pid": child.pid if child else None,
                "restarts": process.restarts,
                "last_exit": process.last_exit,
                "starts_at": (
                    (known.get("starts_at") if same else starts.isoformat(timespec="seconds"))
                    if waiting
                    else None
                ),
            }
        if states != self._written:
            self._written = states
            try:
                write_json(self._home.processes_file, {"processes": states})
            except OSError:
                self._progress.trouble("the states of the processes cannot be written (disk full?)")

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


async def _is_well(client: httpx.AsyncClient, spec: ProcessSpec) -> bool:
    try:
        response = await client.get(spec.health_url, headers=dict(spec.health_headers))
        if response.status_code != httpx.codes.OK:
            return False
        answer = response.json() if spec.health_fields else {}
    except (httpx.HTTPError, ValueError):
        return False
    return all(answer.get(name) == value for name, value in spec.health_fields.items())

"""One child process: spawned in its own group, tied to our life, its output in a rotating log."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from yingda.launcher.errors import LaunchError
from yingda.launcher.supervisor import Policy

LOG_BYTES = 10_000_000
LOG_FILES = 3
LONGEST_READ = 64 * 1024
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ProcessSpec:
    """What to run and how to know that it is well.

    ``health_headers`` may carry a secret and is never logged. ``health_fields`` must be in the JSON
    answer with these values. ``stop_grace_s``: seconds between SIGTERM and SIGKILL.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    health_url: str
    health_headers: Mapping[str, str]
    policy: Policy
    health_fields: Mapping[str, str] = field(default_factory=dict)
    stop_grace_s: float = 8.0


def dies_with_us() -> Callable[[], None] | None:
    """A hook for the child: the kernel kills it when we die, however hard (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def hook() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # we died before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


class Child:
    """A running process. Spawn from the main thread only: its death is what ends the child."""

    def __init__(self, spec: ProcessSpec, process: asyncio.subprocess.Process, log: Path) -> None:
        self.spec = spec
        self._process = process
        pump = asyncio.create_task(_pump(process, log), name=f"log of {spec.name}")
        self.ended = asyncio.create_task(self._end(pump), name=f"end of {spec.name}")

    @classmethod
    async def spawn(cls, spec: ProcessSpec, log: Path) -> Child:
        """Start it.

        Raises:
            LaunchError: the program is missing or may not be run.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *spec.argv,
                cwd=spec.cwd,
                env=dict(spec.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
                preexec_fn=dies_with_us(),  # only calls prctl: safe after a fork
            )
        except OSError as error:
            raise LaunchError(
                f"Could not start the {spec.name} ({spec.argv[0]}: {error.strerror}); "
                "run `make setup` and try again."
            ) from None
        return cls(spec, process, log)

    @property
    def pid(self) -> int:
        """Process id, also the id of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its whole group; nothing happens if that is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def stop(self) -> int:
        """End it: SIGTERM, and SIGKILL if it has not gone after its grace."""
        if not self.ended.done():
            self.signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(asyncio.shield(self.ended), self.spec.stop_grace_s)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            return await self.ended

    async def _end(self, pump: asyncio.Task[None]) -> int:
        """Wait until it has ended and its last words are in the log."""
        code = await self._process.wait()
        # What it left behind in its group goes too; else a grandchild could keep port and pipe.
        self.signal(signal.SIGKILL)
        await pump
        return code


async def _pump(process: asyncio.subprocess.Process, path: Path) -> None:
    """Copy the child's output into its log until it ends."""
    stream = process.stdout
    if stream is None:
        return
    log = RotatingLog(path)
    try:
        while chunk := await stream.read(LONGEST_READ):
            log.write(chunk)
    finally:
        log.close()


class RotatingLog:
    """A log file of bounded size. A full disk loses log, never the process that writes it."""

    def __init__(self, path: Path, most_bytes: int = LOG_BYTES, old_files: int = LOG_FILES) -> None:
        self._path = path
        self._most = most_bytes
        self._old = old_files
        self._file: BinaryIO | None = None
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, chunk: bytes) -> None:
        """Append; begins a new file when this one is full."""
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = self._path.open("ab", buffering=0)
            if self._file.tell() and self._file.tell() + len(chunk) > self._most:
                self._rotate()
            if self._file is not None:
                self._file.write(chunk)

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _rotate(self) -> None:
        self.close()
        for number in range(self._old, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        self._file = self._path.open("ab", buffering=0)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

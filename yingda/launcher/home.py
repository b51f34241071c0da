"""The run-time folder: its places, its lock, and the files that tell others what is running."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yingda.launcher.errors import LaunchError

ROOT = Path(__file__).resolve().parent.parent.parent
LEAST_FREE_MIB = 300


@dataclass(frozen=True)
class RunningStack:
    """What a running ``yingda up`` says about itself in ``run/stack.json``."""

    pid: int
    url: str
    model: str


@dataclass(frozen=True)
class Home:
    """Paths below ``YINGDA_HOME``; a relative one is meant from the root of the tree."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Home:
        """The home at a path as settings give it."""
        return cls(path if path.is_absolute() else ROOT / path)

    @property
    def models(self) -> Path:
        """Trained models, one archive each."""
        return self.path / "models"

    @property
    def logs(self) -> Path:
        """Logs of all processes."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What only concerns the present run."""
        return self.path / "run"

    @property
    def processes_file(self) -> Path:
        """States of the processes, read by the service's ``/health``."""
        return self.run / "processes.json"

    @property
    def stack_file(self) -> Path:
        """What is running on this home, while its lock is held."""
        return self.run / "stack.json"

    def require_space(self, mib: int = LEAST_FREE_MIB) -> None:
        """Make sure that the home can be written and has room.

        Raises:
            LaunchError: it has not, in one sentence.
        """
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path).free // (1024 * 1024)
            if free >= mib:
                probe = self.run / f".space.{os.getpid()}"
                probe.write_bytes(b"\0" * 65536)
                probe.unlink()
                return
        except OSError as error:
            raise LaunchError(
                f"The folder {self.path} cannot be written ({error.strerror}); free some space, "
                "or choose another folder with YINGDA_HOME=<folder>."
            ) from None
        raise LaunchError(
            f"The disk of {self.path} has {free} MiB left and {mib} MiB are needed; free some "
            "space, or choose another folder with YINGDA_HOME=<folder>."
        )

    @contextlib.contextmanager
    def only_one(self) -> Iterator[None]:
        """Hold the home for one running stack.

        Raises:
            LaunchError: another process holds it.
        """
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "up.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LaunchError(self._already_running()) from None
            try:
                yield
            finally:
                self.stack_file.unlink(missing_ok=True)
                self.processes_file.unlink(missing_ok=True)

    def running(self) -> RunningStack | None:
        """The stack that runs on this home, if any."""
        lock = self.run / "up.lock"
        if not lock.exists():
            return None
        with lock.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return self._read_stack()
        return None

    def announce(self, stack: RunningStack) -> None:
        """Tell others where the stack is."""
        write_json(self.stack_file, asdict(stack))

    def _already_running(self) -> str:
        stack = self._read_stack()
        where = f": {stack.url} (process {stack.pid})" if stack else ""
        return (
            f"Yingda is already running on {self.path}{where}; stop it there with Ctrl-C first, "
            "or choose another folder with YINGDA_HOME=<folder>."
        )

    def _read_stack(self) -> RunningStack | None:
        try:
            return RunningStack(**json.loads(self.stack_file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None  # it has only just begun to start


def write_json(path: Path, value: Any) -> None:
    """Write a small JSON file so that a reader sees the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(path)

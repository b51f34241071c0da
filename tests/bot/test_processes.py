"""The process beside the sound: it works, it is replaced, it never outlives the one it works for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.processes import Worker, WorkerFailed
from tests.support.scarcity import descriptors_left
from tests.support.servers import wait_until

HIRE = """
import asyncio, os, time
from bot.processes import Worker
from tests.bot.test_processes import nothing

if __name__ == "__main__":
    worker = Worker(os.getpid, nothing)
    print(asyncio.run(worker.call(60)), flush=True)
    time.sleep(600)
"""


def nothing() -> None:
    """What need not be prepared."""


async def test_a_worker_that_was_killed_is_replaced() -> None:
    worker = Worker(os.getpid, nothing)
    first = await worker.call(60)
    os.kill(first, signal.SIGKILL)
    second = await worker.call(60)
    await worker.stop()
    assert second not in (first, os.getpid())


@pytest.mark.parametrize("free", [0, 8], ids=["for its pipes", "for the process"])
async def test_a_worker_that_cannot_be_started_fails_and_is_started_when_it_can_be(
    free: int,
) -> None:
    other = Worker(os.getpid, nothing)  # everything that all of them share is there
    await other.call(60)
    worker = Worker(os.getpid, nothing)
    with (
        descriptors_left(free),
        pytest.raises(WorkerFailed, match="could not be started") as failed,
    ):
        await worker.call(60)
    assert isinstance(failed.value.__cause__, OSError)
    assert await worker.call(60) != os.getpid()
    await worker.stop()
    await other.stop()


def test_a_worker_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "hire.py"
    script.write_text(HIRE, "utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: not Path(f"/proc/{child}").exists(), 30, "the worker lives on")

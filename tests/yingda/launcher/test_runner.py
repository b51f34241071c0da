"""The runner with real child processes: up, restarted, stopped, never left behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home
from yingda.launcher.ports import free_port, is_free
from yingda.launcher.process import ProcessSpec, RotatingLog
from yingda.launcher.progress import Progress
from yingda.launcher.runner import Runner
from yingda.launcher.supervisor import Policy

SERVER = Path(__file__).with_name("little_server.py")
POLICY = Policy(first_delay=0.05, longest_delay=0.2, start_deadline=60, silence_limit=60)
PATIENCE_S = 30.0
QUIET = Progress(quiet=True)


def spec(mode: str = "", name: str = "engine", **changes: Any) -> ProcessSpec:
    port = free_port()
    values: dict[str, Any] = {
        "name": name,
        "argv": [sys.executable, "-S", str(SERVER), str(port), mode],
        "env": dict(os.environ),
        "cwd": ROOT,
        "health_url": f"http://127.0.0.1:{port}/",
        "health_headers": {},
        "policy": POLICY,
        "stop_grace_s": 5.0,
    }
    return ProcessSpec(**values | changes)


def port_of(process: ProcessSpec) -> int:
    return int(process.argv[3])


def states(home: Home) -> dict[str, Any]:
    with suppress(OSError):
        return dict(json.loads(home.processes_file.read_text("utf-8"))["processes"])
    return {}


async def until(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        while not (found := condition()):  # noqa: ASYNC110 - watches other processes
            await asyncio.sleep(0.02)
        return found


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


@asynccontextmanager
async def running(home: Home, *specs: ProcessSpec) -> AsyncIterator[Runner]:
    runner = Runner(specs, home, QUIET)
    task = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await runner.ready.wait()
        yield runner
    finally:
        runner.stop()
        await task


async def test_a_stack_comes_up_and_says_so_in_its_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with running(home, spec(name="service"), spec(name="engine")):
        await until(lambda: {s["state"] for s in states(home).values()} == {"healthy"})
        assert set(states(home)) == {"service", "engine"}
        assert states(home)["engine"]["restarts"] == 0


async def test_a_killed_process_is_started_again_and_the_file_tells(tmp_path: Path) -> None:
    home, engine = Home(tmp_path), spec()
    async with running(home, engine):
        first = (await until(lambda: states(home).get("engine")))["pid"]
        os.kill(first, signal.SIGKILL)
        await until(lambda: states(home)["engine"]["restarts"] == 1)
        assert states(home)["engine"]["last_exit"] == -signal.SIGKILL
        await until(lambda: states(home)["engine"]["state"] == "healthy")
        assert states(home)["engine"]["pid"] not in (None, first)
    assert is_free("127.0.0.1", port_of(engine))


async def test_a_process_that_serves_something_else_is_not_healthy(tmp_path: Path) -> None:
    wrong = spec(health_fields={"model": "another"}, policy=Policy(0.05, 0.2, 60, 0.5, 60))
    runner = Runner([wrong], Home(tmp_path), QUIET)
    with pytest.raises(LaunchError, match="engine does not start"):
        await runner.run()
    assert not runner.ready.is_set()


async def test_a_process_that_cannot_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    runner = Runner([spec("broken")], Home(tmp_path), QUIET)
    with pytest.raises(LaunchError) as caught:
        await runner.run()
    sentence = str(caught.value)
    assert "exit code 3" in sentence
    assert "the flux capacitor is missing" in sentence
    assert "engine.log" in sentence


async def test_a_missing_program_is_one_sentence(tmp_path: Path) -> None:
    runner = Runner([spec(argv=["/no/such/rasa", "run"])], Home(tmp_path), QUIET)
    with pytest.raises(LaunchError, match="make setup"):
        await runner.run()


async def test_a_process_that_ignores_the_request_to_stop_is_ended(tmp_path: Path) -> None:
    stubborn = spec("stubborn", stop_grace_s=0.2)
    async with running(Home(tmp_path), stubborn):
        pass
    assert is_free("127.0.0.1", port_of(stubborn))


async def test_children_of_children_are_ended_too(tmp_path: Path) -> None:
    home, parent = Home(tmp_path), spec("parent", stop_grace_s=0.2)
    log = home.logs / "engine.log"
    async with running(home, parent):
        found = await until(lambda: re.search(r"child (\d+)", log.read_text()))
        grandchild = int(found.group(1))
        assert not gone(grandchild)
    await until(lambda: gone(grandchild))


async def test_no_process_outlives_a_launcher_that_is_killed_hard(tmp_path: Path) -> None:
    engine = spec()
    script = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.yingda.launcher.test_runner import QUIET, Home, Path, ProcessSpec, Runner, spec
engine = spec(argv={list(engine.argv)!r}, health_url={engine.health_url!r})
asyncio.run(Runner([engine], Home(Path({str(tmp_path)!r})), QUIET).run())
"""
    launcher = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)  # noqa: ASYNC220
    try:
        home = Home(tmp_path)
        await until(lambda: states(home).get("engine", {}).get("state") == "healthy")
        child = states(home)["engine"]["pid"]
    finally:
        launcher.kill()
        launcher.wait()
    await until(lambda: gone(child))
    assert is_free("127.0.0.1", port_of(engine))


def test_a_log_keeps_a_bounded_size(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "engine.log", most_bytes=1000, old_files=2)
    for number in range(100):
        log.write(b"%099d\n" % number)
    log.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["engine.log", "engine.log.1", "engine.log.2"]
    assert all(file.stat().st_size <= 1000 for file in files)
    assert files[0].read_bytes().endswith(b"99\n")


def test_a_log_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = RotatingLog(tmp_path / "file" / "engine.log")
    log.write(b"lost")
    log.close()

"""``yingda up`` from start to end, as a person runs it: the real engine, the real service."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.yingda.cli.conftest import clean_environment, yingda
from yingda.launcher.home import ROOT
from yingda.launcher.ports import free_port
from yingda.launcher.training import fingerprint

PATIENCE_S = 240.0


@dataclass
class Up:
    """A running ``yingda up --demo``."""

    process: subprocess.Popen[bytes]
    env: dict[str, str]
    url: str
    printed: Path

    def health(self) -> dict[str, Any]:
        """What ``/health`` says; empty while nobody answers."""
        with suppress(httpx.HTTPError):
            return dict(httpx.get(f"{self.url}/health", timeout=10, trust_env=False).json())
        return {}

    def output(self) -> str:
        """What the person at the terminal has seen so far."""
        return self.printed.read_text("utf-8")


def wait_until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def descendants(pid: int) -> set[int]:
    """Process ids of everything that a process has started."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                stat = (entry / "stat").read_text()
                parents[int(entry.name)] = int(stat.rsplit(") ", 1)[1].split()[1])
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def alive(pid: int) -> bool:
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


@pytest.fixture(scope="module")
def up(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("up")
    (home / "models").mkdir()
    shutil.copy(model, home / "models" / f"{fingerprint()}.tar.gz")
    port = free_port()
    env = clean_environment(home) | {
        "YINGDA_PORT": str(port),
        "YINGDA_ENGINE_PORT": str(free_port()),
        "YINGDA_IVR_PORT": str(free_port()),
    }
    printed = home / "printed.txt"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("yingda")), "up", "--demo"],
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Up(process, env, f"http://127.0.0.1:{port}", printed)
    try:
        wait_until(
            lambda: process.poll() is not None or "Ctrl-C stops" in running.output(),
            "it did not come up",
        )
        assert process.poll() is None, running.output()
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_it_is_healthy_and_says_where_everything_is(up: Up) -> None:
    assert up.health()["status"] == "ok"
    printed = up.output()
    assert f"{up.url}/" in printed
    assert "DEMO" in printed
    for line in printed.splitlines():
        if up.url in line:
            page = httpx.get(line.split()[-1], timeout=30, trust_env=False)
            assert page.status_code == httpx.codes.OK, line


def test_a_second_one_on_the_same_home_is_told_so(up: Up) -> None:
    second = yingda(up.env, "up", "--demo")
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert up.url in second.stderr


def test_other_commands_find_it_and_use_it(up: Up) -> None:
    done = yingda(up.env, "parse", "--json", text="转人工\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["intent"] == "ask_human"
    assert up.url in done.stderr


def test_a_killed_engine_is_told_and_started_again(up: Up) -> None:
    engine = up.health()["processes"]["engine"]
    os.kill(engine["pid"], signal.SIGKILL)
    wait_until(lambda: up.health()["processes"]["engine"]["restarts"] == 1, "no restart was seen")
    assert up.health()["status"] == "degraded"
    assert up.health()["processes"]["engine"]["last_exit"] == -signal.SIGKILL
    wait_until(lambda: up.health()["status"] == "ok", "the engine did not come back")
    wait_until(lambda: "the engine is well again" in up.output(), "nobody was told")
    assert up.health()["processes"]["engine"]["pid"] != engine["pid"]


def test_ctrl_c_leaves_nothing_behind(up: Up) -> None:
    children = descendants(up.process.pid)
    assert len(children) >= 2
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0
    wait_until(lambda: not any(alive(pid) for pid in children), "a process was left behind")
    assert "stopped" in up.output()


def test_without_a_running_one_a_command_has_a_stack_of_its_own(up: Up) -> None:
    assert up.process.poll() is not None
    done = yingda(up.env, "parse", "--json", text="转人工\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["intent"] == "ask_human"
    assert "temporary" in done.stderr
    assert up.health() == {}

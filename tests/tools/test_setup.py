"""The bootstrap: when an environment counts as made, and what a person reads when it fails."""

from __future__ import annotations

import dataclasses
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from yingda.launcher.home import ROOT

SCRIPT = ROOT / "tools" / "setup.py"


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("yingda_setup", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(setup: ModuleType, tmp_path: Path) -> Any:
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "run.lock").write_text("fastapi==1")
    (tmp_path / "dev.lock").write_text("fastapi==1\npytest==1")
    interpreter = tmp_path / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    return dataclasses.replace(
        setup.ENVIRONMENTS["service"],
        folder=tmp_path / ".venv",
        lock=tmp_path / "run.lock",
        dev_lock=tmp_path / "dev.lock",
        project=tmp_path,
    )


def test_an_environment_without_a_stamp_is_not_ready(environment: Any) -> None:
    assert not environment.ready(dev=False)


def test_a_stamped_environment_is_ready(environment: Any) -> None:
    environment.stamp.write_text(environment.fingerprint(dev=False))
    assert environment.ready(dev=False)
    assert not environment.ready(dev=True)


def test_a_development_environment_also_serves(environment: Any) -> None:
    environment.stamp.write_text(environment.fingerprint(dev=True))
    assert environment.ready(dev=True)
    assert environment.ready(dev=False)


@pytest.mark.parametrize("name", ["run.lock", "dev.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_asks_for_set_up(environment: Any, name: str) -> None:
    environment.stamp.write_text(environment.fingerprint(dev=True))
    with (environment.project / name).open("a") as file:
        file.write("\n# changed")
    assert not environment.ready(dev=True)


def test_an_environment_whose_python_is_gone_is_not_ready(environment: Any) -> None:
    environment.stamp.write_text(environment.fingerprint(dev=False))
    environment.interpreter.unlink()
    assert not environment.ready(dev=False)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("error: failed to write: No space left on device (os error 28)", "disk is full"),
        ("The virtual environment … ensurepip is not available", "apt install python3-venv"),
        ("error: No interpreter found for Python 3.10 in search path", "Python 3.10 is not on"),
        (
            "cause: Failed to download `https://x/python-build-standalone/cpython-3.12.16-x86_64`",
            "Python 3.12 is not on",
        ),
        ("error: Failed to fetch: `https://x/simple/typer/`", "index cannot be reached"),
        ("Temporary failure in name resolution", "index cannot be reached"),
        ("error: Hash mismatch for `typer==1`", "does not match its pinned hash"),
        ("error: something else", "setup.log"),
    ],
)
def test_what_uv_prints_becomes_one_sentence(setup: ModuleType, output: str, expected: str) -> None:
    sentence = setup.explain(output, "service environment")
    assert expected in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_a_uv_that_does_not_run_is_not_used(setup: ModuleType, tmp_path: Path) -> None:
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\necho 'pyenv: version 3.10 is not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert setup.version_of(str(shim)) == ()
    assert setup.version_of(str(tmp_path / "none")) == ()


def test_pips_mirror_is_honoured_unless_uv_has_its_own(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert setup.uv_environment()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert setup.uv_environment()["UV_DEFAULT_INDEX"] == "https://own.example/simple"


def test_locks_name_no_index() -> None:
    locks = [*ROOT.glob("*.lock"), *ROOT.glob("engine/*.lock"), *ROOT.glob("tools/*.lock")]
    assert len(locks) >= 4
    for lock in locks:
        text = lock.read_text("utf-8")
        assert "--index-url" not in text
        assert "--find-links" not in text
        assert "--hash=sha256:" in text


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no system Python")
def test_it_runs_on_the_systems_python_and_has_nothing_to_do_twice() -> None:
    done = subprocess.run(
        ["/usr/bin/python3", str(SCRIPT)], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    again = subprocess.run(
        ["/usr/bin/python3", str(SCRIPT)], capture_output=True, text=True, check=False, timeout=600
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_an_unknown_environment_is_told() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "kitchen"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "kitchen" in done.stderr


def test_a_missing_venv_module_is_one_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "TOOLS", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(setup.SetupFailed, match="apt install python3-venv"):
        setup.find_uv()

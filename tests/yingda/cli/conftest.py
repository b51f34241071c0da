"""The command line as a person or a script calls it: another process, real input and output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yingda.launcher.home import ROOT

if TYPE_CHECKING:
    from tests.conftest import Service

PATIENCE_S = 300
Run = Callable[..., subprocess.CompletedProcess[str]]


def clean_environment(home: Path) -> dict[str, str]:
    """No setting of the machine that runs the tests gets in."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("YINGDA_")}
    return env | {"YINGDA_HOME": str(home)}


def yingda(env: dict[str, str], *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``yingda`` to its end."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("yingda")), *words],
        input=text,
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """The command line on an empty home, with nothing running."""
    env = clean_environment(tmp_path)
    return lambda *words, text="", **extra: yingda(env | extra, *words, text=text)


@pytest.fixture
def running(service: Service) -> Run:
    """The command line beside a running service, which it must find by itself."""
    settings = service.settings
    env = clean_environment(settings.home) | {"YINGDA_PORT": str(settings.port)}
    return lambda *words, text="": yingda(env, *words, text=text)

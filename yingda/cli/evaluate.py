"""``yingda evaluate nlu | emotion``: the engine's own measuring, with the present inputs' model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from yingda.launcher import ROOT, LaunchError, Progress, configure
from yingda.launcher.environment import engine_environment
from yingda.launcher.training import ensure_model

MODULES = {"nlu": "engine.evaluate", "emotion": "engine.evaluate_emotion"}


def run(file: Path, *, as_json: bool, what: str = "nlu") -> None:
    """Train if needed, then score the file; exits with the evaluation's code.

    Args:
        file: the labelled table.
        as_json: print one JSON object instead of tables.
        what: ``nlu`` or ``emotion``.

    Raises:
        LaunchError: there is no engine, or the model cannot be trained.
    """
    python = ROOT / "engine" / ".venv" / "bin" / "python"
    if not python.exists():
        raise LaunchError("The engine is not installed in engine/.venv; run `make setup` first.")
    home = configure.home()
    model = ensure_model(home, Progress(sys.stderr))
    command = [str(python), "-m", MODULES[what], str(file.resolve()), "--model", str(model)]
    if as_json:
        command.append("--json")
    env = engine_environment(home)
    sys.exit(subprocess.run(command, cwd=ROOT, env=env, check=False).returncode)  # noqa: S603

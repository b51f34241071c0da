"""``yingda evaluate nlu``: the engine's own measuring, with the model of the present inputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from yingda.launcher import ROOT, LaunchError, Progress, configure
from yingda.launcher.environment import engine_environment
from yingda.launcher.training import ensure_model

MODULE = "engine.evaluate"


def run(file: Path, *, as_json: bool) -> None:
    """Train if needed, then score the file; exits with the evaluation's code.

    Raises:
        LaunchError: there is no engine, or the model cannot be trained.
    """
    python = ROOT / "engine" / ".venv" / "bin" / "python"
    if not python.exists():
        raise LaunchError("The engine is not installed in engine/.venv; run `make setup` first.")
    home = configure.home()
    model = ensure_model(home, Progress(sys.stderr))
    command = [str(python), "-m", MODULE, str(file.resolve()), "--model", str(model)]
    if as_json:
        command.append("--json")
    env = engine_environment(home)
    sys.exit(subprocess.run(command, cwd=ROOT, env=env, check=False).returncode)  # noqa: S603

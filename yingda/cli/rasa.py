"""``yingda rasa …``: Rasa's own command line, in its environment, from the root of the tree."""

from __future__ import annotations

import os
from collections.abc import Sequence

from yingda.launcher import ROOT, LaunchError, configure
from yingda.launcher.environment import engine_environment

_WANTS_A_MODEL = ("run", "shell", "test", "interactive")


def run(arguments: Sequence[str]) -> None:
    """Become Rasa; never returns.

    Raises:
        LaunchError: Rasa is not installed.
    """
    program = ROOT / "engine" / ".venv" / "bin" / "rasa"
    if not program.exists():
        raise LaunchError("Rasa is not installed in engine/.venv; run `make setup` first.")
    home = configure.home()
    # The token lets `rasa shell` and `rasa run` load our door; it is not the service's.
    token = os.environ.get("YINGDA_INTERNAL_TOKEN", "only-for-rasa-on-the-command-line")
    env = engine_environment(home, training=True, extra={"YINGDA_INTERNAL_TOKEN": token})
    if url := os.environ.get("YINGDA_ACTIONS_URL"):
        env["YINGDA_ACTIONS_URL"] = url
    command = [str(program), *arguments]
    if arguments and arguments[0] in _WANTS_A_MODEL and not _names_model(arguments):
        command += ["--model", str(home.models)]
    os.chdir(ROOT)
    os.execve(program, command, env)  # noqa: S606 - no shell wanted


def _names_model(arguments: Sequence[str]) -> bool:
    return any(word in ("-m", "--model", "-h", "--help") for word in arguments)

"""``yingda rasa …``: Rasa's own command line, in its environment, from the root of the tree."""

from __future__ import annotations

import os
from collections.abc import Sequence

from yingda.launcher import ROOT, Home, LaunchError, configure
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
    serving = arguments[:1] in (["run"], ["shell"])
    env = engine_environment(home, training=not serving, extra=_service_of(home))
    command = [str(program), *arguments]
    if arguments and arguments[0] in _WANTS_A_MODEL and not _names_model(arguments):
        command += ["--model", str(home.models)]
    os.chdir(ROOT)
    os.execve(program, command, env)  # noqa: S606 - no shell wanted


def _service_of(home: Home) -> dict[str, str]:
    """Where Rasa finds the actions: in the service of this home, while it runs."""
    try:
        settings = configure.settings(demo=True if (home.path / "secrets.env").exists() else None)
        token = settings.require_secret("internal_token")
        port = settings.port
    except LaunchError:  # not set up to serve; enough for `rasa train` and `rasa data validate`
        token, port = "only-for-rasa-on-the-command-line", 8000
    running = home.running()
    base = running.url if running else f"http://127.0.0.1:{port}"
    url = os.environ.get("YINGDA_ACTIONS_URL", f"{base}/internal/actions/webhook")
    return {"YINGDA_INTERNAL_TOKEN": token, "YINGDA_ACTIONS_URL": url}


def _names_model(arguments: Sequence[str]) -> bool:
    return any(word in ("-m", "--model", "-h", "--help") for word in arguments)

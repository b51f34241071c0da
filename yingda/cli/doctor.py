"""``yingda doctor``: looks at everything that a start needs, changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from yingda.launcher import ROOT, Home, LaunchError, configure
from yingda.launcher.ports import require_free
from yingda.launcher.training import model_path


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    part: str
    well: bool
    what: str


def run(*, as_json: bool) -> None:
    """Print what was found; exit code 1 if anything is wrong."""
    findings = list(_findings())
    for finding in findings:
        if as_json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            print(f"{'✓' if finding.well else '✗'} {finding.part:<9} {finding.what}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


def _findings() -> Iterator[Finding]:
    home = configure.home()
    engine = ROOT / "engine" / ".venv" / "bin" / "rasa"
    yield Finding(
        "engine", engine.exists(), str(engine) if engine.exists() else "missing; run `make setup`"
    )
    yield _looked("disk", lambda: _disk(home))
    yield _looked("model", lambda: _model(home))
    yield _looked("settings", _settings)
    running = home.running()
    if running is not None:
        yield Finding("running", True, f"{running.url} (process {running.pid})")
    else:
        yield _looked("ports", _ports)


def _looked(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except LaunchError as error:
        return Finding(part, False, str(error))


def _disk(home: Home) -> str:
    home.require_space()
    return f"{home.path} can be written"


def _model(home: Home) -> str:
    model = model_path(home)
    return (
        f"{model.name} is up to date"
        if model.exists()
        else "none for the present data: `up` trains"
    )


def _settings() -> str:
    try:
        settings = configure.settings()
    except LaunchError as error:
        try:
            configure.settings(demo=True)
        except LaunchError:
            raise error from None
        return "enough for `yingda up --demo`, not for real customers (see docs/operations.md)"
    return "demo" if settings.demo else "complete"


def _ports() -> str:
    settings = configure.settings(demo=True)
    require_free(settings.host, settings.port, "YINGDA_PORT")
    if settings.engine_url is None:
        require_free("127.0.0.1", settings.engine_port, "YINGDA_ENGINE_PORT")
    return f"{settings.port} and {settings.engine_port} are free"

"""`yingda simulate`: what keeps it from writing among the living."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.components import free_port
from yingda.cli import history
from yingda.launcher import LaunchError
from yingda.launcher.home import Home, RunningStack


def test_a_stack_on_another_port_than_the_settings_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINGDA_HOME", str(tmp_path))
    monkeypatch.setenv("YINGDA_PORT", str(free_port()))
    home = Home(tmp_path)
    with home.only_one():  # as `yingda up --port …` holds it
        home.announce(RunningStack(pid=1, url=f"http://127.0.0.1:{free_port()}", model="m.tar.gz"))
        with pytest.raises(LaunchError, match="is running on this database"):
            history.run(days=1, customers=1, seed=1, until=None, add=False, as_json=False)
    assert not (tmp_path / "yingda.db").exists()

"""The run-time folder: one stack at a time, room to write, whole files."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home, RunningStack, write_json


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_relative_home_is_below_the_root_of_the_tree() -> None:
    assert Home.at(Path(".yingda")).path == ROOT / ".yingda"
    assert Home.at(Path("/srv/yingda")).path == Path("/srv/yingda")


def test_a_second_stack_on_the_same_home_is_told_where_the_first_is(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stack = RunningStack(pid=4711, url="http://127.0.0.1:8123", model="m.tar.gz")
    with home.only_one():
        home.announce(stack)
        assert home.running() == stack
        with pytest.raises(LaunchError, match=r"already running .*8123.*4711"), home.only_one():
            pass
    assert home.running() is None
    with home.only_one():
        pass


def test_what_a_killed_stack_left_behind_does_not_count_as_running(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.announce(RunningStack(pid=4711, url="http://127.0.0.1:8123", model="m.tar.gz"))
    assert home.running() is None


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 5 * 2**20))
    with pytest.raises(LaunchError) as caught:
        Home(tmp_path).require_space()
    assert "5 MiB left" in str(caught.value)
    assert "YINGDA_HOME=" in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match="cannot be written"):
        Home(tmp_path / "file").require_space()


def test_a_json_file_is_replaced_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "run" / "processes.json"
    write_json(path, {"engine": {"state": "starting"}})
    write_json(path, {"engine": {"state": "healthy"}})
    assert json.loads(path.read_text("utf-8")) == {"engine": {"state": "healthy"}}
    assert os.listdir(path.parent) == ["processes.json"]

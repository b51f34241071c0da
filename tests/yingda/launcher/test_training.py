"""When a model counts as up to date, and which are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yingda.launcher.errors import LaunchError
from yingda.launcher.home import Home, RunningStack
from yingda.launcher.training import fingerprint, inputs, prune


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "config.yml": "language: zh",
        "domain.yml": "intents: []",
        "engine/requirements.lock": "rasa==3.6.21",
        "engine/door.py": "pass",
        "engine/.venv/lib/thing.py": "pass",
        "data/nlu/greet.yml": "nlu: []",
        "data/nlu/README.md": "about",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "engine/requirements.lock",
        "engine/door.py",
        "data/nlu/greet.yml",
        "data/new.yml",
    ],
)
def test_a_changed_or_new_input_asks_for_training(root: Path, name: str) -> None:
    before = fingerprint(root)
    with (root / name).open("a", encoding="utf-8") as file:
        file.write("# changed")
    assert fingerprint(root) != before


@pytest.mark.parametrize("name", ["engine/.venv/lib/thing.py", "data/nlu/README.md", "README.md"])
def test_what_does_not_go_into_a_model_does_not_ask_for_training(root: Path, name: str) -> None:
    before = fingerprint(root)
    (root / name).write_text("changed", "utf-8")
    assert fingerprint(root) == before


def test_a_renamed_input_asks_for_training(root: Path) -> None:
    before = fingerprint(root)
    (root / "data/nlu/greet.yml").rename(root / "data/nlu/hello.yml")
    assert fingerprint(root) != before


def test_the_same_inputs_elsewhere_have_the_same_name(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in inputs(root):
        target = copy / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert fingerprint(copy) == fingerprint(root)


def test_a_missing_domain_is_one_sentence(root: Path) -> None:
    (root / "domain.yml").unlink()
    with pytest.raises(LaunchError, match=r"no domain\.yml"):
        fingerprint(root)


def test_the_newest_models_and_the_running_one_are_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.models.mkdir(parents=True)
    for age, name in enumerate(["running", "old", "older", "a", "b", "c"]):
        path = home.models / f"{name}.tar.gz"
        path.touch()
        os.utime(path, (1000 + age, 1000 + age))
    with home.only_one():
        home.announce(RunningStack(pid=1, url="", model="running.tar.gz"))
        prune(home, keep=3)
    left = sorted(path.name for path in home.models.glob("*.tar.gz"))
    assert left == ["a.tar.gz", "b.tar.gz", "c.tar.gz", "running.tar.gz"]

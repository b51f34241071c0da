"""The Mandarin model from Vosk's own site: resumed, checked, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import vosk

from ivr.models import InstallFailed
from ivr.models.vosk import install_vosk
from tests.fakes.package_index import Index, archive, models_list

NAME = "vosk-model-small-cn-0.22"
PACKED = archive({f"{NAME}/am/final.mdl": b"x" * 200_000, f"{NAME}/conf/model.conf": b"y"})


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    made = Index(files={"/list.json": models_list(NAME, PACKED), f"/{NAME}.zip": PACKED})
    monkeypatch.setattr(vosk, "MODEL_PRE_URL", f"{made.url}/")
    monkeypatch.setattr(vosk, "MODEL_LIST_URL", f"{made.url}/list.json")
    yield made
    made.stop()


def get(folder: Path) -> bool:
    return install_vosk("cn", folder, lambda _line: None)


def test_it_is_unpacked_once(site: Index, tmp_path: Path) -> None:
    folder = tmp_path / "speech" / "vosk-cn"
    assert get(folder)
    assert (folder / "am" / "final.mdl").stat().st_size == 200_000
    assert [path.name for path in folder.parent.iterdir()] == ["vosk-cn"]
    assert not get(folder)


def test_a_broken_download_goes_on(site: Index, tmp_path: Path) -> None:
    folder = tmp_path / "speech" / "vosk-cn"
    site.breaks_after = 150_000
    with pytest.raises(InstallFailed, match="goes on where"):
        get(folder)
    assert get(folder)
    path, rest = site.asked[-1]
    assert path == f"/{NAME}.zip" and rest is not None and rest != "bytes=0-"


def test_a_wrong_checksum_is_refused(site: Index, tmp_path: Path) -> None:
    site.files[f"/{NAME}.zip"] = PACKED + b"!"
    with pytest.raises(InstallFailed, match="wrong checksum"):
        get(tmp_path / "vosk-cn")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("packed", [b"no zip", archive({"other/file": b"x"})])
def test_what_is_no_model_is_refused(site: Index, tmp_path: Path, packed: bytes) -> None:
    site.files["/list.json"] = models_list(NAME, packed)
    site.files[f"/{NAME}.zip"] = packed
    with pytest.raises(InstallFailed):
        get(tmp_path / "vosk-cn")
    assert not (tmp_path / "vosk-cn").exists()


@pytest.mark.parametrize("answer", [b"[]", b"{}", b"nonsense", b'[{"lang": "cn"}]'])
def test_an_odd_list_is_refused(site: Index, tmp_path: Path, answer: bytes) -> None:
    site.files["/list.json"] = answer
    with pytest.raises(InstallFailed):
        get(tmp_path / "vosk-cn")


def test_offline_says_what_to_do(site: Index, tmp_path: Path) -> None:
    site.stop()
    with pytest.raises(InstallFailed, match="unpack a Mandarin Vosk model"):
        get(tmp_path / "vosk-cn")

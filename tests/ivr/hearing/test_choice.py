"""Which recogniser is used, by the settings and by what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.settings import Settings
from ivr.hearing import open_recogniser
from ivr.models import WHISPER_BASE


def put_whisper(home: Path) -> None:
    folder = home / "speech" / "whisper-base"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"x")
    manifest = {"version": WHISPER_BASE.version, "files": {"model.bin": [1, ""]}}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def put_vosk(home: Path) -> None:
    folder = home / "speech" / "vosk-cn" / "am"
    folder.mkdir(parents=True)
    (folder / "final.mdl").write_bytes(b"x")


def chosen(home: Path, *, recordings: bool = False, wanted: str = "auto") -> str | None:
    settings = Settings(_env_file=None, home=home, speech_recogniser=wanted)  # type: ignore[arg-type]
    recogniser = open_recogniser(settings, recordings=recordings)
    return recogniser.name if recogniser is not None else None


def test_nothing_installed_is_no_recogniser(tmp_path: Path) -> None:
    assert chosen(tmp_path) is None
    assert chosen(tmp_path, wanted="vosk") is None


def test_whisper_hears_where_it_is_all_there_is(tmp_path: Path) -> None:
    put_whisper(tmp_path)
    assert chosen(tmp_path) == "whisper"
    assert chosen(tmp_path, recordings=True) == "whisper"
    assert chosen(tmp_path, wanted="none") is None
    assert chosen(tmp_path, wanted="vosk") is None


def test_vosk_hears_calls_and_whisper_recordings(tmp_path: Path) -> None:
    put_whisper(tmp_path)
    put_vosk(tmp_path)
    assert chosen(tmp_path) == "vosk"
    assert chosen(tmp_path, recordings=True) == "whisper"
    assert chosen(tmp_path, wanted="whisper") == "whisper"


@pytest.mark.parametrize("damage", ["model.bin", "manifest.json"])
def test_half_a_model_is_none(tmp_path: Path, damage: str) -> None:
    put_whisper(tmp_path)
    (tmp_path / "speech" / "whisper-base" / damage).write_bytes(b"xx")
    assert chosen(tmp_path) is None

"""Kept sound: found again under the same key only, bounded in size and age, never an error."""

from __future__ import annotations

from pathlib import Path

from ivr.voices.cache import SoundCache


class Now:
    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_sound_is_found_under_its_own_key_only(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path)
    cache.put("kokoro", "您好。", 8000, b"sound")
    assert cache.get("kokoro", "您好。", 8000) == b"sound"
    assert cache.get("kokoro", "您好。", 16000) is None
    assert cache.get("edge", "您好。", 8000) is None
    assert cache.get("kokoro", "您好！", 8000) is None


def test_another_normaliser_reads_anew(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    cache = SoundCache(tmp_path)
    cache.put("kokoro", "您好。", 8000, b"sound")
    monkeypatch.setattr("ivr.voices.cache.VERSION", "other")
    assert cache.get("kokoro", "您好。", 8000) is None


def test_the_text_is_nowhere_to_be_read_and_the_sound_only_for_us(tmp_path: Path) -> None:
    SoundCache(tmp_path).put("kokoro", "尾号幺零四二", 8000, b"sound")
    (path,) = files(tmp_path)
    assert "幺" not in str(path) and path.stat().st_mode & 0o077 == 0


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    now = Now()
    cache = SoundCache(tmp_path, most_bytes=1000, now=now)
    for text in "甲乙丙丁戊己庚辛壬癸":
        now.at += 1
        cache.put("v", text, 8000, b"x" * 150)
        assert cache.get("v", "甲", 8000)  # used all the time
    cache.tidy()
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 1000
    assert cache.get("v", "甲", 8000)
    assert cache.get("v", "癸", 8000)
    assert cache.get("v", "乙", 8000) is None


def test_what_is_old_is_gone(tmp_path: Path) -> None:
    now = Now()
    cache = SoundCache(tmp_path, keep_s=60, now=now)
    cache.put("v", "甲", 8000, b"x")
    cache.put("v", "乙", 8000, b"x")
    now.at += 61
    assert cache.get("v", "甲", 8000) is None
    cache.tidy()
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = SoundCache(blocked / "cache")
    cache.put("v", "甲", 8000, b"x")
    assert cache.get("v", "甲", 8000) is None

"""Models and voices from the command line."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.speech import need_model
from tests.yingda.cli.test_sentences import sentence

Run = Callable[..., CompletedProcess[str]]
OFFLINE = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple/", "UV_HTTP_RETRIES": "0"}


@pytest.mark.parametrize("command", [("speech", "install"), ("voices", "install")])
def test_an_installation_without_a_network_says_what_to_do(
    cli: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "UV_CACHE_DIR": str(tmp_path / "uv")}
    told = sentence(cli(*command, **OFFLINE, **cache), 1)
    assert "check the network, or set your mirror" in told


def test_where_no_voice_can_speak_it_says_what_to_install(cli: Run) -> None:
    told = sentence(cli("voices", "check", YINGDA_VOICE_ENGINES="kokoro"), 1)
    assert "yingda voices install" in told


def test_the_local_voice_is_checked_and_heard_back(cli: Run, tmp_path: Path) -> None:
    for name in ("kokoro", "whisper-base"):
        folder = need_model(name)
        (tmp_path / folder.parent.name).mkdir()
        (tmp_path / folder.parent.name / name).symlink_to(folder)
    done = cli(
        *("voices", "check", "--json", "--out", str(tmp_path / "out"), "您好。"),
        YINGDA_VOICE_ENGINES="kokoro",
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert result["engine"] == "kokoro:zf_xiaoxiao"
    assert 0 < result["first_sound_s"] <= result["took_s"]
    assert result["heard"]
    with wave.open(result["file"]) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(result["sound_s"], abs=0.1)


def test_prompts_are_rendered_once(cli: Run, tmp_path: Path) -> None:
    folder = need_model("kokoro")
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "kokoro").symlink_to(folder)
    settings = {"YINGDA_VOICE_ENGINES": "kokoro"}
    first = cli("voices", "render", "--limit", "1", **settings)
    assert "1 sentences are rendered, 1 of them now" in first.stdout, first.stderr
    assert len(list((tmp_path / "voices" / "rendered").glob("*/*.pcm"))) == 2
    again = cli("voices", "render", "--limit", "1", **settings)
    assert "1 sentences are rendered, 0 of them now" in again.stdout

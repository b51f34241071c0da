"""Models and voices from the command line."""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ivr.voices import VoiceError
from tests.support.speech import need_model
from tests.yingda.cli.test_sentences import sentence
from yingda.cli import render
from yingda.launcher import LaunchError

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


class TestWhatRenderingSaysOnFailure:
    def test_an_engine_that_does_not_exist_is_named(self, cli: Run) -> None:
        told = sentence(cli("voices", "render", "--engine", "siri"), 1)
        assert "siri" in told and "edge or kokoro" in told

    def test_where_the_voice_is_not_installed_it_says_so(self, cli: Run) -> None:
        told = sentence(cli("voices", "render", YINGDA_VOICE_ENGINES="kokoro"), 1)
        assert "yingda voices install" in told

    def test_a_sentence_that_cannot_be_spoken_does_not_keep_the_others_from_it(
        self, rendering: Callable[..., Path]
    ) -> None:
        voice = Moody(silent=(1,))
        with pytest.raises(
            LaunchError, match=r"1 sentences could not be spoken \(moody: too slow\); 4"
        ):
            rendering(voice, 5)
        folder = rendering(voice, 5)  # in a better mood
        assert len(list(folder.glob("*/*.pcm"))) == 2 * 5
        assert len(voice.said) == 6

    def test_a_voice_that_cannot_speak_at_all_is_not_asked_for_ever(
        self, rendering: Callable[..., Path]
    ) -> None:
        voice = Moody(silent=range(100))
        with pytest.raises(LaunchError, match=r"3 sentences .*too slow.*Run .* again") as told:
            rendering(voice, 9)
        assert "voices install" not in str(told.value)
        assert len(voice.said) == 3


class Moody:
    """Says a little sound, but not the sentences with these numbers."""

    name = "moody"

    def __init__(self, silent: Sequence[int]) -> None:
        self.silent = silent
        self.said: list[str] = []

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        self.said.append(text)
        if len(self.said) - 1 in self.silent:
            raise VoiceError("too slow")
        yield b"\1\0" * 1600


@pytest.fixture
def rendering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Renders a number of sentences with one voice; the folder where they are."""

    def run(voice: Moody, limit: int) -> Path:
        monkeypatch.setenv("YINGDA_HOME", str(tmp_path))
        monkeypatch.setattr(render, "open_engines", lambda _settings: [voice])
        render.render(None, limit)
        return tmp_path / "voices" / "rendered"

    return run

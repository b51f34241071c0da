"""What goes wrong is one sentence and an exit code; nothing that goes wrong is a stack trace."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from yingda.launcher.ports import free_port

Run = Callable[..., CompletedProcess[str]]


def sentence(done: CompletedProcess[str], code: int) -> str:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("✗ ")
    return lines[0]


def test_a_start_without_secrets_names_each_and_the_demo(cli: Run) -> None:
    told = sentence(cli("up"), 2)
    assert "YINGDA_INTERNAL_TOKEN is not set" in told
    assert "YINGDA_SESSION_KEY is not set" in told
    assert "yingda up --demo" in told


def test_a_setting_out_of_range_is_named(cli: Run) -> None:
    assert "YINGDA_PORT" in sentence(cli("up", "--demo", YINGDA_PORT="99999"), 2)


def test_a_setting_that_is_no_json_is_named(cli: Run) -> None:
    for words in (["up", "--demo"], ["doctor"]):
        told = sentence(cli(*words, YINGDA_ALLOWED_ORIGINS="https://www.example.com"), 2)
        assert "YINGDA_ALLOWED_ORIGINS" in told


def test_a_taken_port_is_named_with_the_setting(cli: Run) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        told = sentence(cli("up", "--demo", "--port", str(port)), 1)
    assert f"Port {port}" in told
    assert "YINGDA_PORT=" in told


def test_a_home_that_cannot_be_written_is_named(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = sentence(cli("up", "--demo", YINGDA_HOME=str(tmp_path / "file" / "home")), 1)
    assert "YINGDA_HOME" in told


def test_a_file_that_is_not_there_is_named(cli: Run) -> None:
    assert "/no/such/file" in sentence(cli("parse", "/no/such/file"), 2)


def test_dialogues_that_are_not_there_are_named(cli: Run) -> None:
    assert "/no/such.yml" in sentence(cli("replay", "/no/such.yml"), 2)


@pytest.mark.parametrize("words", [["--help"], ["up", "--help"], ["shop", "--help"]])
def test_help_is_there_for_everybody(cli: Run, words: list[str]) -> None:
    done = cli(*words)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_rasas_own_commands_pass_through(cli: Run) -> None:
    done = cli("rasa", "data", "--help")
    assert done.returncode == 0
    assert "validate" in done.stdout


def test_the_doctor_looks_at_every_part(cli: Run) -> None:
    done = cli("doctor", "--json")
    findings = {line["part"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert {"engine", "disk", "model", "settings"} <= set(findings)
    assert done.returncode == (0 if all(f["well"] for f in findings.values()) else 1)


def ill(done: CompletedProcess[str]) -> dict[str, str]:
    """What the doctor found wrong, by part."""
    assert done.stdout, done.stderr
    findings = map(json.loads, done.stdout.splitlines())
    return {finding["part"]: finding["what"] for finding in findings if not finding["well"]}


def test_the_doctor_finds_stores_that_do_not_answer(cli: Run) -> None:
    port = free_port()
    found = ill(
        cli(
            *("doctor", "--json"),
            YINGDA_DATABASE_URL=f"postgresql+asyncpg://u:hidden-word@127.0.0.1:{port}/x",
            YINGDA_REDIS_URL=f"redis://127.0.0.1:{port}/0",
        )
    )
    assert "YINGDA_DATABASE_URL" in found["database"]
    assert "YINGDA_REDIS_URL" in found["redis"]
    assert "hidden-word" not in str(found)


def test_the_doctor_names_every_taken_port(cli: Run) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = str(server.getsockname()[1])
        found = ill(cli("doctor", "--json", YINGDA_IVR_PORT=taken, YINGDA_ENGINE_PORT=taken))
    assert "YINGDA_IVR_PORT=" in found["ports"]
    assert "YINGDA_ENGINE_PORT=" in found["ports"]


def test_settings_for_real_customers_that_lack_one_are_not_well(cli: Run) -> None:
    secret = "kZ3v9Qm1xT7bR5nW2cY8dL6fH4jP0sGa"
    given = {
        "YINGDA_INTERNAL_TOKEN": secret,
        "YINGDA_SESSION_KEY": secret[::-1],
        "YINGDA_SHOP": "http",
        "YINGDA_SHOP_URL": "https://backoffice.example.com/v1",
        "YINGDA_SHOP_TOKEN": secret.swapcase(),
    }
    assert "YINGDA_APP_KEYS is not set" in ill(cli("doctor", "--json", **given))["settings"]

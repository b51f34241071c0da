"""``yingda agents`` on the command line, and the demo's agents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.desk.accounts import DEMO_AGENTS, Passwords, seed_demo_agents
from bot.records.tables import agents
from tests.bot.desk.bench import CHEAP, PASSWORD, Bench


def yingda(home: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "yingda", "agents", *words],
        input=said,
        capture_output=True,
        text=True,
        env={**os.environ, "YINGDA_HOME": str(home)},
        timeout=120,
    )


def test_agents_are_added_listed_given_a_password_and_deactivated(tmp_path: Path) -> None:
    added = yingda(tmp_path, "add", "wang", "--name", "王丽", "--role", "supervisor", said=PASSWORD)
    assert added.returncode == 0 and PASSWORD not in added.stdout
    assert yingda(tmp_path, "passwd", "wang", said="noch-ein-Wort-9\n").returncode == 0
    assert yingda(tmp_path, "deactivate", "wang").returncode == 0
    (listed,) = yingda(tmp_path, "list", "--json").stdout.splitlines()
    row = json.loads(listed)
    assert (row["login"], row["role"], row["active"]) == ("wang", "supervisor", False)
    for words, text in (
        (("add", "wang", "--name", "王丽"), "已经有人用了"),
        (("add", "x y", "--name", "王丽"), "账号名"),
        (("add", "zhao", "--name", "赵", "--role", "king"), "no role"),
        (("passwd", "nobody"), "no agent"),
    ):
        refused = yingda(tmp_path, *words, said=PASSWORD)
        assert refused.returncode != 0 and text in refused.stderr
        assert "Traceback" not in refused.stderr
    weak = yingda(tmp_path, "passwd", "wang", said="short")
    assert weak.returncode != 0 and "密码" in weak.stderr


async def test_the_demos_agents_are_made_once_and_keep_what_was_changed(bench: Bench) -> None:
    passwords = Passwords(CHEAP)
    for _ in range(2):
        await seed_demo_agents(bench.desk.people, passwords, PASSWORD)
        rows = {row["login"]: row for row in await bench.rows(agents)}
        assert set(rows) == {agent.login for agent in DEMO_AGENTS}
        await bench.desk.people.change(str(rows["li"]["id"]), {"capacity": 2})
    assert rows["li"]["capacity"] == 2
    answer = await bench.client().post("/login", json={"login": "zhou", "password": PASSWORD})
    assert answer.json()["agent"]["name"] == "小周"
    passwords.close()

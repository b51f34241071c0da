"""``yingda shop``: serve, seed, show, contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
from typer.testing import CliRunner

from actions.shop import DemoShop, HttpShop, personas
from yingda.cli.shop import app

ROOT = Path(__file__).resolve().parents[3]
run = CliRunner()


def test_show_lists_who_to_log_in_as_and_their_orders(demo: DemoShop, tmp_path: Path) -> None:
    file = str(tmp_path / "shop.db")
    told = json.loads(run.invoke(app, ["show", "--file", file, "--json"]).stdout)
    people = {person["key"]: person for person in told["personas"]}
    assert told["as_of"] == "2026-11-20"
    assert people["lin"]["id"] == "C000001"
    number = people["lin"]["orders"]["in_transit"]["number"]
    assert number == personas(demo)["lin.in_transit.number"]
    for_people = run.invoke(app, ["show", "--file", file]).stdout
    assert "林晓雨" in for_people and number in for_people and "寄给别人" in for_people
    gift = people["silver"]["orders"]["gift"]
    assert gift["tail"] == people["silver"]["tail"] and "4321" not in for_people


def test_seed_makes_a_shop_as_of_now(tmp_path: Path) -> None:
    result = run.invoke(app, ["seed", "--file", str(tmp_path / "new" / "shop.db")])
    assert result.exit_code == 0 and "filled as of" in result.stdout


def test_contract_prints_the_committed_contract() -> None:
    committed = (ROOT / "docs" / "shop-api.yaml").read_text("utf-8")
    assert run.invoke(app, ["contract"]).stdout == committed


async def test_serve_prints_where_it_is_and_a_token_that_opens_it(
    demo: DemoShop, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "typer", "yingda.cli.shop", "run", "serve"]
    options = ["--port", "0", "--file", str(tmp_path / "served.db")]
    process = subprocess.Popen(  # noqa: ASYNC220 - starting it is quick
        [*command, *options],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "YINGDA_SHOP_TOKEN"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = {}
        while "token" not in told:
            line = process.stdout.readline()
            assert line, "yingda shop serve ended"
            key, _, value = line.strip().partition("  ")
            told[key.strip()] = value.strip()
        url = told["to use it"].rpartition("YINGDA_SHOP_URL=")[2]
        shop = HttpShop(url, told["token"], timeout_s=20)
        assert len(await shop.tiers()) == 4
        await shop.close()
        async with httpx.AsyncClient(trust_env=False) as stranger:
            assert (await stranger.get(f"{url}/v1/tiers")).status_code == 401
    finally:
        process.terminate()
        process.wait(20)

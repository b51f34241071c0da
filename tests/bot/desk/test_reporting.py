"""The desk's figures: those of the terminal, for supervisors, down to masked words."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection
from typer.testing import CliRunner

from bot.desk import Role
from bot.records.tables import audit
from tests.bot.desk.bench import Bench
from tests.bot.reports.history import PEOPLE, done, turn, visit, visitor
from yingda.cli.app import app

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
RANGE = {"from": "2026-11-01", "to": "2026-11-15"}
TERMINAL = ["report", "--from", RANGE["from"], "--to", RANGE["to"]]


def a_history(tx: Connection) -> None:
    for number in range(12):
        talk = (
            (done("query_order", waited_ms=90),),
            (turn("complaint"), *PEOPLE),
            (turn("nlu_fallback"),),
        )[number % 3]
        channel = ("app_chat", "wechat")[number % 2]
        who = visitor(tx, channel, f"v{number}", START)
        visit(tx, who, START + timedelta(hours=number), talk, words=f"能刻字吗{number % 3}")


async def terminal(bench: Bench, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    monkeypatch.setenv("YINGDA_DATABASE_URL", bench.database.url)
    done_ = await asyncio.to_thread(CliRunner().invoke, app, [*TERMINAL, *options])
    assert done_.exit_code == 0, done_.output
    return done_.stdout


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name != "made_at"}


async def test_terminal_and_api_never_disagree(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.database.write(a_history)
    bench.clock.advance(days=40)
    lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
    shown = (await lead.get("/reports", params=RANGE)).json()
    assert shown["automation"]["n"] == 12
    assert shown["automation"]["k"] == 4
    printed = json.loads(await terminal(bench, monkeypatch, "--json"))
    # The terminal's clock is today's: what hangs on it is whether a figure is final.
    assert timeless(printed) == timeless(shown)

    table = await lead.get("/reports.csv", params=RANGE)
    assert table.headers["content-disposition"].startswith("attachment")
    assert table.text == await terminal(bench, monkeypatch, "--csv")
    rows = {row["figure"]: row for row in csv.DictReader(io.StringIO(table.text))}
    assert float(rows["automation"]["value"]) == shown["automation"]["rate"]

    readable = await terminal(bench, monkeypatch)
    assert "自动化率" in readable
    assert "33.3%" in readable
    assert "客户要求人工" in readable


async def test_figures_lead_down_to_masked_words_and_reading_them_is_written_down(
    bench: Bench,
) -> None:
    await bench.database.write(a_history)
    await bench.desk.reports.catch_up()
    lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
    cell = RANGE | {"channel": "wechat", "outcome": "handed_off"}
    page = (await lead.get("/reports/episodes", params=cell)).json()
    assert len(page["items"]) == 2
    episode = page["items"][0]["id"]
    words = await lead.get(f"/reports/episodes/{episode}")
    assert words.json()["messages"][0]["text"] == "能刻字吗1"
    (noted,) = [row for row in await bench.rows(audit) if row["action"] == "report_read"]
    assert noted["subject"] == f"episode:{episode}"


async def test_a_group_is_labelled_with_one_call_and_exported(bench: Bench) -> None:
    await bench.database.write(a_history)
    lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
    (gap,) = (await lead.get("/reports/gaps", params=RANGE)).json()["items"]
    assert gap["count"] == 4
    wrong = await lead.post("/reports/gaps/label", json={"keys": gap["keys"], "label": "nothing"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_input")
    body = {"keys": gap["keys"], "label": "product_question"}
    assert (await lead.post("/reports/gaps/label", json=body)).json() == {"labelled": 1}
    exported = await lead.get("/reports/gaps/export")
    assert yaml.safe_load(exported.text)["nlu"][0]["intent"] == "product_question"


async def test_a_range_that_is_none_is_refused_in_words(bench: Bench) -> None:
    lead = await bench.as_(await bench.agent(Role.SUPERVISOR))
    for since, until in (("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-11-01")):
        answer = await lead.get("/reports", params={"from": since, "to": until})
        assert answer.status_code in (400, 422)
        assert "日期" in answer.json()["error"]["message"]

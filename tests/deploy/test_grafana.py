"""The Grafana board asks for metrics that the service has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.operations.report_metrics import RATES, TIMES
from tests.bot.desk.web.reported import shop_with_a_past

BOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "yingda.json"
SAMPLES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
    "summary": ("_sum", "_count"),
}


def board() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(BOARD.read_text("utf-8"))
    return content


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> list[Metric]:
    """Every family of metrics that a running service shows at ``/metrics``."""
    with shop_with_a_past(tmp_path_factory.mktemp("metrics")) as service:
        answer = httpx.get(f"{service.url}/metrics", trust_env=False, timeout=60)
    assert answer.status_code == 200
    return list(text_string_to_metric_families(answer.text))


def asked(node: Any) -> Iterator[str]:
    """Every query of the board, also those that fill its selects."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("expr", "definition") and isinstance(value, str):
                yield value
            yield from asked(value)
    elif isinstance(node, list):
        for value in node:
            yield from asked(value)


def test_every_metric_on_the_board_is_one_of_the_service(metrics: list[Metric]) -> None:
    known = {family.name + ending for family in metrics for ending in SAMPLES[family.type]}
    named = {name for query in asked(board()) for name in re.findall(r"yingda_\w+", query)}
    assert named
    assert named <= known, sorted(named - known)


def test_every_kind_of_metric_is_on_the_board(metrics: list[Metric]) -> None:
    named = " ".join(asked(board()))
    shown = [family.name for family in metrics if not family.name.endswith("_created")]
    missing = [name for name in shown if name not in named]
    assert missing == []


def test_every_query_is_complete() -> None:
    for query in asked(board()):
        for opening, closing in ("()", "{}", "[]"):
            assert query.count(opening) == query.count(closing), query


def test_no_two_panels_share_a_place_or_an_id() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


@pytest.mark.parametrize("kind", ["datasource", "channel"])
def test_the_board_lets_one_choose(kind: str) -> None:
    assert kind in {variable["name"] for variable in board()["templating"]["list"]}


def test_every_figure_on_the_board_is_one_of_the_reports() -> None:
    shown = {*RATES, *TIMES, "audit_precision", "csat_satisfied"}
    named = {name for query in asked(board()) for name in re.findall(r'figure="(\w+)"', query)}
    assert named
    assert named <= shown, sorted(named - shown)


def test_labels_that_queries_choose_by_are_in_what_is_shown(metrics: list[Metric]) -> None:
    shown = {sample.name: set(sample.labels) for family in metrics for sample in family.samples}
    for query in asked(board()):
        for name, chosen in re.findall(r"(yingda_report_\w+)\{([^}]*)\}", query):
            labels = set(re.findall(r"(\w+)\s*[=!]~?", chosen))
            assert labels <= shown[name], (name, labels)

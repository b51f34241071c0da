"""The internal routes and the operations routes of the running service."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.conftest import Service


@pytest.mark.parametrize("path", ["/internal/turn", "/internal/parse", "/internal/actions/webhook"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}])
def test_internal_routes_ask_for_the_token(
    service: Service, path: str, header: dict[str, str]
) -> None:
    headers = {name: value.encode() for name, value in header.items()}
    answer = httpx.post(f"{service.url}{path}", json={}, headers=headers)
    assert answer.status_code == 401


def test_a_turn_tells_everything_about_itself(service: Service) -> None:
    answer = httpx.post(
        f"{service.url}/internal/turn",
        headers=service.internal_headers,
        json={
            "channel": "app_chat",
            "external_id": f"test-{uuid.uuid4().hex}",
            "text": "你们上海有门店吗",
            "dedup_key": uuid.uuid4().hex,
        },
        timeout=30,
    )
    turn = answer.json()
    assert answer.status_code == 200
    assert turn["intent"] == "store_info"
    assert turn["owner"] == "bot"
    assert turn["handoff"] is None
    assert "上海" in turn["replies"][0]["text"]
    assert turn["actions"]
    assert turn["errors"] == []
    assert turn["emotion"]["label"] in ("positive", "neutral", "negative")


def test_parsing_understands_without_answering(service: Service) -> None:
    answer = httpx.post(
        f"{service.url}/internal/parse",
        headers=service.internal_headers,
        json={"texts": ["我还有多少积分", "转人工"]},
        timeout=30,
    )
    assert [result["intent"] for result in answer.json()["results"]] == [
        "query_points",
        "ask_human",
    ]


def test_health_tells_the_state_of_each_part(service: Service) -> None:
    health = httpx.get(f"{service.url}/health", timeout=30).json()
    assert health["status"] == "ok"
    assert health["demo"] is True
    assert health["engine"]["status"] == "ok"
    assert health["database"] == {"status": "ok", "kind": "sqlite"}
    assert health["redis"] == {"status": "off"}


def test_metrics_count_turns(service: Service) -> None:
    test_a_turn_tells_everything_about_itself(service)
    metrics = httpx.get(f"{service.url}/metrics").text
    assert 'yingda_turns_total{channel="app_chat",intent="store_info"}' in metrics
    assert "yingda_turn_seconds_bucket" in metrics

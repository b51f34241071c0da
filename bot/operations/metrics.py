"""Prometheus metrics of turns."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)

from bot.turn import TurnObserver, TurnResult


class Metrics(TurnObserver):
    """Counts turns by channel and intent, times them, counts errors and handoff requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter(
            "yingda_turns", "Answered messages", ["channel", "intent"], registry=self.registry
        )
        self._errors = Counter(
            "yingda_turn_errors",
            "Turns with an error",
            ["channel", "where"],
            registry=self.registry,
        )
        self._handoffs = Counter(
            "yingda_handoff_requests",
            "Requests for a person",
            ["channel", "reason"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "yingda_turn_seconds",
            "From a worker taking a message up to its answer being committed",
            ["channel"],
            buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
            registry=self.registry,
        )

    def turn(self, channel: str, result: TurnResult, latency_s: float) -> None:
        """Count a committed turn."""
        self._turns.labels(channel, result.intent or "none").inc()
        self._seconds.labels(channel).observe(latency_s)
        for error in result.errors:
            self._errors.labels(channel, str(error.get("where", "unknown"))).inc()
        if result.handoff is not None:
            self._handoffs.labels(channel, result.handoff).inc()


def build_metrics_router(metrics: Metrics) -> APIRouter:
    """``GET /metrics`` in Prometheus' text format."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics")
    async def show() -> Response:
        """All metrics."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router

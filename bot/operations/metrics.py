"""Prometheus metrics of turns and of the queue."""

from __future__ import annotations

import contextlib

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from bot.errors import DeskBusy
from bot.handoff import Figures, HandoffDesk, HandoffObserver
from bot.operations.report_metrics import ReportMetrics
from bot.turn import TurnObserver, TurnResult


class Metrics(TurnObserver, HandoffObserver):
    """Counts turns by channel and intent, times them, counts errors and handoffs, and waits."""

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
            "yingda_handoffs",
            "Handoffs opened",
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

        self._waits = Histogram(
            "yingda_queue_wait_seconds",
            "From a handoff being opened up to an agent being given it",
            buckets=(1, 2, 5, 10, 30, 60, 120, 300, 600, 1800),
            registry=self.registry,
        )
        gauges = {
            "waiting": "Conversations in the queue",
            "longest_wait_s": "Age of the oldest of them in seconds",
            "assigned": "Conversations in agents' hands",
            "on_duty": "Agents who can be given work",
        }
        names = {"longest_wait_s": "yingda_queue_longest_wait_seconds"}
        self._queue = {
            name: Gauge(names.get(name, f"yingda_queue_{name}"), text, registry=self.registry)
            for name, text in gauges.items()
        }

    def assigned(self, wait_s: float) -> None:
        """Count how long a customer waited."""
        self._waits.observe(wait_s)

    def queue(self, figures: Figures) -> None:
        """Show how the queue stands."""
        for name, gauge in self._queue.items():
            gauge.set(getattr(figures, name))

    def turn(self, channel: str, result: TurnResult, latency_s: float) -> None:
        """Count a committed turn."""
        self._turns.labels(channel, result.intent or "none").inc()
        self._seconds.labels(channel).observe(latency_s)
        for error in result.errors:
            self._errors.labels(channel, str(error.get("where", "unknown"))).inc()
        if result.handoff is not None:
            self._handoffs.labels(channel, result.handoff).inc()


def build_metrics_router(
    metrics: Metrics, desk: HandoffDesk, figures: ReportMetrics | None = None
) -> APIRouter:
    """``GET /metrics`` in Prometheus' text format; the queue is looked at for each answer."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics")
    async def show() -> Response:
        """All metrics."""
        with contextlib.suppress(DeskBusy):  # then the queue's figures are the last known
            metrics.queue(await desk.figures())
        if figures is not None:
            await figures.refresh()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router

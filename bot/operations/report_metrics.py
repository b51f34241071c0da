"""The figures of the last 30 days as Prometheus gauges: those of ``yingda report``."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge

from bot.clock import BUSINESS_ZONE, Clock
from bot.records import DatabaseUnavailable
from bot.reports import Rate, Report, ReportFilter, Reports

DAYS = 30
FRESH = timedelta(seconds=60)
"""A report is made anew for a scrape no more often than this."""

RATES = (
    "automation", "automation_24h", "automation_7d", "containment", "handoff", "abandonment",
    "bot_errors", "repeats_24h", "repeats_72h", "repeats_7d", "first_contact_resolution",
    "continuity", "sla_kept", "repetitive",
)  # fmt: skip
TIMES = ("response_first", "response_online", "response_hotline", "response_each", "queue_wait")


class ReportMetrics:
    """Gauges named ``yingda_report_…``.

    Args:
        registry: where they are shown.
        reports: where they come from.
        clock: current time.
    """

    def __init__(self, registry: CollectorRegistry, reports: Reports, clock: Clock) -> None:
        self._reports = reports
        self._clock = clock
        self._made_at: datetime | None = None

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            about = f"{text}, last {DAYS} days"
            return Gauge(f"yingda_report_{name}", about, labels, registry=registry)

        self._rate = gauge("rate", "Shares by figure (docs/measuring.md)", "figure", "bound")
        self._of = gauge("rate_count", "Numerator k and denominator n", "figure", "part")
        self._channel = gauge("channel_automation_rate", "Automation rate", "channel")
        self._episodes = gauge("episodes", "Ended episodes", "kind")
        self._outcomes = gauge("outcomes", "Eligible episodes by outcome", "outcome")
        self._reasons = gauge("handoffs", "Handed over, by first reason", "reason")
        self._seconds = gauge("seconds", "Durations", "figure", "quantile")
        self._scores = gauge("csat_scores", "Scores that customers gave", "score")
        self._emotion = gauge("emotion_messages", "Customer messages", "label")
        self._saved = gauge("saved_yuan", "Cost saved")
        self._provisional = gauge("provisional_episodes", "Episodes whose 72 h are not over")

    async def refresh(self) -> None:
        """Make the gauges those of now, if they are older than a minute."""
        now = self._clock()
        if self._made_at is not None and now - self._made_at < FRESH:
            return
        today = now.astimezone(BUSINESS_ZONE).date()
        wanted = ReportFilter(since=today - timedelta(days=DAYS - 1), until=today)
        with contextlib.suppress(DatabaseUnavailable):  # then they are the last known
            self._show(await self._reports.report(wanted))
            self._made_at = now

    def _show(self, report: Report) -> None:
        for name in RATES:
            self._show_rate(name, getattr(report, name))
        self._show_rate("audit_precision", report.audit.precision)
        self._show_rate("csat_satisfied", report.csat.satisfied)
        self._channel.clear()
        for cell in report.channels:
            if cell.rate is not None:
                self._channel.labels(cell.channel).set(cell.rate)
        self._episodes.labels("all").set(report.episodes)
        self._episodes.labels("eligible").set(report.eligible)
        for reason, number in report.excluded.model_dump().items():
            self._episodes.labels(f"excluded_{reason}").set(number)
        for outcome, number in report.outcomes.items():
            self._outcomes.labels(outcome).set(number)
        self._reasons.clear()
        for why in report.handoff_reasons:
            self._reasons.labels(why.reason).set(why.count)
        for name in TIMES:
            times = getattr(report, name)
            for quantile, seconds in (("0.5", times.p50_s), ("0.95", times.p95_s)):
                if seconds is not None:
                    self._seconds.labels(name, quantile).set(seconds)
        for score, number in report.csat.scores.items():
            self._scores.labels(score).set(number)
        for label, number in report.emotion.messages.items():
            self._emotion.labels(label).set(number)
        self._saved.set(report.saving.yuan)
        self._provisional.set(report.provisional_episodes)

    def _show_rate(self, name: str, rate: Rate) -> None:
        self._of.labels(name, "k").set(rate.k)
        self._of.labels(name, "n").set(rate.n)
        for bound, value in (("rate", rate.rate), ("low", rate.low), ("high", rate.high)):
            if value is not None:
                self._rate.labels(name, bound).set(value)

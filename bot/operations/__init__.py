"""How the service is watched: health, metrics, logs without personal data."""

from bot.operations.health import build_health_router
from bot.operations.logs import set_up_logging
from bot.operations.memory import settled_memory
from bot.operations.metrics import Metrics, build_metrics_router
from bot.operations.report_metrics import ReportMetrics

__all__ = [
    "Metrics",
    "ReportMetrics",
    "build_health_router",
    "build_metrics_router",
    "set_up_logging",
    "settled_memory",
]

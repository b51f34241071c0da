"""What was really automated: figures over episodes, with their uncertainty (docs/measuring.md).

`Reports` answers everything; what it answers with are the models here, whose JSON is the same in
the desk, in ``yingda report --json`` and in ``GET /api/desk/reports``.
"""

from bot.reports.assembling import Costs, costs_of
from bot.reports.models import (
    AuditItem,
    AuditSample,
    Cell,
    CellKey,
    EpisodeLine,
    EpisodePage,
    Gap,
    Gaps,
    Level,
    Rate,
    Report,
    ReportFilter,
    Transcript,
)
from bot.reports.rebuilding import Rebuilt
from bot.reports.service import Reports
from bot.reports.table import as_csv

__all__ = [
    "AuditItem",
    "AuditSample",
    "Cell",
    "CellKey",
    "Costs",
    "EpisodeLine",
    "EpisodePage",
    "Gap",
    "Gaps",
    "Level",
    "Rate",
    "Rebuilt",
    "Report",
    "ReportFilter",
    "Reports",
    "Transcript",
    "as_csv",
    "costs_of",
]

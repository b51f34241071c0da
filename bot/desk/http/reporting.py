"""Figures, the episodes behind them, the human audit, and what was not understood."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import ValidationError

from bot.clock import BUSINESS_ZONE
from bot.desk.accounts import Actor
from bot.desk.errors import BadInput
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.http.common import Id
from bot.desk.permissions import Op
from bot.desk.service import Desk
from bot.desk.work import audit
from bot.reports import (
    AuditSample,
    CellKey,
    EpisodePage,
    Gaps,
    Level,
    Report,
    ReportFilter,
    Transcript,
    as_csv,
)

api = router("reports")

Lead = Annotated[Actor, Depends(May(Op.REPORT))]
Day = Annotated[date | None, Query(description="a day in Asia/Shanghai")]
Word = Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_/.-]+$")]

DAYS = 30
"""How far a report goes back if nothing else is asked for."""


def _filter(
    desk: DeskDep,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    channel: Word = None,
    tier: Word = None,
    intent: Word = None,
) -> ReportFilter:
    """The filter that a query names; without days the last thirty.

    Raises:
        BadInput: the days are no range, or too many.
    """
    until = until or desk.clock().astimezone(BUSINESS_ZONE).date()
    since = since or until - timedelta(days=DAYS - 1)
    try:
        return ReportFilter(since=since, until=until, channel=channel, tier=tier, intent=intent)
    except ValidationError:
        raise BadInput("日期范围不对：开始不能晚于结束，最多 400 天。") from None


Filter = Annotated[ReportFilter, Depends(_filter)]


@api.get("/reports", response_model_by_alias=True)
async def report(actor: Lead, desk: DeskDep, wanted: Filter) -> Report:
    """All figures of a time, by day, channel and intent; `yingda report --json` gives the same."""
    return await desk.reports.report(wanted)


@api.get("/reports.csv", response_class=Response)
async def table(actor: Lead, desk: DeskDep, wanted: Filter) -> Response:
    """The same figures as a table."""
    text = as_csv(await desk.reports.report(wanted))
    return _attached(text, "text/csv", f"yingda-{wanted.since}-{wanted.until}.csv")


@api.get("/reports/episodes")
async def episodes(
    actor: Lead,
    desk: DeskDep,
    wanted: Filter,
    outcome: Word = None,
    excluded: Word = None,
    handoff_reason: Word = None,
    handed: bool | None = None,
    worst: Level | None = None,
    csat: Annotated[int | None, Query(ge=1, le=5)] = None,
    repeated: bool | None = None,
    after: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EpisodePage:
    """The episodes behind a figure, newest first."""
    cell = CellKey(
        **wanted.model_dump(),
        outcome=outcome,
        excluded=excluded,
        handoff_reason=handoff_reason,
        handed=handed,
        worst=worst,
        csat=csat,
        repeated=repeated,
    )
    return await desk.reports.episodes_of(cell, after=after, limit=limit)


@api.get("/reports/episodes/{episode}")
async def transcript(episode: Id, actor: Lead, desk: DeskDep) -> Transcript:
    """What was said in an episode, masked; that it was read is written down."""
    found = await desk.reports.transcript(episode)
    await _note(desk, actor, "report_read", f"episode:{episode}")
    return found


@api.get("/reports/audit")
async def drawn(actor: Lead, desk: DeskDep, week: Day = None) -> AuditSample:
    """The episodes drawn for a week's audit (any day of it; default: last week)."""
    today = desk.clock().astimezone(BUSINESS_ZONE).date()
    return await desk.reports.audit_sample(week or today - timedelta(days=7))


@api.post("/reports/audit/{episode}")
async def judge(episode: Id, body: bodies.AuditBody, actor: Lead, desk: DeskDep) -> dict[str, bool]:
    """Whether a drawn episode was really fulfilled."""
    await desk.reports.audit_label(episode, body.label, body.note, actor.id)
    await _note(desk, actor, "report_audit", f"episode:{episode}", {"label": body.label})
    return {"ok": True}


@api.get("/reports/gaps")
async def gaps(actor: Lead, desk: DeskDep, wanted: Filter) -> Gaps:
    """What was not understood, grouped by meaning."""
    return await desk.reports.gaps(wanted.since, wanted.until)


@api.post("/reports/gaps/label")
async def label(body: bodies.GapBody, actor: Lead, desk: DeskDep) -> dict[str, int]:
    """What the texts of a group mean."""
    try:
        done = await desk.reports.label_gap(body.keys, body.label, actor.id)
    except ValueError:
        raise BadInput("没有这个意图，请从列表里选一个。") from None
    await _note(desk, actor, "gap_label", f"intent:{body.label}", {"texts": done})
    return {"labelled": done}


@api.get("/reports/gaps/export", response_class=Response)
async def export(
    actor: Lead, desk: DeskDep, everything: Annotated[bool, Query(alias="all")] = False
) -> Response:
    """Labelled texts as Rasa NLU YAML, ready for review; `yingda train export` writes the same."""
    text = await desk.reports.export(everything=everything)
    await _note(desk, actor, "export", "gaps")
    return _attached(text, "application/yaml", "from-customers.yml")


def _attached(text: str, media_type: str, name: str) -> Response:
    return Response(
        text,
        media_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _note(
    desk: Desk, actor: Actor, action: str, subject: str, data: dict[str, Any] | None = None
) -> None:
    await desk.database.write(
        lambda tx: audit.write(tx, actor, action, subject, desk.clock(), data=data)
    )

"""A report in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from bot.names import EXCLUSIONS, OUTCOMES
from bot.reports import Cell, Rate, Report

MOST = 15
"""Lines of a breakdown; the rest is in --json and --csv."""

_RATES = (
    "automation", "automation_24h", "automation_7d", "repetitive", "containment", "handoff", "abandonment",
    "bot_errors", "repeats_72h", "first_contact_resolution", "continuity", "sla_kept",
)  # fmt: skip
_TIMES = ("response_first", "response_each", "queue_wait")


def tables(report: Report) -> None:
    """Print the figures, then the breakdowns."""
    console = Console(highlight=False)
    named = report.explained
    since, until = report.filter.since, report.filter.until
    limits = [x for x in (report.filter.channel, report.filter.tier, report.filter.intent) if x]
    console.print(f"[bold]{since} — {until}[/]  {' · '.join(limits)}")
    excluded = ", ".join(
        f"{EXCLUSIONS[name]} {n}" for name, n in report.excluded.model_dump().items() if n
    )
    console.print(
        f"{named['episodes'].name} {report.episodes:,}，{named['eligible'].name} "
        f"{report.eligible:,}，不计入 {report.episodes - report.eligible:,}"
        f"{f'（{excluded}）' if excluded else ''}，{named['in_progress'].name} {report.in_progress:,}"
    )
    if report.provisional:
        console.print(
            f"[yellow]* 暂定：{report.provisional_episodes:,} 个会话结束还不到 72 小时，"
            f"可能因重复来访被扣除[/]"
        )
    console.print(_figures(report))
    console.print(_aims(report))
    console.print(_outcomes(report))
    console.print(_breakdown("渠道", report.channels))
    console.print(_breakdown("意图", report.intents))
    console.print(_breakdown("日期", [cell for cell in report.days if cell.episodes][-MOST:]))


def _figures(report: Report) -> Table:
    table = _table("指标", "数值", "95% 区间", "分子/分母")
    for name in _RATES:
        _add_rate(table, report.explained[name].name, getattr(report, name))
    _add_rate(table, report.explained["audit"].name, report.audit.precision)
    _add_rate(table, report.explained["csat"].name, report.csat.satisfied)
    for name in _TIMES:
        times = getattr(report, name)
        value = f"{_seconds(times.p50_s)} / {_seconds(times.p95_s)}"
        table.add_row(report.explained[name].name, value, "p50 / p95", f"{times.n:,}")
    if report.emotion.negative is not None:
        said = sum(report.emotion.messages.values())
        negative = report.emotion.messages["negative"]
        table.add_row(
            "负面情绪消息", f"{report.emotion.negative:.1%}", "", f"{negative:,}/{said:,}"
        )
    inputs = "，".join(f"{name} {value:g}" for name, value in report.saving.inputs.items())
    table.add_row(report.explained["saving"].name, f"{report.saving.yuan:,.2f} 元", "", "")
    table.caption = f"节省 = {report.saving.formula}\n{inputs}"
    return table


def _aims(report: Report) -> Table:
    table = _table("目标", "要求", "现在", "达成")
    for aim in report.aims:
        least = aim.unit == "share"
        wanted = f"≥ {aim.aim:.0%}" if least else f"95% ≤ {aim.aim:g} s"
        reached = _percent(aim.value) if least else _seconds(aim.value)
        if aim.n is None:
            reached = "不计算"
        kept = {True: "[green]达成[/]", False: "[red]未达成[/]", None: "—"}[aim.kept]
        table.add_row(aim.name, wanted, reached, kept)
    return table


def _outcomes(report: Report) -> Table:
    table = _table("结果", "会话", "占比", "")
    for outcome, n in report.outcomes.items():
        table.add_row(OUTCOMES[outcome], f"{n:,}", _share(n, report.eligible), "")
    for reason in report.handoff_reasons:
        table.add_row(f"  转人工：{reason.name}", f"{reason.count:,}", f"{reason.share:.1%}", "")
    return table


def _breakdown(title: str, cells: Iterable[Cell]) -> Table:
    table = _table(title, "自动化率", "95% 区间", "有效会话")
    for cell in list(cells)[:MOST]:
        style = "dim" if cell.greyed else ""
        table.add_row(
            cell.name,
            _percent(cell.rate) + ("*" if cell.provisional else ""),
            _interval(cell.low, cell.high),
            f"{cell.n:,}" + ("（少于 30，仅供参考）" if cell.greyed and cell.n else ""),
            style=style,
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    for number, name in enumerate(names):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
    return table


def _add_rate(table: Table, name: str, rate: Rate) -> None:
    table.add_row(
        name,
        _percent(rate.rate) + ("*" if rate.provisional else ""),
        _interval(rate.low, rate.high),
        f"{rate.k:,}/{rate.n:,}",
        style="dim" if rate.greyed else "",
    )


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _share(n: int, of: int) -> str:
    return f"{n / of:.1%}" if of else "—"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.1%} – {high:.1%}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

"""``yingda report``: its options; what it does is in `yingda.cli.reporting`, loaded when called."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(help="What was really automated (docs/measuring.md).")


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day; default 30 days back."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included; default today."),
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    tier: Annotated[str | None, typer.Option(help="Only this tier; none for strangers.")] = None,
    intent: Annotated[str | None, typer.Option(help="Only this main intent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    as_table: Annotated[bool, typer.Option("--csv", help="CSV for spreadsheets.")] = False,
) -> None:
    """Print all figures of a time."""
    if context.invoked_subcommand is not None:
        return
    from yingda.cli.reporting import show

    days = (since.date() if since else None, until.date() if until else None)
    show(*days, channel, tier, intent, as_json=as_json, as_table=as_table)


@app.command("rebuild")
def rebuild() -> None:
    """Derive the whole history anew from the event log; the figures stay what they are."""
    from yingda.cli.reporting import rebuild as run_rebuild

    run_rebuild()

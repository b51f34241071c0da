"""``yingda report causes``: its options; what it does is in `yingda.cli.weekly`, loaded when called."""

from __future__ import annotations

from typing import Annotated

import typer


def causes(
    week: Annotated[
        str | None, typer.Option(help="ISO week like 2026-W47; default: the last whole week.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    as_table: Annotated[bool, typer.Option("--csv", help="CSV for spreadsheets.")] = False,
) -> None:
    """What upset customers in a week: the top three causes, their share and trend."""
    from yingda.cli.weekly import show

    show(week, as_json=as_json, as_table=as_table)

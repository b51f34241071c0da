"""``yingda wechat``: the official account from the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="微信公众号 the WeChat official account.")

SIMULATED_PORT = 8020


class Mode(StrEnum):
    """消息加解密方式, as in the admin console."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@app.callback()
def _group() -> None:
    """微信公众号 the WeChat official account."""


@app.command()
def simulate(
    mode: Annotated[
        Mode | None, typer.Option(help="Encryption; default as set, else safe.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="A running service, e.g. http://127.0.0.1:8000; default a temporary one."
        ),
    ] = None,
    openid: Annotated[
        str | None, typer.Option(help="Be this user; default a new one each time.")
    ] = None,
    account: Annotated[str, typer.Option(help="Name of the account, as in /wechat/NAME.")] = (
        "default"
    ),
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the simulated platform, with --url.")
    ] = SIMULATED_PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON for machines, one line for each line in.")
    ] = False,
) -> None:
    """Chat as a WeChat user, through a simulated WeChat platform, encryption included."""
    from yingda.cli.simulate import run

    run(
        mode=mode.value if mode else None,
        url=url,
        openid=openid,
        account=account,
        port=port,
        as_json=as_json,
    )


menu_app = typer.Typer(no_args_is_help=True, help="The menu under the chat.")
app.add_typer(menu_app, name="menu")


@menu_app.command()
def publish(
    account: Annotated[
        str, typer.Option(help="Name of the account, as in /wechat/NAME.")
    ] = "default",
) -> None:
    """Send channels/wechat/menu.yml to WeChat; customers see it within 24 hours, or on re-entry."""
    from yingda.cli.menu import publish as run

    run(account)

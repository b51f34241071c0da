"""``yingda shop``: the demo shop as a REST back office, its data, its people, its contract."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from actions.shop import DemoShop, ShopUnavailable, open_demo_shop
from actions.shop.models import OrderState
from yingda.launcher import LaunchError, configure

app = typer.Typer(no_args_is_help=True, help="The demo shop 禾沐生活 and the back-office contract.")

TOKEN_VARIABLE = "YINGDA_SHOP_TOKEN"  # noqa: S105 - a name, not a secret
_STATES = {
    OrderState.UNPAID: "待付款",
    OrderState.PAID: "待发货",
    OrderState.PACKED: "已打包",
    OrderState.IN_TRANSIT: "运输中",
    OrderState.SIGNED: "已签收",
    OrderState.RETURNED: "已退货",
    OrderState.REFUNDING: "退款中",
    OrderState.REFUNDED: "已退款",
    OrderState.CANCELLED: "已取消",
}

File = Annotated[
    Path | None, typer.Option("--file", help="SQLite file; default shop.db in YINGDA_HOME.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8010,
    file: File = None,
) -> None:
    """Serve the demo shop under docs/shop-api.yaml; the token is YINGDA_SHOP_TOKEN or printed."""
    import uvicorn

    from actions.shop.server import create_shop_app

    token = os.environ.get(TOKEN_VARIABLE, "")
    generated = not token
    if generated:
        token = secrets.token_urlsafe(32)
    shop = _open(file)
    config = uvicorn.Config(
        # No access log: addresses contain customer ids and order numbers.
        create_shop_app(shop, token),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
    )
    try:
        listener = config.bind_socket()
    except SystemExit:  # how uvicorn says that the address is taken
        raise LaunchError(
            f"Port {port} of {host} cannot be used; choose another with --port."
        ) from None
    bound = listener.getsockname()[1]
    print(f"demo shop  http://{host}:{bound}/v1   contract: http://{host}:{bound}/docs")
    print("to use it  YINGDA_SHOP=http " + f"YINGDA_SHOP_URL=http://{host}:{bound}")
    print(f"token      {token if generated else 'as in ' + TOKEN_VARIABLE}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


@app.command()
def seed(file: File = None) -> None:
    """Fill the demo shop anew as of now; what customers changed in it is lost."""
    shop = _open(file)
    shop.refill()
    print(
        f"filled as of {shop.filled_on}: {len(shop.data.personas)} named customers, see `yingda shop show`"
    )
    _close(shop)


@app.command()
def show(file: File = None, as_json: AsJson = False) -> None:
    """The demo customers to log in as, and their orders' numbers of today."""
    shop = _open(file, reseed=False)
    people = _people(shop)
    if as_json:
        print(
            json.dumps(
                {"as_of": shop.filled_on.isoformat(), "personas": people}, ensure_ascii=False
            )
        )
    else:
        _print_people(people)
    _close(shop)


@app.command()
def contract() -> None:
    """Print the back office's contract (docs/shop-api.yaml)."""
    from actions.shop.contract import contract_text

    print(contract_text(), end="")


def _open(file: Path | None, *, reseed: bool = True) -> DemoShop:
    path = file or configure.home().path / "shop.db"
    try:
        return open_demo_shop(path, reseed=reseed)
    except ShopUnavailable:
        raise LaunchError(
            f"The demo shop's file {path} cannot be opened or written; choose another with --file."
        ) from None


def _close(shop: DemoShop) -> None:
    asyncio.run(shop.close())


def _people(shop: DemoShop) -> list[dict[str, Any]]:
    orders = shop.named_orders()
    return [
        {
            "key": persona.key,
            "id": persona.id,
            "name": persona.name,
            "phone": persona.phone,
            "tail": persona.phone[-4:],
            "tier": shop.data.tier_of(persona.growth).name,
            "about": persona.about,
            "orders": {
                name: {
                    "number": order.number,
                    "state": order.state.value,
                    "product": order.lines[0].title,
                    "tail": persona.phone[-4:],
                    "for_another": order.ship_to.phone != persona.phone,
                }
                for (key, name), order in orders.items()
                if key == persona.key
            },
        }
        for persona in shop.data.personas
    ]


def _print_people(people: list[dict[str, Any]]) -> None:
    for person in people:
        print(
            f"{person['id']}  {person['key']:<10} {person['name']} {person['tier']}  {person['phone']}"
        )
        print(f"         {person['about']}")
        for name, order in person["orders"].items():
            state = _STATES[OrderState(order["state"])]
            print(f"         {order['number']}  {state}  {name:<20} {order['product']}")
            if order["for_another"]:
                print(f"         {'':<12}  （寄给别人；核对仍用下单手机尾号 {order['tail']}）")
        print()

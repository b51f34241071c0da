"""A shop with a past: five weeks of contacts, written without the engine, and their reports' page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import Locator, Page, expect
from sqlalchemy import Connection

from bot.clock import utc_now
from bot.records import Database
from bot.settings import load_settings
from tests.bot.desk.web.desks import PASSWORD, DeskPage, Person
from tests.bot.reports.history import PEOPLE, becomes, done, turn, visit, visitor
from tests.conftest import Service
from tests.support.components import free_port
from tests.support.servers import LiveApp

SHOP_TIME = ZoneInfo("Asia/Shanghai")
DAYS = 35
PHONE_NUMBER = "13812345678"
NAMELESS = "收货人是张伟，电话 13812345678，住上海市静安区南京西路100号"

_UNHAPPY = {"label": "negative", "level": "medium"}
_CALM = {"label": "neutral", "level": "none"}
_TALKS = (
    (8, NAMELESS, (done("query_logistics", waited_ms=310, emotion=_CALM),)),
    (6, "我的订单到哪了", (done("query_order", waited_ms=280), turn("thanks", waited_ms=120))),
    (4, "七天无理由怎么退", (done("return_policy", waited_ms=250), ("csat_asked", {}), ("csat_given", {"score": 5}))),
    (3, "你们太慢了，我要投诉", (turn("complaint", waited_ms=400, emotion=_UNHAPPY), *PEOPLE)),
    (2, "找人工", (*PEOPLE, ("csat_asked", {}), ("csat_given", {"score": 2}))),
    (2, "退款怎么还没到", (turn("query_refund", waited_ms=500),)),
    (1, "这个面料起球吗", (turn("nlu_fallback", ranking=[{"name": "product_question"}]),)),
    (1, "开公司抬头的发票行吗", (turn("nlu_fallback", ranking=[{"name": "invoice"}]),)),
    (1, "在吗", (turn("greet"),)),
    (1, "我的积分有多少", (turn("query_points", errors=[{"where": "service"}]),)),
)  # fmt: skip


def today() -> date:
    """The shop's day."""
    return datetime.now(SHOP_TIME).date()


def live_through(tx: Connection, now: datetime) -> None:
    """Five weeks of visits; the seed makes them the same for every run on one day."""
    dice = Random(8)
    weights = [weight for weight, _words, _talk in _TALKS]
    for back in range(DAYS, -1, -1):
        morning = datetime.combine(today() - timedelta(days=back), time(0, 10), SHOP_TIME)
        for number in range(dice.randint(7, 12)):
            at = morning + timedelta(minutes=50 * number)
            if at + timedelta(hours=1) > now:
                break
            channel = dice.choice(("app_chat", "app_chat", "wechat", "phone"))
            who = visitor(tx, channel, f"v{dice.randint(1, 120)}", at)
            _weight, words, talk = dice.choices(_TALKS, weights)[0]
            tier = dice.choice((None, "regular", "gold"))
            told = [
                (kind, data | {"tier": tier}) if kind == "turn" else (kind, data)
                for kind, data in talk
            ]
            visit(tx, who, at.astimezone(UTC), told, words=words)  # fmt: skip
    becomes(tx, visitor(tx, "app_chat", "v1", now), "C1001", now)


@contextmanager
def shop_with_a_past(home: Path) -> Iterator[Service]:
    """A service of its own, without an engine: nobody talks to it, people look back."""
    settings = load_settings(_env_file=None, demo=True, home=home, port=free_port())
    asyncio.run(_write_history(settings.database))

    from yingda.app import create_app

    app = LiveApp(lambda: create_app(settings, utc_now), settings.port)
    app.start()
    yield Service(app.url, settings)
    app.stop()


async def _write_history(url: str) -> None:
    database = Database(url)
    await database.migrate()
    now = utc_now()
    await database.write(lambda tx: live_through(tx, now))
    await database.close()


class Desk:
    """The same answers as the page gets, for comparison."""

    def __init__(self, service: Service, person: Person) -> None:
        self._http = httpx.Client(base_url=f"{service.url}/api/desk", trust_env=False, timeout=30)
        answer = self._http.post(
            "/login", json={"login": person.login, "password": PASSWORD, "token": True}
        )
        self._http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def get(self, path: str, **query: Any) -> httpx.Response:
        """One request."""
        return self._http.get(path, params=query)

    def json(self, path: str, **query: Any) -> dict[str, Any]:
        """One request that must succeed."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


class ReportPage:
    """The reports on somebody's desk."""

    def __init__(self, desk: DeskPage, service: Service) -> None:
        self.desk = desk
        self.page: Page = desk.page
        self._address = f"{service.url}/desk#/reports"

    async def show(self, tab: str = "overview", **query: str) -> None:
        """Open a tab by its address and wait until it has loaded."""
        text = "&".join(f"{name}={value}" for name, value in query.items())
        await self.page.goto(f"{self._address}/{tab}?{text}")
        await self.loaded()

    async def loaded(self) -> None:
        """Wait for what is being fetched."""
        await expect(self.page.locator(".rp-body, .review, .rp-empty").first).to_be_visible()
        await expect(self.page.locator(".loading:visible")).to_have_count(0)

    def figure(self, name: str) -> Locator:
        """A figure by the name that it has in the report."""
        return self.page.locator(f'[data-figure="{name}"]')

    async def number(self, name: str) -> str:
        """What stands there."""
        return await self.figure(name).inner_text()

    async def drawn(self, panel: str) -> dict[str, list[Any]]:
        """What the chart of a panel draws: series to values, and ``labels``."""
        canvas = self.page.get_by_role("region", name=panel, exact=True).locator("canvas")
        found = await canvas.evaluate(
            """(canvas) => {
              const { data } = globalThis.Chart.getChart(canvas);
              return JSON.stringify({ labels: data.labels, ...Object.fromEntries(data.datasets.map((one) => [one.id ?? one.label ?? "value", one.data])) });
            }"""
        )
        drawn: dict[str, list[Any]] = json.loads(found)
        return drawn


def percent(share: float | None, digits: int = 1) -> str:
    """A share as the page writes it."""
    return "—" if share is None else f"{js_fixed(share * 100, digits)}%"


def js_fixed(value: float, digits: int) -> str:
    """``Number.toFixed``: the decimal expansion of the double, halves away from zero."""
    from decimal import ROUND_HALF_UP, Decimal

    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def count(value: int) -> str:
    """A number as the page writes it."""
    return f"{value:,}"

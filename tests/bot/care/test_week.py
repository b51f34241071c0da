"""A week of upset customers on two replicas, with a restart in the middle: everything happens once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from actions.shop.models import ReturnRequest, ReturnState
from bot.care import Action
from bot.records.tables import care_timers, coupon_grants
from tests.bot.care.conftest import MONDAY, House

LIGHT, STILL = "快递怎么还没到啊", "怎么还是没到"
MEDIUM, LATE_PARCEL = "这锅太差了，用两次就掉漆", "等了十天快递还没到，太过分了"
SEVERE = "骗子平台，退款半个月没到账，我要去12315"
GLAD, ASKS = "好的谢谢，解决了", "我的快递到哪了"
VOUCHER = "领取补偿券"

Job = Callable[["Week", str], Awaitable[None]]


class Week:
    """Plays what customers and agents do at their times, and lets every timer come in between."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.plan: list[tuple[datetime, str, Job]] = []
        self.wanted: dict[str, Counter[str]] = {}

    def customer(self, who: str, begins: datetime, wanted: str, *script: tuple[float, Job]) -> None:
        """A customer with a script (hours after the beginning) and the steps that must follow."""
        self.wanted[who] = Counter(wanted.split())
        for hours, job in script:
            self.plan.append((begins + timedelta(hours=hours), who, job))

    async def play(self, until: datetime, restart_at: datetime) -> None:
        house, replicas = self.house, [self.house.replica(), self.house.replica()]
        plan = sorted(self.plan, key=lambda entry: entry[0])
        restarted = False
        while house.clock() < until:
            due = await self._next_timer()
            moment = min(filter(None, (plan[0][0] if plan else None, due, until)))
            house.clock.advance(seconds=max(0.0, (moment - house.clock()).total_seconds()))
            if not restarted and house.clock() >= restart_at:
                restarted = True
                replicas = await self._restart()
            while plan and plan[0][0] <= house.clock():
                _moment, who, job = plan.pop(0)
                await job(self, who)
            for _ in range(2):
                await asyncio.gather(*(one.care.run_once() for one in replicas))
            if due is not None and due <= house.clock():
                assert await self._next_timer() != due, "a timer that does not go away"

    async def _restart(self) -> list[object]:
        """Both processes die in the middle of a look, and two others begin."""
        dying = [asyncio.create_task(one.care.run_once()) for one in self.house.replicas]
        await asyncio.sleep(0)
        for task in dying:
            task.cancel()
        await asyncio.gather(*dying, return_exceptions=True)
        for replica in self.house.replicas:
            await replica.stop()
        self.house.replicas.clear()
        return [self.house.replica(), self.house.replica()]  # type: ignore[list-item]

    async def _next_timer(self) -> datetime | None:
        query = select(care_timers.c.due_at).where(care_timers.c.state == "set")
        return await self.house.database.read(
            lambda tx: tx.execute(query.order_by(care_timers.c.due_at).limit(1)).scalar()
        )


def says(text: str) -> Job:
    async def job(week: Week, who: str) -> None:
        await week.house.say(who, text, customer_of(who))

    return job


def does(kind: str, text: str = "已处理", promise_h: float | None = None, heard: str = "") -> Job:
    async def job(week: Week, who: str) -> None:
        case = await week.house.case_of(who)
        promised = week.house.clock() + timedelta(hours=promise_h) if promise_h else None
        await week.house.one.care.act(case.id, case.owner_id, Action(kind, text, promised, heard))

    return job


def ends(ending: str = "settled") -> Job:
    async def job(week: Week, who: str) -> None:
        case = await week.house.case_of(who)
        await week.house.one.care.end(case.id, case.owner_id, ending, "")

    return job


def sends_back() -> Job:
    async def job(week: Week, who: str) -> None:
        customer, now, shop = customer_of(who), week.house.clock(), week.house.shop
        assert customer is not None
        order = (await shop.orders(customer, 1))[0]
        asked = ReturnRequest(
            number=f"TH{who}",
            order_number=order.number,
            sku=f"X-{who}",
            reason="不合适",
            state=ReturnState.REQUESTED,
            created_at=now,
        )
        shop._db.run(
            "INSERT INTO returns VALUES (?, ?, ?, ?)",
            *(asked.number, order.number, asked.sku, asked.model_dump_json()),
        )

    return job


def buys_again() -> Job:
    async def job(week: Week, who: str) -> None:
        customer, now, shop = customer_of(who), week.house.clock(), week.house.shop
        assert customer is not None
        order = (await shop.orders(customer, 1))[0]
        number = f"99{abs(hash(who)) % 10**10:010}"
        doc = json.loads(order.model_dump_json()) | {
            "number": number,
            "placed_at": now.isoformat(),
        }
        shop._db.run(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            *(number, customer, now.isoformat(), order.state.value, json.dumps(doc)),
        )

    return job


def customer_of(who: str) -> str | None:
    """The verified customer of the shop behind a conversation; None: a stranger."""
    kind, _, number = who.rpartition("-")
    return BUYERS[3 * int(number) + VERIFIED.index(kind)] if kind in VERIFIED else None


BUYERS: list[str] = []
VERIFIED = ("sends-back", "buys-again", "takes-voucher")


PLANNED = "opened assigned plan ended"
VISITED = "visited feedback"


def scripts(week: Week, round_: int) -> None:
    """One customer of every kind, some hours after those of the round before."""
    at = MONDAY + timedelta(hours=11.3 * round_)

    def add(who: str, wanted: str, *script: tuple[float, Job]) -> None:
        week.customer(f"{who}-{round_}", at, wanted, *script)

    add(
        "checked-in-time",
        "opened assigned checked ended watch_over",
        *((0, says(LIGHT)), (0.1, does("checked")), (1, ends())),
    )
    add(
        "nobody-looks",
        "opened assigned late late ended watch_over",
        *((0, says(LIGHT)), (1, ends("lost"))),
    )
    add(
        "glad-again",
        "opened assigned feedback ended watch_over",
        *((0, says(LIGHT)), (0.05, says(GLAD))),
    )
    add(
        "a-plan-that-holds",
        f"{PLANNED} watch_over",
        *((0, says(MEDIUM)), (0.5, does("plan", "补发一个", 5)), (4, ends())),
    )
    add(
        "a-broken-promise",
        "opened assigned plan late ended watch_over",
        *((0, says(MEDIUM)), (0.5, does("plan", "补发一个", 2)), (20, ends())),
    )
    add(
        "a-good-supervisor",
        f"opened assigned contacted visit_due visit_due {VISITED} {VISITED} ended watch_over",
        *((0, says(SEVERE)), (1, does("contacted", "今天退款", 20)), (10, ends())),
        (25, does("visited", heard="钱收到了")),
        (73, does("visited", heard="没事了")),
    )
    add(
        "nobody-visits",
        f"opened assigned contacted visit_due late visit_due {VISITED} ended watch_over",
        *((0, says(SEVERE)), (1, does("contacted", "今天退款", 20)), (10, ends())),
        (73, does("visited", heard="算了")),
    )
    add(
        "a-supervisor-who-is-late",
        "opened assigned late late contacted visit_due late visit_due late ended watch_over",
        *((0, says(SEVERE)), (9, does("contacted", "今天退款", 3)), (10, ends())),
    )
    add(
        "worse-and-worse",
        "opened assigned raised assigned contacted visit_due visit_due late late ended watch_over",
        *((0, says(LIGHT)), (0.1, says(SEVERE)), (2, does("contacted", "退款", 6)), (5, ends())),
    )
    add(
        "three-in-a-row",
        "opened assigned raised plan ended watch_over",
        *((0, says(LIGHT)), (0.02, says(STILL)), (0.04, says(LIGHT))),
        *((0.5, does("plan", "催件", 5)), (3, ends())),
    )
    add(
        "upset-again",
        f"{PLANNED} reopened plan ended watch_over",
        *((0, says(MEDIUM)), (0.5, does("plan", "补发", 5)), (4, ends())),
        *((50, says(MEDIUM)), (50.5, does("plan", "退款", 5)), (53, ends())),
    )
    add(
        "asks-again",
        f"{PLANNED} reopened plan ended watch_over",
        *((0, says(LATE_PARCEL)), (0.5, does("plan", "催件", 5)), (4, ends())),
        *((30, says(ASKS)), (30.5, does("plan", "再催", 5)), (33, ends())),
    )
    add(
        "sends-back",
        f"{PLANNED} reopened plan ended watch_over",
        *((0, says(MEDIUM)), (0.5, does("plan", "补发", 5)), (4, ends()), (40, sends_back())),
        *((52.5, does("plan", "退货", 5)), (55, ends())),
    )
    add(
        "buys-again",
        f"{PLANNED} purchase watch_over",
        *((0, says(MEDIUM)), (0.5, does("plan", "补发", 5)), (4, ends()), (40, buys_again())),
    )
    add(
        "takes-voucher",
        "opened assigned offer voucher coupon checked ended watch_over",
        *((0, says(LIGHT)), (0.05, says(VOUCHER)), (0.1, does("checked")), (1, ends())),
    )


async def test_every_timer_escalation_and_reopening_of_a_week_happens_exactly_once(
    house: House,
) -> None:
    for role in ("agent", "agent", "supervisor", "admin"):
        await house.agent(role)
    BUYERS[:] = [
        str(row[0])
        for row in house.shop._db.rows("SELECT DISTINCT customer_id FROM orders ORDER BY 1")
    ]
    week = Week(house)
    for round_ in range(4):
        scripts(week, round_)
    await week.play(MONDAY + timedelta(days=13), restart_at=MONDAY + timedelta(days=3.2))
    got = {who: Counter(await house.steps((await house.case_of(who)).id)) for who in week.wanted}
    differs = {who: (got[who], wanted) for who, wanted in week.wanted.items() if got[who] != wanted}
    assert not differs
    timers = await house.rows(care_timers)
    assert not [row for row in timers if row.state == "set"]
    fired = Counter(row.kind for row in timers if row.state == "fired")
    steps = sum(got.values(), Counter())
    late = fired["first"] + fired["promise"] + fired["visit_late"]
    assert (steps["late"], steps["visit_due"], steps["watch_over"]) == (
        late,
        fired["visit"],
        fired["watch"],
    )
    grants = await house.rows(coupon_grants)
    assert [(row.status, row.cents) for row in grants] == [("granted", 500)] * 4
    for round_ in range(4):
        told = await house.told(f"takes-voucher-{round_}")
        assert sum("补偿券（券号" in text for text in told) == 1

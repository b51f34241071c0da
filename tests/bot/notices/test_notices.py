"""News for customers: once, to the right contact, within limits; on each kind of database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.context import IdentityLevel
from bot.conversations import ConversationKey
from bot.customers import link_customer, open_identity, set_opted_out, set_reachable
from bot.notices import Kind, Notice, Notices, Sent
from bot.notices.service import BACKOFF_S, NoticeConflict
from bot.records import Database
from bot.records.tables import episodes
from bot.turn import DeliveryFailed
from tests.support.clock import TestClock

KEY = ConversationKey("wechat", "default:o1")
MORNING = datetime(2026, 11, 22, 2, tzinfo=UTC)


class Wire:
    """A channel that notes what it was given, or fails."""

    def __init__(self) -> None:
        self.given: list[tuple[ConversationKey, Notice]] = []
        self.failure: DeliveryFailed | None = None

    async def notify(self, key: ConversationKey, notice: Notice) -> Sent:
        if self.failure is not None:
            raise self.failure
        self.given.append((key, notice))
        return Sent("template", f"p{len(self.given)}")


def notice(number: int = 1, customer: str = "C1") -> Notice:
    return Notice(
        id=f"n{number}", kind=Kind.ORDER_SHIPPED, customer_id=customer, order_number="2611"
    )


@pytest.fixture
def clock() -> TestClock:
    return TestClock(MORNING)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def notices(database: Database, wire: Wire, clock: TestClock) -> Notices:
    return Notices(database, {"wechat": wire}, 2, clock)


async def follow(
    database: Database,
    clock: TestClock,
    key: ConversationKey = KEY,
    level: IdentityLevel = IdentityLevel.VERIFIED,
) -> None:
    """A follower who is the customer C1."""

    def write(tx):  # type: ignore[no-untyped-def]
        identity = open_identity(tx, key.channel, key.external_id, IdentityLevel.ANONYMOUS, clock())
        link_customer(tx, identity, "C1", level, clock())
        set_reachable(tx, key, clock(), reachable=True)

    await database.write(write)


async def test_a_notice_is_sent_once_however_often_it_is_posted(
    notices: Notices, database: Database, wire: Wire, clock: TestClock
) -> None:
    await follow(database, clock)
    assert await notices.accept(notice()) is True
    await notices.run_once()
    assert await notices.accept(notice()) is False
    await notices.run_once()
    assert [key for key, _ in wire.given] == [KEY]
    state = await notices.state("n1")
    assert state is not None and (state["status"], state["way"]) == ("sent", "template")


async def test_an_id_belongs_to_one_notice(notices: Notices) -> None:
    await notices.accept(notice())
    with pytest.raises(NoticeConflict):
        await notices.accept(notice(customer="C2"))


async def test_a_customer_gets_so_many_a_day_and_more_tomorrow(
    notices: Notices, database: Database, wire: Wire, clock: TestClock
) -> None:
    await follow(database, clock)
    for number in (1, 2, 3):
        await notices.accept(notice(number))
    await notices.run_once()
    assert len(wire.given) == 2
    assert (await notices.state("n3") or {})["reason"] == "daily_limit"
    clock.advance(hours=15)
    await notices.accept(notice(4))
    await notices.run_once()
    assert len(wire.given) == 3


@pytest.mark.parametrize(
    ("what", "reason"),
    [("nobody", "unbound"), ("linked", "unbound"), ("left", "unreachable"), ("out", "opted_out")],
)
async def test_who_may_not_be_written_to_is_not(
    notices: Notices, database: Database, wire: Wire, clock: TestClock, what: str, reason: str
) -> None:
    if what != "nobody":
        level = IdentityLevel.LINKED if what == "linked" else IdentityLevel.VERIFIED
        await follow(database, clock, level=level)
    if what == "left":
        await database.write(lambda tx: set_reachable(tx, KEY, clock(), reachable=False))
    if what == "out":
        await database.write(lambda tx: set_opted_out(tx, KEY, clock(), out=True))
    await notices.accept(notice())
    await notices.run_once()
    assert wire.given == []
    state = await notices.state("n1")
    assert state is not None and (state["status"], state["reason"]) == ("skipped", reason)


async def test_a_failure_is_tried_again_and_then_given_up_without_using_the_day(
    notices: Notices, database: Database, wire: Wire, clock: TestClock
) -> None:
    await follow(database, clock)
    wire.failure = DeliveryFailed("-1")
    await notices.accept(notice())
    for pause in (0, *BACKOFF_S):
        clock.advance(seconds=pause)
        await notices.run_once()
    assert (await notices.state("n1") or {})["status"] == "dead"
    wire.failure = None
    for number in (2, 3):
        await notices.accept(notice(number))
    await notices.run_once()
    assert len(wire.given) == 2


async def test_the_platforms_own_report_of_failure_is_believed(
    notices: Notices, database: Database, clock: TestClock
) -> None:
    await follow(database, clock)
    await notices.accept(notice())
    await notices.run_once()
    await notices.result("p1", "success")
    assert (await notices.state("n1") or {})["status"] == "sent"
    await notices.result("p1", "failed:user block")
    state = await notices.state("n1")
    assert state is not None and (state["status"], state["reason"]) == ("dead", "failed:user block")


async def test_a_notice_is_no_episode(
    notices: Notices, database: Database, clock: TestClock
) -> None:
    await follow(database, clock)
    await notices.accept(notice())
    await notices.run_once()
    assert await database.read(lambda tx: tx.execute(episodes.select()).all()) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_notice_reads_naturally_and_says_how_to_stop_them(kind: Kind) -> None:
    said = Notice(
        id="n", kind=kind, customer_id="C1", order_number="2611", detail="联系13812345678"
    ).text()
    assert "退订" in said and "13812345678" not in said

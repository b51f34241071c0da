"""Windows, contacts and bindings on each kind of database."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from actions.context import IdentityLevel
from bot.conversations import ConversationKey
from bot.customers import Bindings, note_contact, note_union
from bot.customers.identities import link_customer
from bot.records import Database
from bot.turn import Inbound
from bot.turn.inbox import Inbox
from channels.wechat.windows import EVENT, MESSAGE, Windows, note_sent, open_window
from tests.support.clock import TestClock

KEY = ConversationKey("wechat", "default:o1")
OTHER = ConversationKey("wechat", "second:o9")


@pytest.fixture
def windows(database: Database, clock: TestClock) -> Windows:
    return Windows(database, clock)


async def test_a_window_opens_is_used_up_and_opens_again(
    windows: Windows, database: Database, clock: TestClock
) -> None:
    assert (await windows.window(KEY)).left == 0
    assert await windows.take(KEY) is None
    await database.write(lambda tx: open_window(tx, KEY, MESSAGE, clock()))
    got = await asyncio.gather(*(windows.take(KEY) for _ in range(8)))
    assert [kind for kind in got if kind] == [MESSAGE] * 5
    await windows.give_back(KEY, MESSAGE)
    assert (await windows.window(KEY)).left == 1
    await database.write(lambda tx: open_window(tx, KEY, MESSAGE, clock()))
    window = await windows.window(KEY)
    assert window.left == 5 and window.until == clock() + timedelta(hours=48)
    clock.advance(hours=48, seconds=1)
    assert (await windows.window(KEY)).left == 0


async def test_what_lapses_sooner_is_used_first(
    windows: Windows, database: Database, clock: TestClock
) -> None:
    def both(tx: Connection) -> None:
        open_window(tx, KEY, MESSAGE, clock())
        open_window(tx, KEY, EVENT, clock())

    await database.write(both)
    assert (await windows.window(KEY)).left == 8
    assert [await windows.take(KEY) for _ in range(4)] == [EVENT, EVENT, EVENT, MESSAGE]
    await windows.shut(KEY)
    assert await windows.take(KEY) is None


async def test_parts_that_were_sent_are_remembered(
    windows: Windows, database: Database, clock: TestClock
) -> None:
    assert (await windows.begin(KEY, 7))[0] == 0
    await windows.note_sent(KEY, 7, 0)
    await windows.note_sent(KEY, 7, 1)
    await windows.note_sent(KEY, 7, 1)
    assert (await windows.begin(KEY, 7))[0] == 2
    clock.advance(days=5)
    await database.write(lambda tx: note_sent(tx, KEY, 8, 0, clock()))
    assert (await windows.begin(KEY, 7))[0] == 0


async def spoken(database: Database, clock: TestClock, key: ConversationKey) -> None:
    """Somebody has written."""
    inbox = Inbox(database, clock, timedelta(minutes=30))
    await inbox.accept(
        Inbound(key, str(key), "你好", along=lambda tx: note_contact(tx, key, clock()))
    )


async def identity_of(database: Database, key: ConversationKey) -> tuple[str, str | None]:
    """Level and customer of an identity."""
    query = f"SELECT level, customer_id FROM identities WHERE external_id = '{key.external_id}'"  # noqa: S608
    row = await database.read(lambda tx: tx.exec_driver_sql(query).one())
    return row[0], row[1]


async def bind(database: Database, key: ConversationKey, at: datetime) -> None:
    """The end of a proof."""

    def write(tx: Connection) -> None:
        query = f"SELECT id FROM identities WHERE external_id = '{key.external_id}'"  # noqa: S608
        identity = tx.exec_driver_sql(query).scalar_one()
        link_customer(tx, identity, "C1", IdentityLevel.VERIFIED, at)

    await database.write(write)


async def test_who_is_bound_on_one_account_is_bound_on_all_of_the_brand(
    database: Database, clock: TestClock
) -> None:
    bindings = Bindings(database, None, clock)  # type: ignore[arg-type]
    for key in (KEY, OTHER):
        await spoken(database, clock, key)
    assert await bindings.customer_of(KEY) is None
    await bind(database, KEY, clock())
    assert await bindings.customer_of(KEY) == "C1"
    assert await bindings.customer_of(OTHER) is None
    for key in (KEY, OTHER):
        await database.write(lambda tx, k=key: note_union(tx, k, "u1", clock(), reachable=True))
    assert await bindings.customer_of(OTHER) == "C1"
    assert (await identity_of(database, OTHER))[0] == "verified"
    assert await bindings.unbind(OTHER) is True
    assert await bindings.customer_of(KEY) is None
    assert await identity_of(database, KEY) == ("anonymous", None)
    assert await bindings.unbind(KEY) is False


async def test_a_weaker_proof_does_not_undo_a_binding(database: Database, clock: TestClock) -> None:
    await spoken(database, clock, KEY)
    await bind(database, KEY, clock())

    def prove(tx: Connection) -> None:
        identity = tx.exec_driver_sql("SELECT id FROM identities").scalar_one()
        link_customer(tx, identity, "C1", IdentityLevel.LINKED, clock())

    await database.write(prove)
    assert (await identity_of(database, KEY))[0] == "verified"

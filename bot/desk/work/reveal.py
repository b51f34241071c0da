"""Showing a phone, a name or an address in clear: written down first, with the reason, then shown."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from actions.shop import ShopClient, ShopError
from bot.clock import Clock
from bot.desk.accounts import Actor
from bot.desk.errors import BadInput, ShopAway
from bot.desk.views.customer import who
from bot.desk.work import audit
from bot.errors import NotFound
from bot.records import Database
from bot.records.tables import messages

FIELDS = ("phone", "address", "name", "message")


@dataclass(frozen=True)
class Wanted:
    """What is to be shown.

    Args:
        conversation_id: whose.
        field: of FIELDS.
        reason: why.
        order: whose address; None takes the newest order's.
        seq: which message, for ``message``.
    """

    conversation_id: str
    field: str
    reason: str
    order: str | None = None
    seq: int | None = None


async def reveal(
    database: Database, shop: ShopClient, clock: Clock, actor: Actor, wanted: Wanted
) -> str:
    """The value in clear. What was asked for stays in the audit even if nothing could be shown.

    Raises:
        NotFound: there is no such thing of this customer.
        ShopAway: the shop does not answer.
    """
    customer = await database.read(lambda tx: who(tx, wanted.conversation_id).customer)
    data = {"conversation": wanted.conversation_id, "field": wanted.field}
    if wanted.order is not None:
        data["order"] = wanted.order
    if wanted.seq is not None:
        data["seq"] = str(wanted.seq)
    subject = f"customer:{customer}" if customer else f"conversation:{wanted.conversation_id}"

    def note(tx: Connection) -> None:
        audit.write(tx, actor, "reveal", subject, clock(), reason=wanted.reason, data=dict(data))

    await database.write(note)
    if wanted.field == "message":
        return await database.read(lambda tx: _text(tx, wanted))
    if customer is None:
        raise NotFound("这位客户还没有验证身份，没有可查看的资料。")
    try:
        if wanted.field == "address":
            return await _address(shop, customer, wanted.order)
        member = await shop.member(customer)
    except ShopError as error:
        raise ShopAway from error
    if member is None:
        raise NotFound("商城里没有找到这位会员。")
    return member.phone if wanted.field == "phone" else member.name


async def _address(shop: ShopClient, customer: str, number: str | None) -> str:
    if number is None:
        newest = await shop.orders(customer, 1)
        order = newest[0] if newest else None
    else:
        order = await shop.order(number)
    # Somebody else's order is none of this conversation's business.
    if order is None or order.customer_id != customer:
        raise NotFound("没有找到这位客户的这笔订单。")
    to = order.ship_to
    return f"{to.name} {to.phone} {to.region}{to.street}"


def _text(tx: Connection, wanted: Wanted) -> str:
    if wanted.seq is None:
        raise BadInput("请说明是哪一条消息。")
    text = tx.execute(
        select(messages.c.text)
        .where(messages.c.conversation_id == wanted.conversation_id)
        .where(messages.c.seq == wanted.seq)
    ).scalar_one_or_none()
    if text is None:
        raise NotFound("没有找到这条消息。")
    return str(text)

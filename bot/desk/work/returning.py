"""Starting a return for a customer who asked for it: their order only, once for a key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.shop import ShopClient, ShopRefused, ShopUnavailable
from actions.shop.models import ReturnRequest
from bot.clock import Clock
from bot.desk.accounts import Actor
from bot.desk.errors import ShopAway, ShopSaysNo
from bot.desk.views.customer import who
from bot.desk.work import audit
from bot.errors import DeskConflict, NotFound
from bot.records import Database


@dataclass(frozen=True)
class Wanted:
    """A return to be asked for; ``opened`` and ``defective`` are what the customer says."""

    conversation_id: str
    order: str
    sku: str
    reason: str
    opened: bool
    defective: bool
    key: str


async def start_return(
    database: Database, shop: ShopClient, clock: Clock, actor: Actor, wanted: Wanted
) -> ReturnRequest:
    """Ask the shop for the return.

    Raises:
        DeskConflict: the customer is not verified.
        NotFound: no such order of this customer.
        ShopSaysNo: the shop refused; nothing was done.
        ShopAway: no answer; the same key may be tried again.
    """
    customer = await database.read(lambda tx: who(tx, wanted.conversation_id))
    if customer.level != "verified":
        raise DeskConflict(
            "客户本次还没有验证身份，请先请客户核对订单号和手机尾号。", "not_verified"
        )
    try:
        order = await shop.order(wanted.order)
        if order is None or order.customer_id != customer.customer:
            raise NotFound("没有找到这位客户的这笔订单。")
        digest = hashlib.sha256(f"{actor.id} {wanted.key}".encode()).hexdigest()[:32]

        def note(tx: Connection) -> None:
            audit.write(
                tx,
                actor,
                "return",
                f"order:{wanted.order}",
                clock(),
                reason=wanted.reason,
                data={"sku": wanted.sku, "conversation": wanted.conversation_id},
            )

        await database.write(note)
        return await shop.start_return(
            wanted.order,
            wanted.sku,
            wanted.reason,
            f"desk:rt_{digest}",
            opened=wanted.opened,
            defective=wanted.defective,
        )
    except ShopRefused as error:
        raise ShopSaysNo(error.message) from error
    except ShopUnavailable as error:
        raise ShopAway("商城没有确认退货是否提交，请稍后用同样内容重试，不会重复提交。") from error

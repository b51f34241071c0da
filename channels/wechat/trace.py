"""The page behind an order's card: where the parcels are, for whoever got the link in the chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response

from actions.orders import order_card
from actions.shop import ShopClient, ShopUnavailable
from bot.clock import BUSINESS_ZONE
from channels.wechat.html import message, page, text
from channels.wechat.links import Links


def build_trace(links: Links, shop: ShopClient) -> APIRouter:
    """``GET /wechat/{account}/trace``; the link is the key, and it runs out."""
    router = APIRouter(prefix="/wechat", include_in_schema=False)

    @router.get("/{account}/trace")
    async def trace(account: str, t: str = "") -> Response:
        claims = links.read(t)
        if claims is None or claims.get("a") != account:
            words = "为了保护您的隐私，物流链接24小时后失效。回到公众号里再问一次“查物流”就能看到。"
            return message("链接已失效", words, 410)
        try:
            order = await shop.order(claims["o"])
        except ShopUnavailable:
            return message("暂时查不到", "订单系统正忙，请稍后刷新这个页面。", 503)
        if order is None:
            return message("没有找到订单", "这笔订单可能已经合并或取消，请回到公众号里咨询。", 404)
        return page("物流详情", _order(order_card(order)))

    return router


def _order(card: dict[str, Any]) -> str:
    items = "".join(f"<p>{text(i['title'])} ×{text(i['quantity'])}</p>" for i in card["items"])
    head = (
        f"<section><h1>订单 {text(card['number'])}</h1>"
        f'<p class="state">{text(card["state_text"])}</p>{items}'
        f'<p class="soft">合计 {text(card["total"])}</p></section>'
    )
    return head + "".join(_parcel(parcel) for parcel in card["parcels"])


def _parcel(parcel: dict[str, Any]) -> str:
    steps = "".join(
        f"<li><p>{text(step['text'])}</p>"
        f'<p class="soft">{text(_moment(step["at"]))} {text(step["place"])}</p></li>'
        for step in parcel["trace"]
    )
    expected = f"，预计{text(parcel['eta'])}送达" if parcel["eta"] else ""
    return (
        f"<section><h2>{text(parcel['carrier'])} {text(parcel['tracking_number'])}</h2>"
        f'<p class="state">{text(parcel["state_text"])}{expected}</p>'
        f"{f'<ol>{steps}</ol>' if steps else '<p>暂时还没有物流信息。</p>'}</section>"
    )


def _moment(iso: str) -> str:
    at = datetime.fromisoformat(iso).astimezone(BUSINESS_ZONE)
    return f"{at.month}月{at.day}日 {at:%H:%M}"

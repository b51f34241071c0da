"""The page on which a follower proves who they are: one order and the end of its phone number.

The link comes in the chat, is signed, short-lived and names the follower. Whoever opens it binds
*that* follower, so the page says so, and the chat hears of every binding.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from actions.context import Proof, ProofResult
from actions.shop import ShopUnavailable
from bot.conversations import ConversationKey
from bot.customers import Bindings
from bot.records import DatabaseUnavailable
from channels.wechat.errors import Refused
from channels.wechat.html import message, page, text
from channels.wechat.links import Links
from channels.wechat.webhook import read_body

_ORDER = re.compile(r"[A-Za-z0-9-]{6,32}")
_TAIL = re.compile(r"[0-9]{4}")

Bound = Callable[[ConversationKey], Awaitable[None]]
"""Tells the chat that it has been bound."""


def build_bind(links: Links, bindings: Bindings, bound: Bound) -> APIRouter:
    """``GET`` and ``POST /wechat/{account}/bind``."""
    router = APIRouter(prefix="/wechat", include_in_schema=False)

    @router.get("/{account}/bind")
    async def show(account: str, t: str = "") -> Response:
        key = _key(links, account, t)
        if key is None:
            return _over()
        try:
            customer_id = await bindings.customer_of(key)
        except DatabaseUnavailable:
            return _busy()
        return _form() if customer_id is None else _bound_page()

    @router.post("/{account}/bind")
    async def submit(account: str, request: Request, t: str = "") -> Response:
        key = _key(links, account, t)
        if key is None:
            return _over()
        try:
            form = parse_qs((await read_body(request)).decode("utf-8", "replace"), max_num_fields=8)
        except (Refused, ValueError):
            return _form("内容没有传完整，请重新填写。", 400)
        try:
            if _one(form, "action") == "unbind":
                await bindings.unbind(key)
                return message(
                    "已解除绑定", "之后查询个人信息需要重新核对订单。可以关闭这个页面了。"
                )
            order, tail = _one(form, "order").upper(), _one(form, "tail")
            if not _ORDER.fullmatch(order) or not _TAIL.fullmatch(tail):
                return _form("请填写完整的订单号和下单手机号的后四位。", 422)
            result = await bindings.bind(key, order, tail)
        except ShopUnavailable:
            return _form("订单系统正忙，请稍后再试一次，这次不计次数。", 503)
        except DatabaseUnavailable:
            return _busy()
        if result is None:
            return message("请先发一条消息", "回到公众号里发一条消息，再打开新的绑定链接。", 409)
        if result.proof is Proof.OK:
            await bound(key)
            return message("绑定成功", "以后在微信里可以直接查询订单和积分。可以关闭这个页面了。")
        return _refused(result)

    return router


def _key(links: Links, account: str, token: str) -> ConversationKey | None:
    claims = links.read(token)
    if claims is None or not claims.get("k", "").startswith(f"{account}:"):
        return None
    return ConversationKey(claims["c"], claims["k"])


def _one(form: dict[str, list[str]], name: str) -> str:
    return re.sub(r"\s", "", form.get(name, [""])[0])[:64]


def _refused(result: ProofResult) -> Response:
    if result.proof is Proof.LOCKED or not result.tries_left:
        words = "核对失败的次数太多，为了账户安全已暂停。请联系人工客服，电话400-820-0000。"
        return message("暂时不能绑定", words, 429)
    words = f"订单号和手机号后四位对不上，请核对后再试，还可以试{result.tries_left}次。"
    return _form(words, 422)


def _form(problem: str = "", status: int = 200) -> Response:
    wrong = f'<p class="bad" role="alert">{text(problem)}</p>' if problem else ""
    return page(
        "绑定会员",
        "<section><h1>绑定禾沐生活会员</h1>"
        "<p>用一笔订单核对身份，绑定后在微信里可以直接查询订单和积分。</p>"
        '<p class="warn">请确认链接是您自己在公众号里要来的。别人发来的绑定链接请不要填写，'
        "否则您的订单信息会被别人看到。</p>"
        f'{wrong}<form method="post">'
        '<label for="order">订单号</label>'
        '<input id="order" name="order" inputmode="numeric" autocomplete="off" required>'
        '<label for="tail">下单账户手机号后四位</label>'
        '<input id="tail" name="tail" inputmode="numeric" maxlength="4" pattern="[0-9]{4}" '
        'autocomplete="off" required>'
        "<button>核对并绑定</button></form></section>",
        status,
    )


def _bound_page() -> Response:
    return page(
        "已绑定",
        "<section><h1>已绑定会员</h1><p>您的微信已经绑定会员账号，可以直接查询订单和积分。</p>"
        '<form method="post"><input type="hidden" name="action" value="unbind">'
        '<button class="plain">解除绑定</button></form></section>',
    )


def _over() -> Response:
    words = "绑定链接15分钟内有效。回到公众号里回复“绑定会员”，就能拿到新的链接。"
    return message("链接已失效", words, 410)


def _busy() -> Response:
    return message("系统正忙", "请稍后刷新这个页面。", 503)

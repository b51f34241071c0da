"""微信客服 (WeCom kf): callbacks that carry a token only, messages fetched by cursor.

Sources (developer.work.weixin.qq.com): 94670 "接收消息和事件", 94677 "发送消息", 94669 "分配客服会话",
95122 "发送欢迎语等事件响应消息", 90930 "回调和回复".
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import Clock
from tests.fakes.wechat_platform.cipher import MessageCipher, signature
from tests.fakes.wechat_platform.errors import failure, success
from tests.fakes.wechat_platform.kf_sessions import Sessions
from tests.fakes.wechat_platform.media import Media
from tests.fakes.wechat_platform.messages import to_xml
from tests.fakes.wechat_platform.tokens import Tokens
from tests.fakes.wechat_platform.waiting import at_least
from tests.fakes.wechat_platform.webhook import Answer, Push, Timer, nonce, post

KEPT = timedelta(days=3)
CALLBACK_TOKEN_LASTS = timedelta(minutes=10)
WITHOUT_TOKEN_A_MINUTE = 5
"""Our assumption for what is documented as 「严格的频率限制」."""
TEXT_LIMIT = 2048
PAGE = 1000

CUSTOMER, SYSTEM, SERVICER = 3, 4, 5


@dataclass(frozen=True)
class KfAccount:
    """The company's settings."""

    corpid: str = "ww0123456789abcdef"
    secret: str = "kf-secret-0123456789abcdef0123456789"
    token: str = "hemu-kf-token"
    aes_key: str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    open_kfid: str = "wkHEMU0000000000000000000000001"


@dataclass(frozen=True)
class KfSent:
    """Something that reached a customer through the API."""

    path: str
    user: str
    type: str
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """The words of a text or menu."""
        content = self.body.get(self.type, {})
        return str(content.get("content") or content.get("head_content") or "")


class KfDesk:
    """One company with one 微信客服 account."""

    def __init__(
        self,
        webhook_url: str,
        *,
        clock: Clock,
        timer: Timer,
        media: Media,
        account: KfAccount | None = None,
    ) -> None:
        self.webhook_url = webhook_url
        self.account = account or KfAccount()
        self._clock, self._timer, self._media = clock, timer, media
        self._cipher = MessageCipher(self.account.aes_key, self.account.corpid)
        self.tokens = Tokens(clock)
        self.sessions = Sessions(clock)
        self.log: list[dict[str, Any]] = []
        self.sent: list[KfSent] = []
        self.page_size = PAGE
        self._callback_tokens: dict[str, datetime] = {}
        self._unasked: list[datetime] = []

    async def say(self, user: str, content: str | dict[str, Any], kind: str = "text") -> Answer:
        """A customer writes; ``content`` of another kind is its structure."""
        body = {"content": content} if isinstance(content, str) else content
        self._append(user, CUSTOMER, kind, body)
        self.sessions.customer_wrote(user)
        return await self.call_back()

    async def enter(self, user: str, scene: str = "") -> Answer:
        """A customer opens the conversation; the event carries a code for one welcome message."""
        event = {"event_type": "enter_session", "scene": scene, "welcome_code": ""}
        if code := self.sessions.welcome(user):
            event["welcome_code"] = code
        self._append(user, SYSTEM, "event", event)
        return await self.call_back()

    async def colleague_says(self, user: str, content: str) -> Answer:
        """A person answers in the WeCom client."""
        self._append(user, SERVICER, "text", {"content": content})
        return await self.call_back()

    async def call_back(self) -> Answer:
        """Tell the company's server that there is news."""
        return await post(self.webhook_url, self.compose(), self._timer)

    def compose(self) -> Push:
        """A callback, signed and encrypted, with a fresh token."""
        token = "ENC" + secrets.token_urlsafe(33)
        self._callback_tokens[token] = self._clock()
        inner = to_xml(
            {
                "ToUserName": self.account.corpid,
                "CreateTime": self._timestamp(),
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": token,
                "OpenKfId": self.account.open_kfid,
            }
        )
        encrypted = self._cipher.encrypt(inner)
        outer = {"ToUserName": self.account.corpid, "Encrypt": encrypted, "AgentID": ""}
        return Push(self._signed(encrypted), to_xml(outer).encode())

    async def verify(self) -> bool:
        """Save the callback address in the admin console."""
        echo = nonce()
        encrypted = self._cipher.encrypt(echo)
        params = self._signed(encrypted) | {"echostr": encrypted}
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(self.webhook_url, params=params) as response,
        ):
            return response.status == 200 and await response.text() == echo

    async def wait_for_sent(self, user: str, count: int = 1, timeout_s: float = 30) -> list[KfSent]:
        """What a customer was sent, once there are ``count``; else a TimeoutError."""
        return await at_least(
            count, lambda: [sent for sent in self.sent if sent.user == user], timeout_s
        )

    def routes(self) -> list[web.RouteDef]:
        """qyapi.weixin.qq.com."""
        return [
            web.get("/cgi-bin/gettoken", self._gettoken),
            web.post("/cgi-bin/kf/sync_msg", self._posted(self._sync)),
            web.post("/cgi-bin/kf/send_msg", self._posted(self._send)),
            web.post("/cgi-bin/kf/send_msg_on_event", self._posted(self._send_on_event)),
            web.post("/cgi-bin/kf/service_state/get", self._posted(self._state)),
            web.post("/cgi-bin/kf/service_state/trans", self._posted(self._change_state)),
            web.post("/cgi-bin/kf/customer/batchget", self._posted(self._customers)),
        ]

    def token_fault(self, request: web.Request) -> int:
        """Error code of the access token, 0 if good."""
        token = request.query.get("access_token", "")
        fault = self.tokens.fault(token) if token else 41001
        return 40014 if fault == 40001 else fault

    async def _gettoken(self, request: web.Request) -> web.Response:
        if request.query.get("corpid") != self.account.corpid:
            return failure(40013)
        if request.query.get("corpsecret") != self.account.secret:
            return failure(40001)
        got = self.tokens.get()
        assert got is not None
        return success(access_token=got[0], expires_in=got[1])

    def _posted(
        self, api: Callable[[dict[str, Any]], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if fault := self.token_fault(request):
                return failure(fault)
            try:
                body = json.loads(await request.read())
            except ValueError:
                return failure(47001)
            kfid = body.get("open_kfid", self.account.open_kfid)
            return api(body) if kfid == self.account.open_kfid else failure(95000)

        return handle

    def _sync(self, body: dict[str, Any]) -> web.Response:
        now = self._clock()
        if token := body.get("token"):
            given = self._callback_tokens.get(token)
            if given is None or now - given > CALLBACK_TOKEN_LASTS:
                return failure(95007)
        else:
            self._unasked = [at for at in self._unasked if now - at < timedelta(minutes=1)]
            if len(self._unasked) >= WITHOUT_TOKEN_A_MINUTE:
                return failure(45009)
            self._unasked.append(now)
        cursor = str(body.get("cursor") or "0")
        if not cursor.isdecimal():
            return failure(47001)
        start = int(cursor)
        end = min(len(self.log), start + min(self.page_size, int(body.get("limit") or PAGE)))
        oldest = (now - KEPT).timestamp()
        found = [message for message in self.log[start:end] if message["send_time"] >= oldest]
        return success(next_cursor=str(end), has_more=int(end < len(self.log)), msg_list=found)

    def _send(self, body: dict[str, Any]) -> web.Response:
        user, kind = str(body.get("touser")), str(body.get("msgtype"))
        if not self.sessions.known(user):
            return failure(40003)
        if fault := _content_fault(kind, body, self._media):
            return failure(fault)
        if fault := self.sessions.spend(user):
            return failure(fault)
        self.sent.append(KfSent("/cgi-bin/kf/send_msg", user, kind, body))
        return success(msgid=body.get("msgid") or secrets.token_hex(16))

    def _send_on_event(self, body: dict[str, Any]) -> web.Response:
        kind = str(body.get("msgtype"))
        if kind not in ("text", "msgmenu"):
            return failure(40008)
        if fault := _content_fault(kind, body, self._media):
            return failure(fault)
        user = self.sessions.redeem(str(body.get("code")))
        if user is None:
            return failure(40029)
        self.sent.append(KfSent("/cgi-bin/kf/send_msg_on_event", user, kind, body))
        return success(msgid=body.get("msgid") or secrets.token_hex(16))

    def _state(self, body: dict[str, Any]) -> web.Response:
        state, servicer = self.sessions.state(str(body.get("external_userid")))
        return success(service_state=state, servicer_userid=servicer)

    def _change_state(self, body: dict[str, Any]) -> web.Response:
        user, wanted = str(body.get("external_userid")), body.get("service_state")
        servicer = str(body.get("servicer_userid") or "")
        fault, code = self.sessions.change(user, wanted, servicer)
        return failure(fault) if fault else success(msg_code=code)

    def _customers(self, body: dict[str, Any]) -> web.Response:
        wanted = [str(user) for user in body.get("external_userid_list") or ()]
        known = [user for user in wanted if self.sessions.known(user)]
        return success(
            customer_list=[
                {"external_userid": user, "nickname": user, "avatar": "", "gender": 0}
                | {"unionid": f"union-{user}"}
                for user in known
            ],
            invalid_external_userid=[user for user in wanted if user not in known],
        )

    def _append(self, user: str, origin: int, kind: str, content: dict[str, Any]) -> None:
        self.sessions.meet(user)
        message = {
            "msgid": secrets.token_hex(16),
            "open_kfid": self.account.open_kfid,
            "external_userid": user,
            "send_time": self._timestamp(),
            "origin": origin,
            "servicer_userid": "colleague" if origin == SERVICER else "",
            "msgtype": kind,
            kind: content,
        }
        if kind == "event":
            # As documented, an event names account and customer inside its structure.
            named = {"open_kfid": self.account.open_kfid, "external_userid": user}
            message["event"] = named | content
            del message["external_userid"]
        self.log.append(message)

    def _signed(self, encrypted: str) -> dict[str, str]:
        timestamp, number = str(self._timestamp()), nonce()
        signed = signature(self.account.token, timestamp, number, encrypted)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": number}

    def _timestamp(self) -> int:
        return int(self._clock().timestamp())


def _content_fault(kind: str, body: dict[str, Any], media: Media) -> int:
    content = body.get(kind)
    if kind not in ("text", "image", "voice", "video", "file", "link", "msgmenu", "location"):
        return 40008
    if not isinstance(content, dict):
        return 47001
    if kind == "text":
        words = content.get("content")
        if not isinstance(words, str) or not words:
            return 44004
        return 45002 if len(words.encode()) > TEXT_LIMIT else 0
    if kind in ("image", "voice", "video", "file"):
        return 0 if media.has(str(content.get("media_id"))) else 40007
    if kind == "msgmenu":
        options = content.get("list") or []
        if any(not isinstance(o, dict) or o.get("type") not in o for o in options):
            return 47001
    return 0

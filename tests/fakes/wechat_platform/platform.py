"""One official account, its users and the company's 微信客服, as one server."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import Clock, utc_now
from tests.fakes.wechat_platform.cipher import MessageCipher, signature
from tests.fakes.wechat_platform.errors import failure
from tests.fakes.wechat_platform.faults import Fault, Faults
from tests.fakes.wechat_platform.kf import KfDesk
from tests.fakes.wechat_platform.media import Media, picture_fault
from tests.fakes.wechat_platform.messages import Message, text, to_xml
from tests.fakes.wechat_platform.official_api import OfficialApi, Sent, User
from tests.fakes.wechat_platform.quota import Quota
from tests.fakes.wechat_platform.replies import BadReply, Mode, read_reply
from tests.fakes.wechat_platform.server import Server
from tests.fakes.wechat_platform.waiting import at_least
from tests.fakes.wechat_platform.webhook import NOTICE, Delivery, Push, Timer, nonce, post


@dataclass(frozen=True)
class Account:
    """What the admin console shows and what a developer copies into settings."""

    appid: str = "wx0123456789abcdef"
    secret: str = "0123456789abcdef0123456789abcdef"
    token: str = "hemu-platform-token"
    aes_key: str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
    original_id: str = "gh_0123456789ab"


DEMO = Account()
_ids = itertools.count(time.time_ns() // 1000 * 100)


class WeChatPlatform:
    """The platform's side of one account.

    Args:
        webhook_url: the server's address in the admin console (``…/wechat/default``).
        account: ids and secrets.
        mode: 明文 plain, 兼容 compatible, 安全 safe.
        clock: current time: of signatures, tokens and windows.
        timer: waits a number of seconds; tests give one that they control.
        port: to listen on; 0 takes a free one.
        kf_webhook_url: the address for 微信客服 (``…/wecom/kf``).
    """

    def __init__(
        self,
        webhook_url: str = "",
        *,
        account: Account = DEMO,
        mode: Mode = "safe",
        clock: Clock = utc_now,
        timer: Timer = asyncio.sleep,
        port: int = 0,
        kf_webhook_url: str = "",
    ) -> None:
        self.webhook_url = webhook_url
        self.account = account
        self.mode = mode
        self._clock = clock
        self._timer = timer
        self._cipher = MessageCipher(account.aes_key, account.appid)
        self.users: dict[str, User] = {}
        self.quota = Quota(clock)
        self.media = Media(clock)
        self.faults = Faults()
        self.api = OfficialApi(
            account.appid, account.secret, clock, self.quota, self.users, self.media
        )
        self.kf = KfDesk(kf_webhook_url, clock=clock, timer=timer, media=self.media)
        self.requests: list[str] = []
        self._server = Server(self._application, port)

    @property
    def base_url(self) -> str:
        """For YINGDA_WECHAT_API_BASE and YINGDA_WECOM_API_BASE."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def sent(self) -> list[Sent]:
        """What reached users through the message API, oldest first."""
        return self.api.sent

    @property
    def templates(self) -> set[str]:
        """Template ids that the account has."""
        return self.api.templates

    def environment(self) -> dict[str, str]:
        """The service's settings for this platform."""
        return {
            "YINGDA_WECHAT_APPID": self.account.appid,
            "YINGDA_WECHAT_SECRET": self.account.secret,
            "YINGDA_WECHAT_TOKEN": self.account.token,
            "YINGDA_WECHAT_AES_KEY": self.account.aes_key,
            "YINGDA_WECHAT_MODE": self.mode,
            "YINGDA_WECHAT_API_BASE": self.base_url,
            "YINGDA_WECOM_CORPID": self.kf.account.corpid,
            "YINGDA_WECOM_KF_SECRET": self.kf.account.secret,
            "YINGDA_WECOM_TOKEN": self.kf.account.token,
            "YINGDA_WECOM_AES_KEY": self.kf.account.aes_key,
            "YINGDA_WECOM_API_BASE": self.base_url,
        }

    def start(self) -> None:
        """Listen; after stop() again on the same port."""
        self._server.start()

    def stop(self) -> None:
        """Nobody listens any more: the platform is down."""
        self._server.stop()

    def fail_next(self, path: str, **fault: Any) -> None:
        """Make the next call(s) of a path fail; see Fault for the ways."""
        self.faults.add(path, Fault(**fault))

    def revoke_tokens(self) -> None:
        """Every token given out is invalid from now on (40001; WeCom 40014)."""
        self.api.tokens.revoke()
        self.kf.tokens.revoke()

    def expire_tokens(self) -> None:
        """Every token given out is overdue from now on (42001)."""
        self.api.tokens.expire()
        self.kf.tokens.expire()

    def listen(self, listener: Callable[[Sent], None]) -> None:
        """Be told (in the server's thread) of everything sent through the API."""
        self.api.listeners.append(listener)

    async def wait_for_sent(self, user: str, count: int = 1, timeout_s: float = 30) -> list[Sent]:
        """What a user was sent through the API, once there are ``count``; else a TimeoutError."""
        return await at_least(
            count, lambda: [sent for sent in self.sent if sent.user == user], timeout_s
        )

    async def verify(self) -> bool:
        """Submit the server's address in the admin console: does it prove the token?"""
        echo, timestamp, number = nonce(), self._timestamp(), nonce()
        params = {
            "signature": signature(self.account.token, timestamp, number),
            "timestamp": timestamp,
            "nonce": number,
            "echostr": echo,
        }
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(self.webhook_url, params=params) as response,
        ):
            return response.status == 200 and await response.text() == echo

    async def say(self, openid: str, message: Message | str) -> Delivery:
        """A user sends a message or does something."""
        message = text(message) if isinstance(message, str) else message
        self._note(openid, message)
        return await self.deliver(self.compose(openid, message), openid, message.is_event)

    async def deliver(self, push: Push, openid: str, is_event: bool = False) -> Delivery:
        """Send a push, also one that was sent before, and read the answer."""
        answer = await post(self.webhook_url, push, self._timer)
        tries, reply, why = len(answer.statuses), None, None
        if answer.body is None:
            why = "no answer"
        else:
            try:
                reply = read_reply(
                    answer.body,
                    cipher=self._cipher,
                    token=self.account.token,
                    mode=self.mode,
                    user=openid,
                    account=self.account.original_id,
                    to_event=is_event,
                )
            except BadReply as bad:
                why = str(bad)
        notice = NOTICE if why else None
        return Delivery(tries, answer.statuses, reply, notice, why, push)

    def compose(self, openid: str, message: Message | str) -> Push:
        """Sign (and encrypt) a message without sending it."""
        message = text(message) if isinstance(message, str) else message
        msg_id = None if message.is_event else str(next(_ids))
        fields: dict[str, object] = {
            "ToUserName": self.account.original_id,
            "FromUserName": openid,
            "CreateTime": int(self._clock().timestamp()),
            "MsgType": message.type,
        } | dict(message.fields)
        if msg_id is not None:
            fields["MsgId"] = int(msg_id)
        return self.sign(fields, openid, msg_id)

    def sign(self, fields: dict[str, object], openid: str, msg_id: str | None = None) -> Push:
        """The query and body for fields, in the account's mode."""
        timestamp, number = self._timestamp(), nonce()
        params = {
            "signature": signature(self.account.token, timestamp, number),
            "timestamp": timestamp,
            "nonce": number,
            "openid": openid,
        }
        if self.mode != "plain":
            encrypted = self._cipher.encrypt(to_xml(fields))
            params["encrypt_type"] = "aes"
            params["msg_signature"] = signature(self.account.token, timestamp, number, encrypted)
            open_fields = fields if self.mode == "compatible" else {}
            fields = {"ToUserName": fields["ToUserName"]} | open_fields | {"Encrypt": encrypted}
        return Push(params, to_xml(fields).encode(), msg_id)

    def _note(self, openid: str, message: Message) -> None:
        user = self.users.setdefault(openid, User(openid, f"union-{openid}"))
        event = message.fields.get("Event")
        if event == "subscribe":
            user.subscribed = True
        if event == "unsubscribe":
            user.subscribed = False
            self.quota.left_the_account(openid)
        self.quota.acted(openid, message.grant)

    def _timestamp(self) -> str:
        return str(int(self._clock().timestamp()))

    def _application(self) -> web.Application:
        @web.middleware
        async def trouble(request: web.Request, handler: Any) -> web.StreamResponse:
            self.requests.append(request.path)
            return await self.faults.apply(request, handler)

        application = web.Application(middlewares=[trouble], client_max_size=12 * 1024 * 1024)
        application.add_routes(self.api.routes())
        application.add_routes(self.kf.routes())
        application.add_routes(
            [
                web.get("/cgi-bin/media/get", self._media_got),
                web.post("/cgi-bin/media/upload", self._media_taken),
            ]
        )
        return application

    def _media_fault(self, request: web.Request) -> int:
        official, company = self.api.token_fault(request), self.kf.token_fault(request)
        return official if official and company else 0

    async def _media_got(self, request: web.Request) -> web.Response:
        if fault := self._media_fault(request):
            return failure(fault)
        file = self.media.get(request.query.get("media_id", ""))
        if file is None:
            return failure(40007)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return web.Response(body=file.content, content_type=file.content_type, headers=headers)

    async def _media_taken(self, request: web.Request) -> web.Response:
        if fault := self._media_fault(request):
            return failure(fault)
        kind = request.query.get("type", "")
        if kind not in ("image", "voice", "video", "thumb", "file"):
            return failure(40004)
        form = await request.post()
        part = form.get("media")
        if not isinstance(part, web.FileField):
            return failure(41005)
        content = part.file.read()
        company = self.api.token_fault(request) != 0
        if kind == "image" and (fault := picture_fault(content, part.filename, company=company)):
            return failure(fault)
        media_id = self.media.add(content, part.content_type, part.filename)
        created = int(self._clock().timestamp())
        return web.json_response(
            {"type": request.query["type"], "media_id": media_id, "created_at": created}
        )

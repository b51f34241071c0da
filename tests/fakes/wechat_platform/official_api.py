"""api.weixin.qq.com: what a business calls on its official account.

Sources (developers.weixin.qq.com): "获取稳定版接口调用凭据", "发送客服消息", "客服输入状态",
"发送模板消息", "获取临时素材", "创建自定义菜单", "获取用户基本信息".
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.clock import Clock
from tests.fakes.wechat_platform.errors import failure, success
from tests.fakes.wechat_platform.media import Media
from tests.fakes.wechat_platform.menu import menu_fault
from tests.fakes.wechat_platform.quota import NO_WINDOW, Quota
from tests.fakes.wechat_platform.tokens import Tokens

TEXT_LIMIT = 2048
_ESCAPED = re.compile(rb"(?<!\\)\\u")

Api = Callable[[dict[str, Any]], web.Response]


@dataclass
class User:
    """Somebody with WeChat, as this account knows them."""

    openid: str
    unionid: str
    subscribed: bool = True


@dataclass(frozen=True)
class Sent:
    """Something that reached a user through the API."""

    path: str
    user: str
    type: str
    body: dict[str, Any]
    at: datetime

    @property
    def text(self) -> str:
        """The words, whatever the type."""
        content = self.body.get(self.type, {})
        if self.type == "text":
            return str(content["content"])
        if self.type == "msgmenu":
            options = "\n".join(option["content"] for option in content["list"])
            return f"{content.get('head_content', '')}\n{options}{content.get('tail_content', '')}"
        if self.type == "news":
            return "\n".join(article["title"] for article in content["articles"])
        return ""


class OfficialApi:
    """The interfaces of one account.

    Args:
        appid: its id.
        secret: its secret.
        clock: current time.
        quota: whom it may write to.
        users: its users by openid.
        media: files.
    """

    def __init__(
        self,
        appid: str,
        secret: str,
        clock: Clock,
        quota: Quota,
        users: dict[str, User],
        media: Media,
    ) -> None:
        self._appid, self._secret, self._clock = appid, secret, clock
        self._quota, self._users, self._media = quota, users, media
        self.tokens = Tokens(clock)
        self.sent: list[Sent] = []
        self.typing: list[tuple[str, str]] = []
        self.templates: set[str] = set()
        self.menu: dict[str, Any] | None = None
        self.listeners: list[Callable[[Sent], None]] = []

    def routes(self) -> list[web.RouteDef]:
        """All paths but media, which WeCom has too."""
        return [
            web.post("/cgi-bin/stable_token", self._stable_token),
            web.post("/cgi-bin/message/custom/send", self._posted(self._send)),
            web.post("/cgi-bin/message/custom/typing", self._posted(self._type)),
            web.post("/cgi-bin/message/template/send", self._posted(self._send_template)),
            web.post("/cgi-bin/menu/create", self._posted(self._create_menu)),
            web.get("/cgi-bin/menu/get", self._menu_got),
            web.get("/cgi-bin/menu/delete", self._menu_deleted),
            web.get("/cgi-bin/user/info", self._user_info),
        ]

    def token_fault(self, request: web.Request) -> int:
        """Error code of the access token, 0 if good."""
        token = request.query.get("access_token", "")
        return self.tokens.fault(token) if token else 41001

    async def _stable_token(self, request: web.Request) -> web.Response:
        try:
            asked = json.loads(await request.read())
        except ValueError:
            return failure(47001)
        if asked.get("grant_type") != "client_credential":
            return failure(40002)
        if asked.get("appid") != self._appid:
            return failure(40013)
        if asked.get("secret") != self._secret:
            return failure(40125)
        got = self.tokens.get(force=asked.get("force_refresh") is True)
        if got is None:
            return failure(45009)
        return web.json_response({"access_token": got[0], "expires_in": got[1]})

    def _posted(self, api: Api) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if fault := self.token_fault(request):
                return failure(fault)
            raw = await request.read()
            if not raw:
                return failure(44002)
            try:
                # The platform shows \uXXXX to the user as it stands: text must be sent as UTF-8.
                body = json.loads(_ESCAPED.sub(rb"\\\\u", raw))
            except ValueError:
                return failure(47001)
            return api(body) if isinstance(body, dict) else failure(47001)

        return handle

    def _send(self, body: dict[str, Any]) -> web.Response:
        user, kind = body.get("touser"), body.get("msgtype")
        if not isinstance(user, str) or user not in self._users:
            return failure(40003)
        if fault := _content_fault(str(kind), body, self._media):
            return failure(fault)
        if not self._users[user].subscribed:
            return failure(NO_WINDOW)
        if fault := self._quota.spend(user):
            return failure(fault)
        self._note(Sent("/cgi-bin/message/custom/send", user, str(kind), body, self._clock()))
        return success()

    def _type(self, body: dict[str, Any]) -> web.Response:
        user = str(body.get("touser"))
        if user not in self._users:
            return failure(40003)
        command = str(body.get("command"))
        if fault := self._quota.type(user, command):
            return failure(fault)
        self.typing.append((user, command))
        return success()

    def _send_template(self, body: dict[str, Any]) -> web.Response:
        user = str(body.get("touser"))
        if user not in self._users:
            return failure(40003)
        if body.get("template_id") not in self.templates:
            return failure(40037)
        if not self._users[user].subscribed:
            return failure(43004)
        if not isinstance(body.get("data"), dict):
            return failure(47001)
        path = "/cgi-bin/message/template/send"
        self._note(Sent(path, user, "template", body, self._clock()))
        return success(msgid=200000000 + len(self.sent))

    def _create_menu(self, body: dict[str, Any]) -> web.Response:
        if fault := menu_fault(body):
            return failure(fault)
        self.menu = body
        return success()

    async def _menu_got(self, request: web.Request) -> web.Response:
        if fault := self.token_fault(request):
            return failure(fault)
        return web.json_response({"menu": self.menu}) if self.menu else failure(46003)

    async def _menu_deleted(self, request: web.Request) -> web.Response:
        if fault := self.token_fault(request):
            return failure(fault)
        self.menu = None
        return success()

    async def _user_info(self, request: web.Request) -> web.Response:
        if fault := self.token_fault(request):
            return failure(fault)
        user = self._users.get(request.query.get("openid", ""))
        if user is None:
            return failure(40003)
        known = {"subscribe": int(user.subscribed), "openid": user.openid, "unionid": user.unionid}
        if user.subscribed:
            known |= {"language": "zh_CN", "subscribe_time": int(self._clock().timestamp())}
            known |= {
                "remark": "",
                "groupid": 0,
                "tagid_list": [],
                "subscribe_scene": "ADD_SCENE_QR_CODE",
            }
        return web.json_response(known)

    def _note(self, sent: Sent) -> None:
        self.sent.append(sent)
        for listener in self.listeners:
            listener(sent)


def _content_fault(kind: str, body: dict[str, Any], media: Media) -> int:
    content = body.get(kind)
    if kind not in (
        "text",
        "image",
        "voice",
        "video",
        "music",
        "news",
        "msgmenu",
        "mpnews",
        "link",
    ):
        return 40008
    if not isinstance(content, dict):
        return 47001
    if kind == "text":
        words = content.get("content")
        if not isinstance(words, str) or not words:
            return 44004
        return 45002 if len(words.encode()) > TEXT_LIMIT else 0
    if kind == "msgmenu":
        options = content.get("list")
        if not isinstance(options, list) or not options:
            return 47001
        if any(not isinstance(o, dict) or not o.get("id") or not o.get("content") for o in options):
            return 47001
        words = "".join([content.get("head_content", ""), *(o["content"] for o in options)])
        return 45002 if len(words.encode()) > TEXT_LIMIT else 0
    if kind == "news":
        articles = content.get("articles")
        return 0 if isinstance(articles, list) and len(articles) == 1 else 45008
    if kind in ("image", "voice"):
        return 0 if media.has(str(content.get("media_id"))) else 40007
    return 0

"""The calls of the official account's API that we make (developers.weixin.qq.com, 公众号)."""

from __future__ import annotations

import time
from typing import Any

from redis.asyncio import Redis

from bot.clock import Clock
from bot.settings import WeChatAccount
from channels.wechat.calling import Caller, Client, result_of
from channels.wechat.errors import ApiError
from channels.wechat.tokens import Tokens

UNFIT_FOR_S = 60.0
"""How long after a failure of the platform its API is not preferred to a passive reply."""


class WeChatApi:
    """One account's API.

    Args:
        account: with a secret.
        redis: shares the token with other replicas; None without.
        clock: current time.
    """

    def __init__(self, account: WeChatAccount, redis: Redis | None, clock: Clock) -> None:
        self._account = account
        self._client = Client(account.api_base)
        tokens = Tokens(f"wechat:{account.appid}", self._fetch_token, redis, clock)
        self._caller = Caller(self._client, tokens)
        self._failed_at: float | None = None

    picture_types = frozenset({"image/jpeg", "image/png", "image/gif"})
    """What the platform takes as a picture."""

    @property
    def fit(self) -> bool:
        """Whether the API has worked lately, as far as we know."""
        return self._failed_at is None or time.monotonic() - self._failed_at > UNFIT_FOR_S

    async def send(self, openid: str, message: dict[str, Any]) -> None:
        """Send a customer-service message (within the reply window).

        Raises:
            ApiError: refused, or no answer.
        """
        # WeChat has no field for a message's own name here.
        body = {name: value for name, value in message.items() if name != "once"}
        await self._post("/cgi-bin/message/custom/send", {"touser": openid, **body})

    async def typing(self, openid: str) -> None:
        """Show 对方正在输入 until the next message, at most 15 seconds.

        Raises:
            ApiError: refused, or no answer.
        """
        body = {"touser": openid, "command": "Typing"}
        await self._caller.post("/cgi-bin/message/custom/typing", body)

    async def send_template(
        self, openid: str, template_id: str, data: dict[str, str], url: str | None, once: str
    ) -> str:
        """Send a template message; returns its id. ``once`` (32 characters) stops doubles.

        Raises:
            ApiError: refused, or no answer.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in data.items()},
            "client_msg_id": once[:32],
        }
        if url is not None:
            body["url"] = url
        answered = await self._post("/cgi-bin/message/template/send", body)
        return str(answered.get("msgid", ""))

    async def upload(self, content: bytes, mime: str) -> str:
        """Store a picture with the platform for three days (新增临时素材); returns its media_id.

        Raises:
            ApiError: refused (40009: too large, 40137 or 40005: its kind), or no answer.
        """
        return await self._caller.upload("/cgi-bin/media/upload", "image", content, mime)

    async def media(self, media_id: str) -> bytes:
        """What a customer sent; kept by WeChat for three days.

        Raises:
            ApiError: refused, or no answer.
        """
        return await self._caller.media("/cgi-bin/media/get", media_id)

    async def user(self, openid: str) -> dict[str, Any]:
        """Whether somebody follows the account, and their unionid.

        Raises:
            ApiError: refused, or no answer.
        """
        return await self._caller.get("/cgi-bin/user/info", openid=openid, lang="zh_CN")

    async def publish_menu(self, menu: dict[str, Any]) -> None:
        """Replace the account's menu.

        Raises:
            ApiError: refused, or no answer.
        """
        await self._caller.post("/cgi-bin/menu/create", menu)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answered = await self._caller.post(path, body)
        except ApiError as error:
            if error.code in ("-1", "timeout", "network", "45009", "48001", "48004"):
                self._failed_at = time.monotonic()
            raise
        self._failed_at = None
        return answered

    async def _fetch_token(self, force: bool) -> tuple[str, int]:
        if self._account.secret is None:
            raise ApiError("no_secret")
        body = {
            "grant_type": "client_credential",
            "appid": self._account.appid,
            "secret": self._account.secret.get_secret_value(),
            "force_refresh": force,
        }
        answered = result_of(await self._client.request("POST", "/cgi-bin/stable_token", json=body))
        return str(answered["access_token"]), int(answered["expires_in"])

"""The calls of 微信客服 that we make (developer.work.weixin.qq.com 94670, 94677, 94669, 95122)."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from bot.clock import Clock
from bot.settings import WeComKf
from channels.wechat.calling import Caller, Client, result_of
from channels.wechat.tokens import Tokens

PAGE = 1000

NEW, ASSISTANT, QUEUE, PERSON, ENDED = range(5)
"""States of a conversation: 未处理, 由智能助手接待, 待接入池排队, 由人工接待, 已结束."""


class KfApi:
    """One company's API.

    Args:
        company: with its secret.
        redis: shares the token with other replicas; None without.
        clock: current time.
    """

    def __init__(self, company: WeComKf, redis: Redis | None, clock: Clock) -> None:
        self._company = company
        self._client = Client(company.api_base)
        tokens = Tokens(f"wecom:{company.corpid}:kf", self._fetch_token, redis, clock)
        self._caller = Caller(self._client, tokens)

    async def page(self, open_kfid: str, cursor: str, token: str) -> dict[str, Any]:
        """Messages after a cursor: ``msg_list``, ``next_cursor``, ``has_more``.

        Args:
            open_kfid: of which account.
            cursor: where the last page ended; empty for the first ever.
            token: of a callback of the last ten minutes; empty is rate-limited.

        Raises:
            ApiError: refused (95007: the token is over), or no answer.
        """
        body: dict[str, Any] = {"open_kfid": open_kfid, "limit": PAGE, "voice_format": 0}
        if cursor:
            body["cursor"] = cursor
        if token:
            body["token"] = token
        return await self._caller.post("/cgi-bin/kf/sync_msg", body)

    async def send(self, open_kfid: str, user: str, message: dict[str, Any], once: str) -> None:
        """Send a message; ``once`` (32 characters) names it.

        Raises:
            ApiError: refused, or no answer.
        """
        body = {"touser": user, "open_kfid": open_kfid, "msgid": once[:32], **message}
        await self._caller.post("/cgi-bin/kf/send_msg", body)

    async def welcome(self, code: str, words: str) -> None:
        """Answer somebody's entering, within 20 seconds and once.

        Raises:
            ApiError: refused, or no answer.
        """
        body = {"code": code, "msgtype": "text", "text": {"content": words}}
        await self._caller.post("/cgi-bin/kf/send_msg_on_event", body)

    async def state(self, open_kfid: str, user: str) -> int:
        """Who has the conversation in WeCom.

        Raises:
            ApiError: refused, or no answer.
        """
        body = {"open_kfid": open_kfid, "external_userid": user}
        answered = await self._caller.post("/cgi-bin/kf/service_state/get", body)
        return int(answered.get("service_state", NEW))

    async def change_state(self, open_kfid: str, user: str, state: int) -> None:
        """Give the conversation to the assistant, the queue, or end it.

        Raises:
            ApiError: refused (95016: not from the present state), or no answer.
        """
        body = {"open_kfid": open_kfid, "external_userid": user, "service_state": state}
        await self._caller.post("/cgi-bin/kf/service_state/trans", body)

    async def upload(self, content: bytes, mime: str) -> str:
        """Store a picture with the platform for three days (新增临时素材); returns its media_id.

        Raises:
            ApiError: refused (40009: too large, 40137 or 40005: its kind), or no answer.
        """
        return await self._caller.upload("/cgi-bin/media/upload", "image", content, mime)

    async def media(self, media_id: str) -> bytes:
        """What a customer sent; kept for three days.

        Raises:
            ApiError: refused, or no answer.
        """
        return await self._caller.media("/cgi-bin/media/get", media_id)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _fetch_token(self, _force: bool) -> tuple[str, int]:
        params = {
            "corpid": self._company.corpid,
            "corpsecret": self._company.secret.get_secret_value(),
        }
        answered = result_of(await self._client.request("GET", "/cgi-bin/gettoken", params=params))
        return str(answered["access_token"]), int(answered["expires_in"])

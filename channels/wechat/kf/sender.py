"""Sending replies into 微信客服: always by the API, within 48 hours and 5 messages."""

from __future__ import annotations

import hashlib
from typing import Any

from channels.wechat.kf.api import KfApi
from channels.wechat.parts import Menu, Part, plain

CHANNEL = "wecom_kf"


class KfAccount:
    """One 客服账号 as the sender sees it.

    Args:
        api: of the company.
        open_kfid: of the account.
    """

    def __init__(self, api: KfApi, open_kfid: str) -> None:
        self._api = api
        self._open_kfid = open_kfid

    picture_types = frozenset({"image/jpeg", "image/png"})

    async def upload(self, content: bytes, mime: str) -> str:
        """Store a picture there for three days; raises ApiError."""
        return await self._api.upload(content, mime)

    async def send(self, openid: str, message: dict[str, Any]) -> None:
        """Send one message; raises ApiError."""
        named = f"{self._open_kfid} {openid} {message['once']}"
        once = hashlib.sha256(named.encode()).hexdigest()
        body = {name: value for name, value in message.items() if name != "once"}
        await self._api.send(self._open_kfid, openid, body, once)


def as_kf(part: Part) -> dict[str, Any]:
    """A part as kf/send_msg takes it. A card needs a stored picture there, so it goes as text."""
    if isinstance(part, Menu):
        return {
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": part.head,
                "list": [
                    {"type": "click", "click": {"id": key, "content": title}}
                    for key, title in part.options
                ],
            },
        }
    return {"msgtype": "text", "text": {"content": plain(part)}}

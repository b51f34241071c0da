"""微信客服 of a company: callbacks with a token only, messages fetched by cursor, states 0-4.

Our own desk answers through the API, which WeCom allows in states 0 and 1 only; so a conversation
stays in state 1 whoever of ours has it, and one that a colleague takes in WeCom (2, 3) is left to
them (docs/decisions/0006-wechat.md).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from bot.clock import Clock
from bot.records import Database, DatabaseUnavailable
from bot.turn import TurnService
from channels.wechat import xml
from channels.wechat.envelope import Envelope
from channels.wechat.errors import Refused
from channels.wechat.hearing import Hearing
from channels.wechat.kf.api import KfApi
from channels.wechat.kf.desk import KfDesk
from channels.wechat.kf.pulling import Puller
from channels.wechat.kf.sender import CHANNEL, KfAccount, as_kf
from channels.wechat.media import Media
from channels.wechat.webhook import SUCCESS, read_body

__all__ = ["CHANNEL", "Kf", "KfAccount", "KfApi", "as_kf"]


class Kf:
    """One company's 微信客服.

    Args:
        envelope: opens its callbacks.
        api: calls WeCom.
        turns: the service.
        hearing: what messages mean.
        media: fetches pictures and voices of this channel.
        database: cursors.
        clock: current time.
    """

    def __init__(
        self,
        envelope: Envelope,
        api: KfApi,
        turns: TurnService,
        hearing: Hearing,
        media: Media,
        database: Database,
        clock: Clock,
    ) -> None:
        self._envelope = envelope
        self._media = media
        self._desk = KfDesk(turns, hearing, media, api, clock)
        self.puller = Puller(database, api, self._desk.take, clock)

    def start(self) -> None:
        """Take up what an earlier process left."""
        self._media.start(self._desk.heard)
        self.puller.start()

    async def stop(self) -> None:
        """Let go."""
        await self.puller.stop()
        await self._media.stop()

    def router(self) -> APIRouter:
        """``GET`` and ``POST /wecom/kf``."""
        router = APIRouter(prefix="/wecom", include_in_schema=False)

        @router.get("/kf")
        async def verify(request: Request) -> Response:
            """The platform checks the URL."""
            try:
                return _text(self._envelope.verify_url(request.query_params))
            except Refused as refused:
                return _text(refused.why, refused.status)

        @router.post("/kf")
        async def called(request: Request) -> Response:
            """There are new messages; which, the callback does not say."""
            try:
                opened = self._envelope.open(request.query_params, await read_body(request))
                fields = _fields(opened.body)
                if fields is not None:
                    await self.puller.called(*fields)
            except Refused as refused:
                return _text(refused.why, refused.status)
            except DatabaseUnavailable:
                return _text("busy", 503)
            return _text(SUCCESS)

        return router


def _fields(body: bytes) -> tuple[str, str] | None:
    """Account and token of a callback about messages; None for any other."""
    try:
        fields: dict[str, Any] = xml.parse(body)
    except xml.BadXml as error:
        raise Refused(400, str(error)) from error
    account, token = fields.get("OpenKfId"), fields.get("Token")
    if fields.get("Event") != "kf_msg_or_event":
        return None
    if not isinstance(account, str) or not isinstance(token, str):
        raise Refused(400, "account or token is missing")
    if not 0 < len(account) <= 64 or len(token) > 256 or not account.isascii():
        raise Refused(400, "account or token is unfit")
    return account, token


def _text(content: str, status: int = 200) -> Response:
    return Response(content, status, media_type="text/plain; charset=utf-8")

"""``GET`` and ``POST /wechat/{account}``: the door that WeChat knocks at."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect

from bot.clock import Clock
from bot.errors import ServiceBusy
from channels.wechat.envelope import MAX_BODY, Envelope
from channels.wechat.errors import Refused
from channels.wechat.front import Front
from channels.wechat.inbound import read
from channels.wechat.parts import as_xml

log = logging.getLogger(__name__)

SUCCESS = "success"
"""What WeChat takes for "nothing to say now"; an empty or late answer makes it try again."""


def build_webhook(
    envelopes: Mapping[str, Envelope], fronts: Mapping[str, Front], clock: Clock
) -> APIRouter:
    """The routes; one envelope and one front desk for each account, by name."""
    router = APIRouter(prefix="/wechat", include_in_schema=False)

    @router.get("/{account}")
    async def verify(account: str, request: Request) -> Response:
        """The platform checks the URL."""
        try:
            return _text(_known(envelopes, account).verify_url(request.query_params))
        except Refused as refused:
            return _refusal(account if account in envelopes else "unknown", refused)

    @router.post("/{account}")
    async def receive(account: str, request: Request) -> Response:
        """A message or an event."""
        try:
            envelope = _known(envelopes, account)
            opened = envelope.open(request.query_params, await read_body(request))
            received = read(opened.body)
            answer = await fronts[account].answer(received, request.is_disconnected)
        except Refused as refused:
            return _refusal(account if account in envelopes else "unknown", refused)
        except ServiceBusy:
            # No answer of ours: WeChat sends it again, to us or to another replica.
            return _text("busy", 503)
        except ClientDisconnect:
            return _text("gone", 400)
        if answer.part is None:
            return _text(SUCCESS)
        written = as_xml(answer.part, received.openid, received.ours, int(clock().timestamp()))
        # Confirmed only after the answer has left: until then the relay may still have to send it.
        after = BackgroundTask(answer.confirm) if answer.confirm is not None else None
        return Response(
            envelope.close(written, opened), media_type="application/xml", background=after
        )

    return router


async def read_body(request: Request) -> bytes:
    """The whole body.

    Raises:
        Refused: it is larger than MAX_BODY; the rest was not read.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise Refused(413, "the body is too large")
    return bytes(body)


def _known(envelopes: Mapping[str, Envelope], account: str) -> Envelope:
    envelope = envelopes.get(account)
    if envelope is None:
        raise Refused(404, "there is no such account")
    return envelope


def _refusal(account: str, refused: Refused) -> Response:
    log.warning("request refused", extra={"account": account, "why": refused.why})
    return _text(refused.why, refused.status)


def _text(content: str, status: int = 200) -> Response:
    return Response(content, status, media_type="text/plain; charset=utf-8")

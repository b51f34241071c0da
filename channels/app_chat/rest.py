"""The REST twin of the socket, for apps: sessions, messages out and history in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bot.conversations import MAX_BYTES
from bot.errors import CustomerError, FilesNeedPerson, FileTooLarge, UnknownFile
from bot.web import file_response
from channels.app_chat.errors import (
    BadFrame,
    FrameTooLarge,
    InternalError,
    OriginNotAllowed,
    SessionMissing,
    TooManyFiles,
    TooManySessions,
)
from channels.app_chat.gate import Gate, address_of
from channels.app_chat.protocol import MAX_SEQ, PostedMessage, SessionRequest, parse_body
from channels.app_chat.tokens import Visitor

log = logging.getLogger(__name__)

_CORS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, x-file-name",
    "Access-Control-Max-Age": "600",
}
_FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def build_rest(gate: Gate) -> APIRouter:
    """The routes under /chat that speak JSON."""

    class ChatRoute(APIRoute):
        """Checks the origin, and answers every refusal in this channel's own form.

        Errors carry CORS headers too: a page that cannot read the error cannot show it.
        """

        def get_route_handler(self) -> _Handler:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                origin = None
                try:
                    origin = gate.check_origin(request)
                    response = await handle(request)
                except CustomerError as error:
                    response = error_response(error)
                    if isinstance(error, OriginNotAllowed):
                        return response
                except RequestValidationError as error:
                    fields = "; ".join(".".join(map(str, f["loc"])) for f in error.errors()[:5])
                    response = error_response(BadFrame(fields))
                except Exception:
                    log.exception("chat request failed")
                    response = error_response(InternalError())
                if origin is not None:
                    response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Vary"] = "Origin"
                response.headers.setdefault("Cache-Control", "no-store")
                return response

            return guarded

    router = APIRouter(prefix="/chat", tags=["chat"], route_class=ChatRoute)

    @router.post("/session", openapi_extra=_body(SessionRequest))
    async def open_session(request: Request) -> dict[str, Any]:
        """Open a session, or renew an old one; with a user token it is a verified one."""
        asked = parse_body(SessionRequest, await _limited_body(request, gate.limits.frame_bytes))
        if not asked.session and not gate.new_sessions.take(address_of(request)):
            raise TooManySessions
        visitor = gate.sessions.open(asked.session, asked.user_token)
        return {
            "session": gate.sessions.issue(visitor),
            "identity": visitor.identity,
            "expires_at": visitor.expires_at.isoformat(),
        }

    @router.post("/messages", openapi_extra=_body(PostedMessage))
    async def post_message(request: Request) -> dict[str, Any]:
        """Send a message and wait for its replies, at most ``wait_s`` seconds.

        Repeating a request with the same ``client_id`` stores nothing new and gives the same answer.
        """
        visitor = _visitor(gate, request)
        message = parse_body(PostedMessage, await _limited_body(request, gate.limits.frame_bytes))
        accepted = await gate.accept(visitor, message, address_of(request))
        replies = await gate.turns.wait_for_replies(accepted, timeout_s=message.wait_s)
        return {
            "accepted": {"client_id": message.client_id, "seq": accepted.seq},
            "replies": [gate.wire(reply) for reply in replies],
        }

    @router.get("/messages")
    async def get_messages(
        request: Request,
        after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> dict[str, Any]:
        """Messages with a seq above ``after``, oldest first."""
        visitor = _visitor(gate, request)
        gate.check_rate(visitor)
        state = await gate.turns.state(visitor.conversation)
        messages = await gate.turns.history(visitor.conversation, after, limit)
        return {
            "messages": [gate.wire(message) for message in messages],
            "latest": state.latest,
            "owner": state.owner,
            "agent": state.agent,
        }

    @router.post("/files", openapi_extra=_FILE_BODY)
    async def post_file(request: Request) -> dict[str, Any]:
        """Upload a picture or a PDF (the raw bytes) for a message to come; a person must be there.

        ``X-File-Name`` is the name, percent-encoded UTF-8. Send the ``id`` with the message.
        """
        visitor = _visitor(gate, request)
        if not gate.uploads.take(visitor.conversation.external_id):
            raise TooManyFiles
        content = await _limited_body(request, MAX_BYTES, FileTooLarge)
        if gate.files is None:
            raise FilesNeedPerson
        name = unquote(request.headers.get("x-file-name", ""))[:400]
        kept = await gate.files.receive(visitor.conversation, name, content)
        return {**kept, "url": gate.link(kept["id"])}

    @router.get("/files/{file_id}")
    async def get_file(file_id: str, t: Annotated[str, Query(max_length=200)] = "") -> Response:
        """A file of the conversation, by the link that came with its message."""
        if gate.files is None or not gate.files.check(file_id, t):
            raise UnknownFile
        file = await gate.files.load(file_id)
        return file_response(file.name, file.mime, file.content)

    @router.post("/end")
    async def end(request: Request) -> dict[str, Any]:
        """End the conversation; what was proved in it holds no longer. Then forget the session."""
        visitor = _visitor(gate, request)
        gate.check_rate(visitor)
        await gate.turns.end(visitor.conversation)
        return {"ended": True}

    @router.options("/session", include_in_schema=False)
    @router.options("/end", include_in_schema=False)
    @router.options("/files", include_in_schema=False)
    @router.options("/messages", include_in_schema=False)
    async def preflight() -> Response:
        """Tell a browser what a page of an allowed origin may send."""
        return Response(status_code=204, headers=_CORS)

    return router


def error_response(error: CustomerError) -> JSONResponse:
    """The JSON form of a refusal."""
    body: dict[str, Any] = {"code": error.code, "message": error.message, "retry": error.retry}
    if isinstance(error, BadFrame) and error.detail:
        body["detail"] = error.detail
    headers = {"Retry-After": "2"} if error.http_status == 429 else {}
    return JSONResponse({"error": body}, status_code=error.http_status, headers=headers)


def _visitor(gate: Gate, request: Request) -> Visitor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SessionMissing
    return gate.sessions.read(token.strip())


async def _limited_body(
    request: Request, limit: int, refusal: type[CustomerError] = FrameTooLarge
) -> bytes:
    """The body, read no further than the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise refusal
    return bytes(body)


def _body(model: type[SessionRequest] | type[PostedMessage]) -> dict[str, Any]:
    """The OpenAPI description of a body that we read ourselves, for its size limit's sake."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    for name, property_ in schema.get("properties", {}).items():
        for option in property_.get("anyOf", []):
            if "$ref" in option:
                option |= definitions[option.pop("$ref").rpartition("/")[2]]
        schema["properties"][name] = property_
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}

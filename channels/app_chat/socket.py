"""One customer's socket: frames in, messages out in order of seq, nothing twice, nothing left out."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import ExitStack
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.conversations import Author, MessageView, Typing
from bot.errors import CustomerError
from channels.app_chat.errors import (
    BadFrame,
    BadJson,
    BinaryFrame,
    FrameTooLarge,
    HelloFirst,
    InternalError,
    OriginNotAllowed,
    SessionExpired,
    TokenRefused,
    TooManyBadFrames,
    TooManyConnections,
    TooManySessions,
    UnknownType,
    UserTokenExpired,
)
from channels.app_chat.gate import Gate, address_of
from channels.app_chat.protocol import (
    Earlier,
    End,
    Hello,
    MessageFrame,
    Ping,
    Read,
    TypingIn,
    client_id_of,
    parse_frame,
)
from channels.app_chat.tokens import Visitor, public_id

log = logging.getLogger(__name__)

CLOSE_CODES: dict[type[CustomerError], int] = {
    TokenRefused: 4401,
    OriginNotAllowed: 4403,
    HelloFirst: 4400,
    TooManyBadFrames: 1008,
    TooManyConnections: 4429,
    TooManySessions: 4429,
    InternalError: 1011,
}
IDLE, LATER = 4408, 1013
UNREADABLE = (BadFrame, BadJson, BinaryFrame, FrameTooLarge, UnknownType)
"""What only a broken or hostile client sends, again and again."""


class Slow(Exception):
    """The peer does not take what we send; it may come back and re-fetch."""


class Idle(Exception):
    """Nothing has come for so long that nobody is there."""


class ChatSocket:
    """Serves one socket from its first frame to its close."""

    def __init__(self, socket: WebSocket, gate: Gate) -> None:
        self._socket = socket
        self._gate = gate
        self._sent = 0  # highest seq sent; everything up to it is never sent again
        self._writing = asyncio.Lock()
        self._fetching = asyncio.Lock()
        self._bad_frames = 0
        self._owner: tuple[str, str | None] = ("bot", None)  # as last told

    async def serve(self) -> None:
        """Run until either side closes. Raises nothing."""
        await self._socket.accept()
        try:
            with ExitStack() as places:
                self._gate.check_origin(self._socket)
                places.enter_context(self._gate.by_address.hold(address_of(self._socket)))
                hello = await self._hello()
                visitor = self._identify(hello)
                places.enter_context(self._gate.by_visitor.hold(visitor.conversation.external_id))
                await self._converse(visitor, hello)
        except CustomerError as error:
            await self._refuse(error)
        except Slow:
            await self._close(LATER)
        except (WebSocketDisconnect, ConnectionError):
            pass
        except Idle:
            await self._close(IDLE)
        except Exception:
            log.exception("chat socket failed")
            await self._refuse(InternalError())

    async def _hello(self) -> Hello:
        try:
            async with asyncio.timeout(self._gate.limits.hello_s):
                frame = parse_frame(await self._receive())
        except TimeoutError:
            raise HelloFirst from None
        if not isinstance(frame, Hello):
            raise HelloFirst
        return frame

    def _identify(self, hello: Hello) -> Visitor:
        if hello.session and not hello.user_token:
            visitor = self._gate.sessions.read(hello.session)
            if visitor.verified:  # a REST client's session, still valid: no new one is needed
                return visitor
        if not hello.session and not self._gate.new_sessions.take(address_of(self._socket)):
            raise TooManySessions
        return self._gate.sessions.open(hello.session, hello.user_token)

    async def _converse(self, visitor: Visitor, hello: Hello) -> None:
        key = visitor.conversation
        state = await self._gate.turns.state(key)
        # A client may know more than there is: after a restored backup its seqs mean nothing here.
        newest = max(0, state.latest - hello.limit)
        self._sent = newest if hello.after is None else min(hello.after, state.latest)
        self._owner = (state.owner, state.agent)
        await self._send(
            {
                "type": "ready",
                "session": self._gate.sessions.issue(visitor),
                "identity": visitor.identity,
                "expires_at": visitor.expires_at.isoformat(),
                "conversation": public_id(key),
                "latest": state.latest,
                "read": state.read,
                "owner": state.owner,
                "agent": state.agent,
                "more": hello.after is None and self._sent > 0,
            }
        )
        jobs = [
            asyncio.create_task(self._listen(visitor), name="chat socket: listen"),
            asyncio.create_task(self._deliver(visitor), name="chat socket: deliver"),
        ]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    # In: one frame after the other, so a client cannot have more than one in work.

    async def _listen(self, visitor: Visitor) -> None:
        while True:
            raw = ""
            try:
                try:
                    async with asyncio.timeout(self._gate.limits.idle_s):
                        raw = await self._receive()
                except TimeoutError:
                    raise Idle from None
                self._check_expiry(visitor)
                await self._handle(visitor, raw)
            except TokenRefused:
                raise
            except CustomerError as error:
                await self._send(_error_frame(error, client_id_of(raw)))
                self._count_bad(error)

    async def _handle(self, visitor: Visitor, raw: str) -> None:
        frame = parse_frame(raw)
        if not isinstance(frame, MessageFrame):
            self._gate.check_rate(visitor)
        match frame:
            case MessageFrame() as message:
                address = address_of(self._socket)
                accepted = await self._gate.accept(visitor, message, address)
                await self._send(
                    {"type": "accepted", "client_id": message.client_id, "seq": accepted.seq}
                )
            case Read(seq=seq):
                await self._gate.turns.read(visitor.conversation, seq)
            case Earlier(before=before, limit=limit):
                await self._send_earlier(visitor, before, limit)
            case TypingIn(on=on):
                key = visitor.conversation
                await self._gate.turns.bus.publish(key, Typing(on, Author.CUSTOMER))
            case Ping():
                await self._send({"type": "pong"})
                await self._catch_up(visitor)  # heals a wake-up that got lost on the way
            case End():
                await self._gate.turns.end(visitor.conversation)
                await self._send({"type": "ended"})
            case Hello():
                raise BadFrame("type: second hello")

    async def _receive(self) -> str:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1000))
        text: str | None = event.get("text")
        if text is None:
            raise BinaryFrame
        # Characters first: encoding an oversized text only to measure it would be work for nothing.
        limit = self._gate.limits.frame_bytes
        if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
            raise FrameTooLarge
        return text

    def _check_expiry(self, visitor: Visitor) -> None:
        if self._gate.clock() >= visitor.expires_at:
            raise UserTokenExpired if visitor.verified else SessionExpired

    def _count_bad(self, error: CustomerError) -> None:
        if not isinstance(error, UNREADABLE):
            return
        self._bad_frames += 1
        if self._bad_frames >= self._gate.limits.bad_frames:
            raise TooManyBadFrames

    # Out: by subscription, checked against history, because a wake-up may come twice or never.

    async def _deliver(self, visitor: Visitor) -> None:
        async with self._gate.turns.subscribe(visitor.conversation) as events:
            await self._catch_up(visitor)
            async for event in events:
                self._check_expiry(visitor)
                if isinstance(event, Typing):
                    await self._send({"type": "typing", "on": event.on})
                    if not event.on:
                        await self._tell_owner(visitor)  # a turn that is over may have changed it
                    continue
                if event.seq > self._sent + 1:
                    await self._catch_up(visitor)
                async with self._fetching:
                    await self._send_message(event)
                if event.author in (Author.AGENT, Author.SYSTEM):
                    await self._tell_owner(visitor)

    async def _tell_owner(self, visitor: Visitor) -> None:
        state = await self._gate.turns.state(visitor.conversation)
        if (state.owner, state.agent) == self._owner:
            return
        self._owner = (state.owner, state.agent)
        await self._send({"type": "owner", "owner": state.owner, "agent": state.agent})

    async def _catch_up(self, visitor: Visitor) -> None:
        async with self._fetching:
            size = self._gate.limits.page
            while True:
                page = await self._gate.turns.history(visitor.conversation, self._sent, size)
                for message in page:
                    await self._send_message(message)
                if len(page) < size:
                    return

    async def _send_message(self, message: MessageView) -> None:
        if message.seq <= self._sent:
            return
        await self._send({"type": "message", **self._gate.wire(message)})
        self._sent = message.seq

    async def _send_earlier(self, visitor: Visitor, before: int, limit: int) -> None:
        after = max(0, before - 1 - limit)
        page = await self._gate.turns.history(visitor.conversation, after, limit)
        messages = [self._gate.wire(message) for message in page if message.seq < before]
        await self._send({"type": "history", "messages": messages, "more": after > 0})

    async def _send(self, frame: dict[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        try:
            async with asyncio.timeout(self._gate.limits.send_s), self._writing:
                await self._socket.send_text(text)
        except TimeoutError:
            raise Slow from None

    async def _refuse(self, error: CustomerError) -> None:
        try:
            await self._send(_error_frame(error, None))
        except (Slow, WebSocketDisconnect, RuntimeError, OSError):
            pass  # the peer is gone: nobody is left to tell
        otherwise = LATER if error.retry else 4400
        code = next((c for kind, c in CLOSE_CODES.items() if isinstance(error, kind)), otherwise)
        await self._close(code)

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(self._gate.limits.send_s):
                await self._socket.close(code)
        except (RuntimeError, OSError, TimeoutError):
            pass  # already closed from the other side


def _error_frame(error: CustomerError, client_id: str | None) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "retry": error.retry,
    }
    if client_id is not None:
        frame["client_id"] = client_id
    if isinstance(error, BadFrame) and error.detail:
        frame["detail"] = error.detail
    return frame

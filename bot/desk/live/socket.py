"""``/api/desk/live``: frames in, frames out, for one open desk."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.conversations import Author, ConversationKey, Typing
from bot.desk.accounts import Actor
from bot.desk.errors import BadInput, ForeignOrigin, NotLoggedIn, TooFast
from bot.desk.live.seat import LATER, LOGGED_OUT, Seat
from bot.desk.origin import COOKIE, address_of, same_origin
from bot.desk.permissions import Op
from bot.desk.reach import Reach, within
from bot.errors import CustomerError, DeskBusy, DeskError
from bot.records import DatabaseUnavailable

if TYPE_CHECKING:
    from bot.desk.service import Desk

log = logging.getLogger(__name__)

FRAME_BYTES = 16 * 1024
HELLO_S = 10.0
IDLE_S = 80.0
"""A desk gives a sign of life each 20 s; when three are missing the line is dead."""
SEND_S = 10.0
"""A frame that the peer does not take for so long: it may come back and start anew."""
BAD_FRAMES = 20

FOREIGN, BAD, IDLE, FAILED, CROWDED = 4403, 1008, 4408, 1011, 4429


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Hello(_Frame):
    type: Literal["hello"]
    token: str = Field("", max_length=100)


class _Watch(_Frame):
    type: Literal["watch"]
    conversation: str = Field(max_length=40)


class _Unwatch(_Frame):
    type: Literal["unwatch"]


class _Typing(_Frame):
    type: Literal["typing"]
    conversation: str = Field(max_length=40)
    on: bool


class _Presence(_Frame):
    type: Literal["presence"]
    presence: Literal["online", "away", "offline"]


class _Beat(_Frame):
    type: Literal["beat"]


_FRAMES: TypeAdapter[_Hello | _Watch | _Unwatch | _Typing | _Presence | _Beat] = TypeAdapter(
    Annotated[_Hello | _Watch | _Unwatch | _Typing | _Presence | _Beat, Field(discriminator="type")]
)


class _Over(Exception):
    """The socket ends, for a reason that has a close code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class LiveSocket:
    """Serves one desk from its first frame to its close.

    Args:
        socket: not yet accepted.
        desk: the desk's parts.
    """

    def __init__(self, socket: WebSocket, desk: Desk) -> None:
        self._socket = socket
        self._desk = desk
        self._bad = 0

    async def serve(self) -> None:
        """Run until either side closes. Raises nothing."""
        await self._socket.accept()
        code = LATER
        try:
            seat = Seat(await self._who())
            code = await self._sit(seat)
        except NotLoggedIn as error:
            code = await self._refuse(error, LOGGED_OUT)
        except ForeignOrigin as error:
            code = await self._refuse(error, FOREIGN)
        except _Over as over:
            code = over.code
        except (WebSocketDisconnect, ConnectionError):
            return
        except DatabaseUnavailable:
            code = LATER
        except Exception:
            log.exception("desk socket failed")
            code = FAILED
        await self._close(code)

    async def _who(self) -> Actor:
        """By cookie, from our own page only, or by the token of a first frame."""
        address = address_of(self._socket)
        cookie = self._socket.cookies.get(COOKIE)
        if cookie:
            if not same_origin(self._socket):
                raise ForeignOrigin
            actor = await self._desk.sessions.actor(cookie, address)
            if actor is not None:
                return actor
        try:
            async with asyncio.timeout(HELLO_S):
                hello = _parse(await self._receive())
        except (TimeoutError, BadInput):
            raise NotLoggedIn from None
        token = hello.token if isinstance(hello, _Hello) else ""
        actor = await self._desk.sessions.actor(token, address) if token else None
        if actor is None:
            raise NotLoggedIn
        return actor

    async def _sit(self, seat: Seat) -> int:
        if self._desk.hub.is_crowded(seat.actor.id):
            raise _Over(CROWDED)
        await self._desk.handoffs.beat(seat.actor.id)
        sender = asyncio.create_task(self._send(seat), name="desk socket: send")
        reader = asyncio.create_task(self._read(seat), name="desk socket: read")
        gone = asyncio.create_task(seat.gone.wait(), name="desk socket: gone")
        jobs = (sender, reader, gone)
        try:
            await self._snapshot(seat)
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            if seat.close_code is not None:
                return seat.close_code
            for job in (sender, reader):
                if job.done():
                    job.result()
            return LATER
        finally:
            for task in jobs:
                task.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await self._desk.hub.leave_seat(seat)

    async def _snapshot(self, seat: Seat) -> None:
        hub = self._desk.hub
        found = await hub.take_seat(seat)
        lead = seat.actor.may(Op.SEE_ALL)
        first = {
            "type": "snapshot",
            "me": await self._desk.me(seat.actor),
            "mine": found.mine,
            "queue": {"items": found.queue, "total": found.waiting},
            "snoozed": found.snoozed,
            "counts": {
                "mine": len(found.mine),
                "queue": found.waiting,
                "snoozed": len(found.snoozed),
            },
            "alarms": hub.alarms() if lead else [],
        }
        seat.begin(first)
        if lead:
            seat.send({"type": "agents", "agents": await hub.colleagues()})

    # In

    async def _read(self, seat: Seat) -> None:
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    raw = await self._receive()
            except TimeoutError:
                raise _Over(IDLE) from None
            try:
                if not self._desk.frames.take(seat.actor.session):
                    raise TooFast
                await self._handle(seat, raw)
            except (DeskError, CustomerError) as error:
                self._tell(seat, error)
            except DatabaseUnavailable:
                self._tell(seat, DeskBusy())

    async def _handle(self, seat: Seat, raw: str) -> None:
        desk, actor = self._desk, seat.actor
        match _parse(raw):
            case _Watch(conversation=conversation):
                actor.require(Op.SEE)
                await desk.hub.watch(seat, conversation)
            case _Unwatch():
                await desk.hub.unwatch(seat)
            case _Typing(conversation=conversation, on=on):
                actor.require(Op.REPLY)
                row = await within(desk.database, actor, conversation, Reach.CHARGE)
                key = ConversationKey(row.channel, row.external_id)
                await desk.bus.publish(key, Typing(on, Author.AGENT))
            case _Presence(presence=presence):
                await desk.handoffs.set_presence(actor.id, presence)
                seat.send({"type": "me", "me": await desk.me(actor)})
            case _Beat():
                seat.beaten = True
                await desk.handoffs.beat(actor.id)
                seat.send({"type": "beat"})
            case _Hello():
                pass  # a client with a cookie may greet as well

    def _tell(self, seat: Seat, error: DeskError | CustomerError) -> None:
        seat.send({"type": "error", "code": error.code, "message": error.message})
        if isinstance(error, BadInput):
            self._bad += 1
            if self._bad >= BAD_FRAMES:
                raise _Over(BAD)

    async def _receive(self) -> str:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1000))
        text: str | None = event.get("text")
        return text if text is not None and len(text) <= FRAME_BYTES else ""

    # Out

    async def _send(self, seat: Seat) -> None:
        while True:
            text = await seat.outgoing.get()
            try:
                async with asyncio.timeout(SEND_S):
                    await self._socket.send_text(text)
            except TimeoutError:
                raise _Over(LATER) from None

    async def _refuse(self, error: DeskError, code: int) -> int:
        frame = {"type": "error", "code": error.code, "message": error.message}
        try:
            async with asyncio.timeout(SEND_S):
                await self._socket.send_text(json.dumps(frame, ensure_ascii=False))
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            pass  # nobody is left to tell
        return code

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(SEND_S):
                await self._socket.close(code)
        except (RuntimeError, OSError, TimeoutError, WebSocketDisconnect):
            pass  # closed from the other side


def _parse(raw: str) -> Any:
    try:
        return _FRAMES.validate_json(raw)
    except ValidationError:
        raise BadInput from None

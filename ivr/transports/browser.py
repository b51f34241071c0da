"""A call out of a browser: PCM16 over a WebSocket, keys and captions as JSON beside it.

Wire, after the socket is open. From the browser: binary frames (s16le mono, 16 kHz, at most
MAX_SOUND bytes) and text frames ``{"type": "key", "key": "1"}`` and ``{"type": "hangup"}``. To the
browser: binary frames of 20 ms, and ``{"type": "caption", "who": "bot"|"you", "text": …}``,
``{"type": "state", "state": …}``, ``{"type": "flush"}`` (drop what has not been played yet),
``{"type": "ended", "why": …}``. A browser that keeps to anything else is hung up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ivr.transports.outgoing import beat
from ivr.transports.paced import PacedCall
from ivr.transports.transport import FRAME_MS, Audio, Caller, Digit

log = logging.getLogger(__name__)

RATE = 16000
FRAME = RATE * FRAME_MS // 1000 * 2
MAX_SOUND = 6400
"""200 ms in one frame: no browser sends more."""

MAX_TEXT = 256
AHEAD_FRAMES = 10
"""Frames that may wait for the network."""

SILENT_S = 15.0
"""No frame at all for so long: nobody is there (a quiet microphone sends silence)."""

TOO_MUCH_S = 2.0
"""Sound that comes this much faster than time passes is no microphone's."""

SEND_S = 5.0
_KEYS = frozenset("0123456789*#")


class _Refused(Exception):
    """The browser broke the protocol; the text is for the log."""


class BrowserTransport(PacedCall):
    """One browser's call; a browser has no number."""

    def __init__(self, socket: WebSocket, call_id: str) -> None:
        super().__init__(Caller(call_id, "browser"), RATE)
        self._socket = socket
        self._sending: asyncio.Queue[bytes | str | None] = asyncio.Queue(500)
        self._rest = b""
        self._over = False
        self._why = "hangup"

    @classmethod
    async def serve(
        cls, socket: WebSocket, answer: Callable[[BrowserTransport], Awaitable[None]]
    ) -> None:
        """Accept a browser's socket and run its call to the end. Raises nothing."""
        await socket.accept()
        call = cls(socket, f"web-{uuid.uuid4().hex[:20]}")
        jobs = [
            asyncio.create_task(call._receive(), name="browser call: in"),
            asyncio.create_task(call._send(), name="browser call: out"),
            asyncio.create_task(beat(call._frame), name="browser call: beat"),
        ]
        try:
            await answer(call)
        finally:
            call._end("ended")
            await asyncio.wait({jobs[1]}, timeout=SEND_S)
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await call._close()

    def flush(self) -> int:
        """Drop what has not left yet, and what the browser has not played yet."""
        dropped = super().flush()
        self._tell({"type": "flush"})
        return dropped

    async def hangup(self) -> None:
        """See CallTransport."""
        await self._mouth.drained()
        self._end("ended")

    def caption(self, who: str, text: str) -> None:
        """Show what is said."""
        if who == "state":
            self._tell({"type": "state", "state": text})
        else:
            self._tell({"type": "caption", "who": who, "text": text})

    # In

    async def _receive(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        heard_s = 0.0
        try:
            while True:
                async with asyncio.timeout(SILENT_S):
                    event = await self._socket.receive()
                if event["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(event.get("code", 1000))
                sound = event.get("bytes")
                if sound is None:
                    if self._text(event.get("text") or ""):
                        return
                    continue
                heard_s += len(sound) / 2 / RATE
                if heard_s > loop.time() - began + TOO_MUCH_S:
                    raise _Refused("more sound than time")
                self._sound(sound)
        except (WebSocketDisconnect, ConnectionError, RuntimeError):
            self._end("hangup")
        except TimeoutError:
            log.warning("browser call without a sound", extra={"call": self._caller.call_id})
            self._end("silent")
        except _Refused as refused:
            log.warning(
                "browser call refused",
                extra={"call": self._caller.call_id, "reason": str(refused)},
            )
            self._end("refused")
        except Exception:
            log.exception("browser call failed", extra={"call": self._caller.call_id})
            self._end("error")

    def _sound(self, sound: bytes) -> None:
        if not sound or len(sound) > MAX_SOUND or len(sound) % 2:
            raise _Refused("sound of an impossible length")
        self._rest += sound
        while len(self._rest) >= FRAME:
            frame, self._rest = self._rest[:FRAME], self._rest[FRAME:]
            self._ears.hear(Audio(frame))

    def _text(self, text: str) -> bool:
        """Take a text frame; whether it hangs up."""
        if len(text) > MAX_TEXT:
            raise _Refused("text too long")
        try:
            frame: Any = json.loads(text)
        except ValueError:
            raise _Refused("no JSON") from None
        match frame:
            case {"type": "key", "key": str(key)} if key in _KEYS:
                self._ears.hear(Digit(key))
                return False
            case {"type": "hangup"}:
                self._end("hangup")
                return True
        raise _Refused("unknown frame")

    # Out

    def _frame(self) -> None:
        # What a slow network does not take waits in our queue, where a flush still reaches it.
        if self._sending.qsize() < AHEAD_FRAMES and (frame := self._mouth.frame()) is not None:
            self._sending.put_nowait(frame)

    def _tell(self, frame: dict[str, str]) -> None:
        if self._sending.full():
            self._end("slow")
            return
        self._sending.put_nowait(json.dumps(frame, ensure_ascii=False))

    async def _send(self) -> None:
        try:
            while (item := await self._sending.get()) is not None:
                async with asyncio.timeout(SEND_S):
                    if isinstance(item, str):
                        await self._socket.send_text(item)
                    else:
                        await self._socket.send_bytes(item)
            async with asyncio.timeout(SEND_S):
                await self._socket.send_text(json.dumps({"type": "ended", "why": self._why}))
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            self._end("hangup")

    def _end(self, why: str) -> None:
        if self._over:
            return
        self._over, self._why = True, why
        self._mouth.close()
        self._ears.close(why)
        if self._sending.full():
            self._sending.get_nowait()
        self._sending.put_nowait(None)

    async def _close(self) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(SEND_S):
                    await self._socket.close(1000)
            except (RuntimeError, OSError, TimeoutError):
                pass  # the other side was faster

"""Microsoft's online voices as edge-tts knows them: a real WebSocket server on loopback.

Each connection is one text: it takes the configuration and the SSML, then sends ``turn.start``, mp3
in binary messages, a sentence boundary and ``turn.end``, in the published framing. ``fault`` says what
goes wrong.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import av
import numpy as np
from aiohttp import web

Fault = Literal[
    "", "slow", "silent", "cut", "refused", "no_audio", "stalls", "nonsense", "unavailable"
]
_PIECE = 720


def mp3(seconds: float = 1.0, hertz: float = 440.0) -> bytes:
    """A tone as the service would send it: 24 kHz, mono."""
    at = np.arange(int(seconds * 24_000)) / 24_000
    tone = (0.4 * np.sin(2 * np.pi * hertz * at)).astype(np.float32).reshape(1, -1)
    codec: Any = av.CodecContext.create("libmp3lame", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = 24_000, "mono", "fltp", 48_000
    fifo = av.AudioFifo()
    frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
    frame.sample_rate = 24_000
    fifo.write(frame)
    out = b""
    while (piece := fifo.read(codec.frame_size or 576, partial=True)) is not None:
        piece.pts = None
        out += b"".join(bytes(packet) for packet in codec.encode(piece))
    return out + b"".join(bytes(packet) for packet in codec.encode(None))


@dataclass
class EdgeService:
    """The service; ``url`` is to be put where edge-tts keeps its own."""

    fault: Fault = ""
    seconds: float = 1.0
    texts: list[str] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)
    connections: int = 0
    _runner: web.AppRunner | None = None
    url: str = ""

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/edge/v1", self._speak)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"ws://127.0.0.1:{port}/edge/v1?TrustedClientToken=x"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        assert request.query["ConnectionId"] and request.query["Sec-MS-GEC"]
        if self.fault == "refused":
            return web.Response(status=403)
        if self.fault == "unavailable":
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert "speech.config" in (await socket.receive()).data
        ssml = (await socket.receive()).data
        self.texts.append(re.sub(r"<[^>]+>", "", ssml.partition("\r\n\r\n")[2]).strip())
        self.rates += re.findall(r"rate=['\"]([^'\"]+)", ssml)
        if self.fault == "silent":
            await asyncio.sleep(30)
        if self.fault == "slow":
            await asyncio.sleep(0.6)
        await socket.send_str("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        if self.fault == "nonsense":
            await socket.send_str("X-RequestId:1\r\nPath:surprise\r\n\r\n{}")
        await self._sound(socket)
        return socket

    async def _sound(self, socket: web.WebSocketResponse) -> None:
        sound = b"" if self.fault == "no_audio" else mp3(self.seconds)
        if self.fault in {"cut", "stalls"}:
            sound = sound[: len(sound) // 2]
        header = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
        for start in range(0, len(sound), _PIECE):
            piece = sound[start : start + _PIECE]
            await socket.send_bytes(len(header).to_bytes(2, "big") + header + piece)
        if self.fault == "stalls":
            await asyncio.sleep(30)
        if self.fault == "cut":
            await socket.close()
            return
        if sound:
            boundary = (
                '{"Metadata":[{"Type":"SentenceBoundary","Data":{"Offset":0,"Duration":10000000,'
                '"text":{"Text":"x","Length":1,"BoundaryType":"SentenceBoundary"}}}]}'
            )
            await socket.send_str(f"X-RequestId:1\r\nPath:audio.metadata\r\n\r\n{boundary}")
        await socket.send_str("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")
        await socket.close()

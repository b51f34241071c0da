"""The hotline as an ASGI application: `uvicorn ivr.process:create_app --factory`.

Its HTTP door is for our own processes only: health, and browser calls that the service hands over.
Telephones come in by doors of their own (ports of Asterisk).
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

from fastapi import FastAPI, HTTPException, Request, WebSocket

from bot.clock import utc_now
from bot.operations import set_up_logging
from bot.settings import Settings, load_settings
from ivr.call import HttpPhoneService, fixed_prompts, sentences
from ivr.doors import Door
from ivr.process.hotline import Hotline
from ivr.process.parts import Parts, open_parts
from ivr.process.priority import put_sound_first
from ivr.recording import Recordings, key_from
from ivr.transports.browser import BrowserTransport
from ivr.voices import VoiceError

log = logging.getLogger(__name__)

SWEEP_S = 3600.0
WARM_PAUSE_S = 5.0


def create_app(settings: Settings | None = None, parts: Parts | None = None) -> FastAPI:
    """The hotline's process.

    Args:
        settings: as loaded; None reads the environment.
        parts: engines and menu; None opens what is installed.

    Raises:
        SettingsError, MenuError: it cannot be configured so.
    """
    settings = settings or load_settings()
    set_up_logging()
    token = settings.require_secret("internal_token")
    opened = parts or open_parts(settings)
    recordings = _open_recordings(settings)
    doors = _open_doors(settings)
    failed: dict[str, str] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = HttpPhoneService(service_url(settings), token)
        hotline = Hotline(
            opened,
            service,
            max_calls=settings.ivr_max_calls,
            longest_s=settings.ivr_max_minutes * 60,
            recordings=recordings,
        )
        app.state.hotline = hotline
        put_sound_first()
        hotline.start()
        await opened.start()
        for door in doors:
            try:
                await door.start(hotline.answer)
            except Exception as error:
                failed[door.name] = type(error).__name__
                log.exception("door stays shut", extra={"door": door.name})
        warming = asyncio.create_task(
            _warm(opened, hotline, recorded=recordings is not None), name="hotline: warm"
        )
        sweeping = asyncio.create_task(_sweep(recordings), name="recordings: sweep")
        log.info("hotline open", extra=opened.state())
        yield
        sweeping.cancel()
        warming.cancel()
        for door in doors:
            if door.name not in failed:
                await door.stop()
        await hotline.stop()
        await opened.stop()
        await service.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    def is_ours(connection: Request | WebSocket) -> bool:
        shown = connection.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())

    @app.get("/health")
    async def health(request: Request) -> dict[str, Any]:
        """Engines, doors, calls. Without the token only that it lives."""
        hotline: Hotline = app.state.hotline
        if not is_ours(request):
            return {"status": "ok"}
        states = {
            door.name: {"status": "down", "why": failed[door.name]}
            if door.name in failed
            else door.state()
            for door in doors
        }
        down = bool(failed) or not opened.hears
        return {
            "status": "degraded" if down else "ok",
            **opened.state(),
            "doors": states,
            "calls": hotline.up,
            "states": hotline.states(),
            "answered": hotline.answered,
            "refused": hotline.refused,
            "recording": recordings is not None,
        }

    @app.get("/figures")
    async def figures(request: Request) -> dict[str, Any]:
        """How long things took in the calls that ended last."""
        if not is_ours(request):
            raise HTTPException(401)
        hotline: Hotline = app.state.hotline
        return {"calls": hotline.latest}

    @app.websocket("/phone/ws")
    async def browser(socket: WebSocket) -> None:
        """A call out of a browser, handed over by the service."""
        if not is_ours(socket):
            await socket.close(4401)
            return
        hotline: Hotline = app.state.hotline
        await BrowserTransport.serve(socket, hotline.answer)

    return app


def service_url(settings: Settings) -> str:
    """Where the service is."""
    if settings.ivr_service_url is not None:
        return settings.ivr_service_url
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "*", "") else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}"


def _open_recordings(settings: Settings) -> Recordings | None:
    if not settings.ivr_recording:
        return None
    key = key_from(settings.require_secret("ivr_recording_key"))
    keep = timedelta(days=settings.ivr_recording_days)
    return Recordings(settings.home / "recordings", key, keep)


def _open_doors(settings: Settings) -> list[Door]:
    try:
        module = import_module("ivr.transports.asterisk")
    except ModuleNotFoundError:
        return []
    opened: Door = module.AsteriskDoor(settings)
    return [opened]


async def _warm(parts: Parts, hotline: Hotline, *, recorded: bool) -> None:
    """Have the greeting and the fixed prompts in the voice's cache before anybody needs them.

    `yingda voices render` does the same for good; this is for whoever has not run it. Calls come
    first: nothing is spoken ahead while one is up.
    """
    texts = sentences(parts.spoken(parts.menu.welcome(recorded=recorded)))
    for rate in (8000, 16000):
        for text in [*texts, *fixed_prompts(parts.menu)]:
            while hotline.up:  # noqa: ASYNC110 - seconds matter to nobody here
                await asyncio.sleep(WARM_PAUSE_S)
            try:
                async for _ in parts.voice.speak(parts.spoken(text), rate):
                    pass
            except VoiceError:
                log.warning("prompts are not spoken ahead: no voice")
                return


async def _sweep(recordings: Recordings | None) -> None:
    while recordings is not None:
        await asyncio.to_thread(recordings.sweep, utc_now())
        await asyncio.sleep(SWEEP_S)

"""The engine's door, from the service's side: one request, one answer, within a deadline."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import zlib
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

log = logging.getLogger(__name__)

RETRY_AFTER_S = (0.1, 0.3, 0.8, 1.5, 2.0)
CONNECT_TIMEOUT_S = 1.0
HEALTH_TIMEOUT_S = 2.0
PARSE_TIMEOUT_S = 60.0
MOST_TURNS = 600
"""Requests to the engines at once; one more waits its turn within its own deadline. 50 messages a
second and an engine that takes 5 s for each make 250."""

CANNOT_CONNECT = ("ClientConnectorError", "ClientOSError", "ServerDisconnectedError")
"""What the engine calls a failed connection to our actions (names of aiohttp's errors)."""


class EngineDown(Exception):
    """The engine did not answer within the deadline, after retries."""


class EngineReply(BaseModel):
    """One bubble of the bot."""

    model_config = ConfigDict(extra="ignore")

    text: str | None = None
    buttons: list[dict[str, Any]] = Field(default_factory=list)
    custom: dict[str, Any] | None = None


class EngineAnswer(BaseModel):
    """What the engine made of one message."""

    model_config = ConfigDict(extra="ignore")

    replies: list[EngineReply]
    intent: str | None = None
    confidence: float | None = None
    intent_ranking: list[dict[str, Any]] = Field(default_factory=list)
    entities: list[dict[str, Any]] = Field(default_factory=list)
    emotion: dict[str, Any] | None = None
    slots: dict[str, Any] = Field(default_factory=dict)
    actions: list[str] = Field(default_factory=list)
    snapshot: dict[str, Any] | None = None
    turn: int = Field(0, ge=0, description="the number to send with the next message")
    errors: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def actions_unreachable(self) -> bool:
        """Whether there is no answer because the engine could not call our actions.

        So it is while the service starts or stops: worth asking again, here or after the restart.
        """
        return not self.replies and any(
            error.get("where") == "action" and str(error.get("what", "")).endswith(CANNOT_CONNECT)
            for error in self.errors
        )


class EngineClient:
    """Talks to the engine over HTTP.

    Several engines share the conversations by hash; any of them can take over any conversation,
    since each request carries a snapshot of it, so a retry goes to the next engine.

    Args:
        urls: base URLs of the engines.
        token: shared secret of service and engine.
        deadline_s: longest time that one turn may take, retries included, in seconds.
    """

    def __init__(self, urls: list[str], token: str, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._urls = urls
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def turn(self, request: dict[str, Any]) -> EngineAnswer:
        """Let the engine answer one message.

        A repeat is safe: the request carries the number of turns already committed, so that an
        engine which had answered before we stopped listening goes back to that state, and actions
        that change something carry idempotency keys.

        Raises:
            EngineDown: no usable answer within the deadline.
        """
        give_up = time.monotonic() + self._deadline_s
        first = zlib.crc32(str(request.get("sender", "")).encode())
        for attempt, pause in enumerate((*RETRY_AFTER_S, None)):
            url = self._urls[(first + attempt) % len(self._urls)]
            remaining = give_up - time.monotonic()
            if remaining <= 0:
                break
            try:
                # One that hangs must leave time for the next.
                patience = remaining if len(self._urls) == 1 else remaining / 2
                status, body = await self._post(f"{url}/webhooks/door/turn", request, patience)
                if status == HTTPStatus.OK:
                    result = EngineAnswer.model_validate_json(body)
                    if not result.actions_unreachable:
                        return result
                    log.warning("engine did not reach our actions")
                else:
                    log.warning("engine refused a turn", extra={"status": status})
                    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                        break
            except ValidationError:
                log.warning("engine answered in an unknown form")
                break
            except (aiohttp.ClientError, OSError, TimeoutError):
                log.warning("engine not reached")
            if pause is None or time.monotonic() + pause >= give_up:
                break
            await asyncio.sleep(pause)
        raise EngineDown

    async def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """Understand sentences without answering them.

        Raises:
            EngineDown: the engine did not answer.
        """
        url = f"{self._urls[0]}/webhooks/door/parse"
        try:
            status, body = await self._post(url, {"texts": texts}, PARSE_TIMEOUT_S)
            if status != HTTPStatus.OK:
                raise EngineDown
            results: list[dict[str, Any]] = json.loads(body)["results"]
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
            raise EngineDown from error
        return results

    async def health(self) -> dict[str, Any]:
        """What the first engine says of itself after a canary parse, and how many are up.

        ``status`` is ``ok`` when all are, ``degraded`` when some are, else ``down``.
        """
        states = await asyncio.gather(*(self._health_of(url) for url in self._urls))
        up = [state for state in states if state.get("status") == "ok"]
        status = "ok" if len(up) == len(states) else "degraded" if up else "down"
        return (up[0] if up else {}) | {"status": status, "up": len(up), "of": len(states)}

    async def _health_of(self, url: str) -> dict[str, Any]:
        try:
            async with self._open().get(
                f"{url}/webhooks/door/health", timeout=aiohttp.ClientTimeout(HEALTH_TIMEOUT_S)
            ) as response:
                if response.status == HTTPStatus.OK:
                    state: dict[str, Any] = json.loads(await response.read())
                    return state
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            pass
        return {}

    async def close(self) -> None:
        """Release connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: dict[str, Any], timeout_s: float) -> tuple[int, bytes]:
        timeout = aiohttp.ClientTimeout(timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        async with self._open().post(url, json=body, timeout=timeout) as response:
            return response.status, await response.read()

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first use: a session belongs to the event loop it is made in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, connector=aiohttp.TCPConnector(limit=MOST_TURNS)
            )
        return self._session

"""The engine's one door: a Rasa input channel through which only the service may pass.

``POST /webhooks/door/turn``   one customer turn in, everything the service must know out
``POST /webhooks/door/parse``  understanding only, for several texts
``GET  /webhooks/door/health`` ``ok`` once a canary has been understood

The first two want ``Authorization: Bearer <token>``. Unlike Rasa's REST channel the door never
answers an empty 200 for a failure: what went wrong in NLU, policy or an action is in ``errors``.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from typing import Any, Awaitable, Callable, Dict, List, NoReturn, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_answer

from engine import fastpaths
from engine.turn import MAX_TEXT, BadTurn, TurnRequest, clean_text, nlu_answer, take_turn

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 512 * 1024
MAX_PARSE_TEXTS = 1000
_CANARY = "你好"


class DoorInput(InputChannel):
    """Answers the service's turns; named in ``credentials.yml``."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    @classmethod
    def name(cls) -> str:
        """The channel's name and URL prefix."""
        return "door"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "DoorInput":
        """Make the channel from its section of ``credentials.yml``.

        Raises:
            RasaException: there is no token; an open door would be worse than none.
        """
        token = str((credentials or {}).get("token") or "").strip()
        if len(token) < 8:
            cls._refuse()
        return cls(token)

    @staticmethod
    def _refuse() -> NoReturn:
        raise RasaException(
            "The engine's door needs a token of at least 8 characters: "
            "set YINGDA_INTERNAL_TOKEN to the service's internal token."
        )

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Define the three routes."""
        door = Blueprint("door", url_prefix=self.url_prefix())

        @door.listener("before_server_start")
        async def prepare(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            fastpaths.install()
            app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES

        @door.listener("after_server_stop")
        async def finish(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            endpoint = getattr(getattr(app.ctx, "agent", None), "action_endpoint", None)
            if isinstance(endpoint, fastpaths.ActionEndpoint):
                await endpoint.close()

        @door.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
            agent = _ready_agent(request.app)
            if agent is None:
                return _error(503, "no model is loaded")
            try:
                wanted = TurnRequest.read(_body(request))
            except BadTurn as error:
                return _error(400, str(error))
            return json_answer(await take_turn(agent, wanted), dumps=_dumps)

        @door.post("/parse")
        async def parse(request: Request) -> HTTPResponse:
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
            agent = _ready_agent(request.app)
            if agent is None:
                return _error(503, "no model is loaded")
            try:
                texts = _texts(_body(request))
            except BadTurn as error:
                return _error(400, str(error))
            return json_answer({"results": await _parse(agent, texts)}, dumps=_dumps)

        @door.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = _ready_agent(request.app)
            if agent is None:
                return _error(503, "no model is loaded")
            try:
                await _parse(agent, [_CANARY])
            except Exception as error:
                logger.error("the canary was not understood", extra={"kind": type(error).__name__})
                return _error(503, "the model does not answer")
            model = agent.processor.model_filename
            return json_answer({"status": "ok", "model": model, "warm": True})

        return door

    def _refusal(self, request: Request) -> Optional[HTTPResponse]:
        given = request.headers.get("authorization", "")
        expected = b"Bearer " + self._token
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected):
            return _error(401, "a valid internal token is required")
        if len(request.body) > MAX_BODY_BYTES:
            return _error(413, "the request is too large")
        return None


def _ready_agent(app: Sanic) -> Optional[Agent]:
    """The loaded agent with our action endpoint in it, or None before it is loaded."""
    agent: Optional[Agent] = getattr(app.ctx, "agent", None)
    if agent is None or agent.processor is None:
        return None
    endpoint = agent.action_endpoint
    if endpoint is not None and not isinstance(endpoint, fastpaths.ActionEndpoint):
        endpoint = agent.action_endpoint = fastpaths.ActionEndpoint(endpoint)
    agent.processor.action_endpoint = endpoint  # a reloaded model brings a new processor
    return agent


def _body(request: Request) -> Dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadTurn("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadTurn("the body is not a JSON object")
    return body


def _texts(body: Dict[str, Any]) -> List[str]:
    texts = body.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadTurn("texts must be a list of strings")
    if len(texts) > MAX_PARSE_TEXTS:
        raise BadTurn(f"at most {MAX_PARSE_TEXTS} texts at once")
    return texts


async def _parse(agent: Agent, texts: List[str]) -> List[Dict[str, Any]]:
    results = []
    for text in texts:
        message = UserMessage(clean_text(text[:MAX_TEXT]))
        parse_data = await agent.processor.parse_message(message)
        results.append({"text": text, **nlu_answer(parse_data)})
        await asyncio.sleep(0)  # turns of customers go between
    return results


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _error(status: int, what: str) -> HTTPResponse:
    return json_answer({"error": what}, status=status)

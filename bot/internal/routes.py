"""The internal routes."""

from __future__ import annotations

import hmac
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.engine import EngineClient, EngineDown
from bot.turn import Choice, ConversationKey, Inbound, TurnService

log = logging.getLogger(__name__)

TURN_TIMEOUT_S = 30.0


class TurnRequest(BaseModel):
    """One message through the whole path, as any channel would hand it in."""

    channel: str = Field(max_length=32)
    external_id: str = Field(min_length=1, max_length=128)
    customer_id: str | None = Field(None, max_length=64, description="verified shop customer")
    text: str = ""
    choice: tuple[int, int] | None = Field(None, description="(seq, index) of a quick reply")
    dedup_key: str = Field(min_length=1, max_length=200)
    test: bool = Field(False, description="an episode that begins with it counts nowhere")


class ParseRequest(BaseModel):
    """Sentences to understand without answering them."""

    texts: list[str] = Field(max_length=1000)


def build_internal_router(
    token: str, turns: TurnService, engine: EngineClient, actions: list[Action]
) -> APIRouter:
    """Routes under ``/internal``.

    Args:
        token: what callers must show as bearer token.
        turns: runs messages.
        engine: understands sentences.
        actions: what the engine may run here.
    """
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "the internal token is needed")

    router = APIRouter(
        prefix="/internal", dependencies=[Depends(authorised)], include_in_schema=False
    )

    @router.post("/actions/webhook")
    async def run_action(request: Request) -> JSONResponse:
        """What `rasa run actions` would answer, in the same form."""
        call: dict[str, Any] = await request.json()
        # Our actions do not read the domain and the engine leaves it out; rasa-sdk 3.21 would ask
        # for it with a 449, which Rasa 3.6 does not know.
        call.setdefault("domain", {})
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return JSONResponse(
                {"error": str(rejection), "action_name": rejection.action_name}, 400
            )
        except ActionNotFoundException as missing:
            return JSONResponse({"error": str(missing), "action_name": missing.action_name}, 404)
        except Exception:
            log.exception("action failed", extra={"action": call.get("next_action")})
            return JSONResponse({"error": "action failed"}, 500)
        return JSONResponse(result.model_dump() if isinstance(result, BaseModel) else result)

    @router.post("/turn")
    async def turn(body: TurnRequest) -> dict[str, Any]:
        """Run one message and tell everything about its turn."""
        inbound = Inbound(
            key=ConversationKey(body.channel, body.external_id),
            dedup_key=body.dedup_key,
            text=body.text,
            choice=Choice(*body.choice) if body.choice else None,
            verified_customer_id=body.customer_id,
            test=body.test,
        )
        result = await turns.answer(inbound, TURN_TIMEOUT_S)
        if result is None:
            raise HTTPException(409, "this dedup_key was used before, or the turn took too long")
        return {
            "replies": [view.as_json() for view in result.replies],
            "intent": result.intent,
            "confidence": result.confidence,
            "intent_ranking": result.intent_ranking,
            "entities": result.entities,
            "emotion": result.emotion,
            "actions": result.actions,
            "owner": result.owner,
            "handoff": result.handoff,
            "episode": result.episode,
            "errors": result.errors,
        }

    @router.post("/parse")
    async def parse(body: ParseRequest) -> dict[str, Any]:
        """Understand sentences."""
        try:
            return {"results": await engine.parse(body.texts)}
        except EngineDown as error:
            raise HTTPException(503, "the engine is not answering") from error

    return router

"""``/internal/phone``: the hotline's door into the service (token, never reachable from outside)."""

import hmac
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from channels.phone.calls import Phone

CallId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Begin(_Body):
    """A call was answered."""

    call: CallId
    door: str = Field(max_length=16)
    number: str | None = Field(None, max_length=32, pattern=r"^[+0-9*#]{2,32}$")
    dialled: str | None = Field(None, max_length=32)
    greeting: str = Field(min_length=1, max_length=1000)
    recorded: bool = False


class Turn(_Body):
    """The caller said something, or chose what was offered."""

    text: str = Field("", max_length=2000)
    number: int = Field(ge=1)
    choice: tuple[int, int] | None = None


class Prompted(_Body):
    """The call flow said something by itself."""

    text: str = Field(min_length=1, max_length=1000)


class CutOff(_Body):
    """How much the caller heard."""

    heard: str = Field(max_length=2000)


class Why(_Body):
    """Why people are needed."""

    why: Literal["no_input", "not_understood"]


class Stage(_Body):
    """Where the call is with an agent."""

    stage: Literal[
        "ringing", "talking", "typing", "answered", "no_answer", "busy", "failed", "caller_gone"
    ]


class CallBack(_Body):
    """Whom to call, and when, in the caller's words."""

    number: str = Field(pattern=r"^[+0-9]{5,20}$")
    when: str = Field("", max_length=200)


class Mobile(_Body):
    """A member's mobile."""

    mobile: str = Field(pattern=r"^1[3-9]\d{9}$")


class Code(_Body):
    """What the caller entered."""

    code: str = Field(pattern=r"^\d{6}$")


class Rating(_Body):
    """How satisfied the caller was, 5 the best."""

    key: Literal["1", "2", "3", "4", "5"]


class End(_Body):
    """Why it is over, and figures of it."""

    why: str = Field(max_length=64)
    figures: dict[str, float | int | str | None] = Field(default_factory=dict, max_length=20)


class Alive(_Body):
    """Calls that are up."""

    calls: list[CallId] = Field(max_length=1000)


def build_phone_router(token: str, phone: Phone) -> APIRouter:
    """The routes.

    Args:
        token: what the hotline must show as bearer token.
        phone: does the work.
    """

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "the internal token is needed")

    async def known(call: str) -> str:
        if not await phone.knows(call):
            raise HTTPException(404, "no such call")
        return call

    Known = Annotated[str, Depends(known)]

    router = APIRouter(
        prefix="/internal/phone", dependencies=[Depends(authorised)], include_in_schema=False
    )

    @router.post("/calls")
    async def begin(body: Begin) -> dict[str, Any]:
        """A call begins."""
        standing = await phone.begin(
            body.call,
            body.door,
            body.number,
            body.dialled,
            body.greeting,
            recorded=body.recorded,
        )
        return standing.as_json()

    @router.post("/alive")
    async def alive(body: Alive) -> dict[str, Any]:
        """These calls are up."""
        await phone.alive(body.calls)
        return {}

    @router.post("/calls/{call}/turn")
    async def turn(call: Known, body: Turn) -> dict[str, Any]:
        """Have a sentence answered."""
        result, standing, wanted = await phone.turn(call, body.text, body.number, body.choice)
        if result is None:
            raise HTTPException(409, "asked before, or the turn took too long")
        return {
            **standing.as_json(),
            "replies": [view.as_json() for view in result.replies],
            "intent": result.intent,
            "handoff": result.handoff,
            "expects": wanted,
        }

    @router.post("/calls/{call}/prompted")
    async def prompted(call: Known, body: Prompted) -> dict[str, Any]:
        """Write a prompt into the transcript."""
        await phone.prompted(call, body.text)
        return {}

    @router.post("/calls/{call}/cut-off")
    async def cut_off(call: Known, body: CutOff) -> dict[str, Any]:
        """We were interrupted."""
        await phone.cut_off(call, body.heard)
        return {}

    @router.post("/calls/{call}/person")
    async def person(call: Known, body: Why) -> dict[str, Any]:
        """People are needed."""
        return (await phone.person(call, body.why)).as_json()

    @router.get("/calls/{call}/standing")
    async def watch(call: Known, after: int = 0, wait: float = 0) -> dict[str, Any]:
        """How it stands, as soon as there is news."""
        return (await phone.watch(call, after, min(30.0, max(0.0, wait)))).as_json()

    @router.post("/calls/{call}/transfer")
    async def transfer(call: Known, body: Stage) -> dict[str, Any]:
        """Where the call is."""
        await phone.transferring(call, body.stage)
        return {}

    @router.post("/calls/{call}/call-back")
    async def call_back(call: Known, body: CallBack) -> dict[str, Any]:
        """A person is to call back."""
        return {"when": await phone.call_back(call, body.number, body.when)}

    @router.post("/calls/{call}/code")
    async def code(call: Known, body: Mobile) -> dict[str, Any]:
        """Send a code."""
        return {"sent": await phone.send_code(call, body.mobile)}

    @router.post("/calls/{call}/code-check")
    async def code_check(call: Known, body: Code) -> dict[str, Any]:
        """Check a code."""
        return {"result": await phone.check_code(call, body.code)}

    @router.post("/calls/{call}/may-rate")
    async def may_rate(call: Known) -> dict[str, Any]:
        """Whether to ask how satisfied the caller was."""
        return {"may": await phone.may_rate(call)}

    @router.post("/calls/{call}/rating")
    async def rating(call: Known, body: Rating) -> dict[str, Any]:
        """The caller's score."""
        return {"text": await phone.rate(call, body.key)}

    @router.post("/calls/{call}/end")
    async def end(call: Known, body: End) -> dict[str, Any]:
        """The call is over."""
        await phone.end(call, body.why, dict(body.figures))
        return {}

    return router

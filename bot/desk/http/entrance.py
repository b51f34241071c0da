"""Logging in and out, and one's own account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from bot.desk.accounts import Actor
from bot.desk.errors import ForeignOrigin
from bot.desk.http import bodies
from bot.desk.http.access import DeskDep, May, router
from bot.desk.origin import COOKIE, address_of, same_origin
from bot.desk.permissions import Op
from bot.desk.service import Desk
from bot.desk.work import audit

api = router("log-in")

Self = Annotated[Actor, Depends(May(Op.SELF))]


@api.post("/login")
async def login(body: bodies.LoginBody, request: Request, desk: DeskDep) -> Response:
    """Log in: sets the session's cookie, or with ``token`` gives the token itself."""
    if request.headers.get("origin") is not None and not same_origin(request):
        raise ForeignOrigin
    address = address_of(request)
    token = await desk.door.enter(body.login, body.password, body.code, address)
    actor = await desk.sessions.actor(token, address)
    assert actor is not None  # noqa: S101 - opened a moment ago
    await _note(desk, actor, "login")
    answer: dict[str, Any] = {"agent": await desk.me(actor)}
    if body.token:
        return JSONResponse(answer | {"token": token})
    response = JSONResponse(answer)
    response.set_cookie(
        COOKIE,
        token,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@api.post("/logout")
async def logout(actor: Self, desk: DeskDep) -> Response:
    """End this session; its live socket closes."""
    await _note(desk, actor, "logout")
    await desk.sessions.close(actor.session)
    await desk.bus.changed()
    response = JSONResponse({"ok": True})
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@api.get("/me")
async def me(actor: Self, desk: DeskDep) -> dict[str, Any]:
    """Who one is and what one may."""
    return await desk.me(actor)


@api.put("/me/presence")
async def presence(body: bodies.PresenceBody, actor: Self, desk: DeskDep) -> dict[str, Any]:
    """``online`` gets work, ``away`` keeps what is in hand, ``offline`` gives it back."""
    await desk.handoffs.set_presence(actor.id, body.presence)
    return await desk.me(actor)


@api.post("/me/password")
async def password(body: bodies.PasswordBody, actor: Self, desk: DeskDep) -> dict[str, Any]:
    """Another password; every other session of one's own ends."""
    await desk.door.change_password(actor, body.old, body.new)
    await _note(desk, actor, "password")
    await desk.bus.changed()
    return {"ok": True}


@api.post("/me/totp")
async def totp(actor: Self, desk: DeskDep) -> dict[str, str]:
    """Begin to use a second factor: ``{"secret", "uri"}`` for an authenticator app."""
    return await desk.door.begin_factor(actor)


@api.post("/me/totp/confirm")
async def totp_confirm(body: bodies.CodeBody, actor: Self, desk: DeskDep) -> dict[str, Any]:
    """Show that the app makes the right codes; from now on they are asked for."""
    await desk.door.confirm_factor(actor, body.code)
    await _note(desk, actor, "totp_on")
    return {"ok": True}


@api.post("/me/totp/remove")
async def totp_remove(body: bodies.ProofBody, actor: Self, desk: DeskDep) -> dict[str, Any]:
    """Stop using the second factor."""
    await desk.door.drop_factor(actor, body.password)
    await _note(desk, actor, "totp_off")
    return {"ok": True}


async def _note(desk: Desk, actor: Actor, action: str) -> None:
    def write(tx: Connection) -> None:
        audit.write(tx, actor, action, f"agent:{actor.id}", desk.clock())

    await desk.database.write(write)

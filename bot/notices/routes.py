"""``/internal/notices``: where the shop's back office posts what has happened (docs/notices.md)."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from bot.notices.models import Notice
from bot.notices.service import NoticeConflict, Notices
from bot.records import DatabaseUnavailable


def build_notices_router(notices: Notices, tokens: list[str]) -> APIRouter:
    """The routes.

    Args:
        notices: takes them in.
        tokens: any of them opens the door, as bearer token.
    """

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        given = authorization.encode()
        right = [hmac.compare_digest(given, f"Bearer {token}".encode()) for token in tokens]
        if not any(right):
            raise HTTPException(401, "a token is needed")

    router = APIRouter(
        prefix="/internal/notices", dependencies=[Depends(authorised)], tags=["notices"]
    )

    @router.post("", status_code=202)
    async def post(notice: Notice, response: Response) -> dict[str, str]:
        """Take a notice in; 202 when it is new, 200 for a repeat, 409 if its id meant another."""
        try:
            new = await notices.accept(notice)
        except NoticeConflict as error:
            raise HTTPException(409, "this id was used for another notice") from error
        except DatabaseUnavailable as error:
            raise HTTPException(503, "not stored, send it again") from error
        if not new:
            response.status_code = 200
        return {"id": notice.id}

    @router.get("/{notice_id}")
    async def state(notice_id: str) -> dict[str, Any]:
        """What has become of a notice."""
        found = await notices.state(notice_id)
        if found is None:
            raise HTTPException(404, "no such notice")
        return found

    return router

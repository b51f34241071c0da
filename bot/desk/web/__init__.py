"""The desk's page at ``/desk``: static ES modules over the documented API, nothing more.

It holds no session and no data; all it shows comes from ``/api/desk`` (docs/desk.md), as a brand's
own desk would get it. Why it is built so: docs/decisions/0005-desk-in-the-browser.md.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from bot.web import PAGE_POLICY, load

__all__ = ["build_web"]


def build_web() -> APIRouter:
    """The routes of the page and its files."""
    files = load(Path(__file__).parent / "page")
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    router = APIRouter(prefix="/desk", include_in_schema=False)

    @router.get("")
    @router.get("/")
    async def page(request: Request) -> Response:
        return files["index.html"].response(request, headers)

    @router.get("/reports")
    async def reports() -> Response:
        # The page keeps its places behind the "#"; this address is for people to remember.
        return RedirectResponse("/desk#/reports", headers=headers)

    @router.get("/{name:path}")
    async def asset(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPException(404)
        return files[name].response(request, headers)

    return router

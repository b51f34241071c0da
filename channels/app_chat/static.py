"""The widget's files; any page of any site may load them."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from bot.web import load

HERE = Path(__file__).parent


def build_static() -> APIRouter:
    """The routes of the widget's files; any page of any site may load them."""
    router = APIRouter(prefix="/chat", include_in_schema=False)
    files = load(HERE / "widget")
    anywhere = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }

    @router.get("/widget.js")
    async def entry(request: Request) -> Response:
        return files["widget.js"].response(request, anywhere)

    @router.get("/widget/{name}")
    async def module(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPException(404)
        return files[name].response(request, anywhere)

    return router

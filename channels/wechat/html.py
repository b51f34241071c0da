"""Our small pages for a phone: plain HTML, no script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from fastapi import Response

_STYLE = Path(__file__).with_name("style.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Content-Security-Policy of the pages."""


def page(title: str, body: str, status: int = 200) -> Response:
    """A page; ``body`` is HTML whose texts are escaped (see `text`)."""
    content = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{text(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return Response(
        content,
        status,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            # The address holds the token: it must not travel to other sites.
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )


def message(title: str, words: str, status: int = 200) -> Response:
    """A page that only says something."""
    return page(title, f"<section><h1>{text(title)}</h1><p>{text(words)}</p></section>", status)


def text(value: object) -> str:
    """A text inside HTML, also inside a quoted attribute."""
    return escape(str(value), quote=True)

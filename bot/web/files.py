"""Files of our own pages, with the headers that browsers need and attackers hate.

Used by the chat widget, the demo page and the desk; knows of none of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # No string ever becomes markup or code: the browser itself refuses the sinks.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
"""Content-Security-Policy of our own pages; the widget must work under it."""


@dataclass(frozen=True)
class StaticFile:
    """A file held in memory, with its validator."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> StaticFile:
        """Load a file."""
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return cls(body, _TYPES[path.suffix], etag)

    def response(self, request: Request, headers: dict[str, str]) -> Response:
        """The file, or 304 for a browser that has it.

        ``no-cache`` means "ask before use": the widget's modules belong together, and a browser
        that mixed versions after an upgrade would break.
        """
        headers = {
            "ETag": self.etag,
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            **headers,
        }
        known = {tag.strip().removeprefix("W/") for tag in _if_none_match(request).split(",")}
        if self.etag in known:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


def load(folder: Path) -> dict[str, StaticFile]:
    """Every servable file of a folder and of those in it, by its path from there."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
    return {path.relative_to(folder).as_posix(): StaticFile.read(path) for path in paths}


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")

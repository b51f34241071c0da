"""Files that people sent each other, given to a browser that must not trust them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response


def file_response(name: str, mime: str, content: bytes) -> Response:
    """Pictures to be shown, everything else to be saved; nothing in it runs or is guessed at."""
    how = "inline" if mime.startswith("image/") else "attachment"
    return Response(
        content,
        media_type=mime,
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        },
    )

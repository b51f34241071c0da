"""Where a request comes from: which page, which address; and what the session's cookie is called."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

COOKIE = "yingda_desk"
HEADER = "x-yingda-desk"
"""A header that another site's page cannot send without being asked first (CORS)."""


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a request that a browser's cookie came with was made by our own page.

    Browsers name the page in Origin with every write and every socket. A client without it (a
    test, a script) must send our header, which a form of another site cannot.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return HEADER in connection.headers
    host = connection.headers.get("host", "").lower()
    return bool(host) and urlsplit(origin).netloc.lower() == host


def address_of(connection: HTTPConnection) -> str:
    """The client's address; behind nginx uvicorn reads X-Forwarded-For (docs/operations.md)."""
    return connection.client.host if connection.client else "unknown"

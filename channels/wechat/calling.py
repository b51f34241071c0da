"""Calls of WeChat's and WeCom's HTTP APIs: time-outs, one retry with a fresh token, errors as codes.

wechatpy's client is not used: it is blocking, has no time-outs, keeps its token per process and
retries 40001 without bound (docs/decisions/0006-wechat.md).
"""

from __future__ import annotations

import json
import logging
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx

from channels.wechat.errors import ApiError
from channels.wechat.tokens import Tokens

log = logging.getLogger(__name__)

_TIMES = {"connect": 5.0, "sock_connect": 2.0}
TIMEOUT = aiohttp.ClientTimeout(total=15.0, sock_read=5.0, **_TIMES)
MEDIA_TIMEOUT = aiohttp.ClientTimeout(total=30.0, sock_read=10.0, **_TIMES)
MAX_MEDIA = 5 * 1024 * 1024
STALE_TOKEN = frozenset({"40001", "40014", "42001"})

KEPT_S = 5.0
"""An idle connection is closed after this long, before the platform may close it under a request."""


@dataclass(frozen=True)
class Got:
    """What was answered with status 200."""

    content: bytes
    content_type: str


class Client:
    """An HTTP client for one platform; close it at the end.

    aiohttp, since a call of it costs a quarter of the processor time of httpx's, and every message
    takes two or three calls.

    Args:
        base_url: what paths are appended to.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str, path: str, **options: Any) -> Got:
        """One HTTP request; what comes is at most MAX_MEDIA bytes.

        Raises:
            ApiError: no answer, or none with status 200.
        """
        try:
            async with self._open().request(
                method, f"{self._base_url}{path}", allow_redirects=False, **options
            ) as response:
                if response.status != 200:
                    raise ApiError(f"http_{response.status}")
                content = bytearray()
                async for piece in response.content.iter_any():
                    content += piece
                    if len(content) > MAX_MEDIA:
                        raise ApiError("too_large")
                return Got(bytes(content), response.headers.get("content-type", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ApiError("network") from error
        except TimeoutError as error:
            raise ApiError("timeout", uncertain=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ApiError("network", uncertain=True) from error

    async def close(self) -> None:
        """Release connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first use: a session belongs to the event loop it is made in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=100,
                    keepalive_timeout=KEPT_S,
                    ssl=httpx.create_ssl_context(trust_env=False),  # certifi's authorities
                ),
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def result_of(got: Got) -> dict[str, Any]:
    """The JSON object that was answered.

    Raises:
        ApiError: it says that something is wrong, or is no JSON object.
    """
    try:
        answered = json.loads(got.content)
    except ValueError as error:
        raise ApiError("unreadable", uncertain=True) from error
    if not isinstance(answered, dict):
        raise ApiError("unreadable", uncertain=True)
    code = str(answered.get("errcode", 0))
    if code != "0":
        raise ApiError(code[:16])
    return answered


class Caller:
    """Calls that need an access token.

    Args:
        client: of the platform.
        tokens: of the account.
    """

    def __init__(self, client: Client, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send JSON (UTF-8, unescaped: WeChat shows escapes as they stand) and read JSON.

        Raises:
            ApiError: refused, or no answer.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        response = await self._once_more(
            "POST", path, data=content, headers={"Content-Type": "application/json"}
        )
        return result_of(response)

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        """Look something up.

        Raises:
            ApiError: refused, or no answer.
        """
        return result_of(await self._once_more("GET", path, params=params))

    async def media(self, path: str, media_id: str) -> bytes:
        """A picture or a sound that a customer sent.

        Raises:
            ApiError: refused (an expired id is 40007), too large, or no answer.
        """
        params = {"media_id": media_id}
        response = await self._once_more("GET", path, params=params, timeout=MEDIA_TIMEOUT)
        if "json" in response.content_type or response.content[:1] == b"{":
            result_of(response)
            raise ApiError("unreadable")
        return response.content

    async def upload(self, path: str, kind: str, content: bytes, mime: str) -> str:
        """Store a medium with the platform; returns its media_id.

        Raises:
            ApiError: refused, or no answer.
        """
        # A name of our own: the platform refuses some that people give.
        name = f"{kind}{mimetypes.guess_extension(mime) or ''}"

        def form() -> aiohttp.FormData:
            form = aiohttp.FormData()
            form.add_field("media", content, filename=name, content_type=mime)
            return form

        response = await self._once_more(
            "POST", path, params={"type": kind}, form=form, timeout=MEDIA_TIMEOUT
        )
        media_id = result_of(response).get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise ApiError("unreadable")
        return media_id

    async def _once_more(self, method: str, path: str, **options: Any) -> Got:
        """The call; if the token is refused, once more with another one."""
        token = await self._tokens.get()
        response = await self._request(method, path, token, **options)
        if _refusal(response) in STALE_TOKEN:
            token = await self._tokens.replace(token)
            response = await self._request(method, path, token, **options)
        return response

    async def _request(
        self,
        method: str,
        path: str,
        token: str,
        *,
        params: dict[str, str] | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        **options: Any,
    ) -> Got:
        if form is not None:  # a form can be sent only once
            options["data"] = form()
        return await self._client.request(
            method, path, params={**(params or {}), "access_token": token}, **options
        )


def _refusal(response: Got) -> str:
    """The error code of an answer that is one; the empty text for any other."""
    if response.content[:1] != b"{" or len(response.content) > 4096:
        return ""
    try:
        return str(json.loads(response.content).get("errcode", ""))
    except (ValueError, AttributeError):
        return ""

"""Calls of WeChat's and WeCom's HTTP APIs: time-outs, one retry with a fresh token, errors as codes.

wechatpy's client is not used: it is blocking, has no time-outs, keeps its token per process and
retries 40001 without bound (docs/decisions/0006-wechat.md).
"""

from __future__ import annotations

import json
import logging
import mimetypes
from typing import Any

import httpx

from channels.wechat.errors import ApiError
from channels.wechat.tokens import Tokens

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
MEDIA_TIMEOUT = httpx.Timeout(10.0, connect=2.0)
MAX_MEDIA = 5 * 1024 * 1024
STALE_TOKEN = frozenset({"40001", "40014", "42001"})


def open_client(base_url: str) -> httpx.AsyncClient:
    """An HTTP client for one platform; close it at the end."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, limits=limits, trust_env=False)


async def request(
    client: httpx.AsyncClient, method: str, path: str, **options: Any
) -> httpx.Response:
    """One HTTP request; what comes is at most MAX_MEDIA bytes.

    Raises:
        ApiError: no answer, or none with status 200.
    """
    try:
        async with client.stream(method, path, **options) as response:
            if response.status_code != 200:
                raise ApiError(f"http_{response.status_code}")
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MAX_MEDIA:
                    raise ApiError("too_large")
            return httpx.Response(200, headers=response.headers, content=bytes(content))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ApiError("network") from error
    except httpx.TimeoutException as error:
        raise ApiError("timeout", uncertain=True) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ApiError("network", uncertain=True) from error


def result_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object that was answered.

    Raises:
        ApiError: it says that something is wrong, or is no JSON object.
    """
    try:
        answered = json.loads(response.content)
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

    def __init__(self, client: httpx.AsyncClient, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send JSON (UTF-8, unescaped: WeChat shows escapes as they stand) and read JSON.

        Raises:
            ApiError: refused, or no answer.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        response = await self._once_more(
            "POST", path, content=content, headers={"Content-Type": "application/json"}
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
        if "json" in response.headers.get("content-type", "") or response.content[:1] == b"{":
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
        response = await self._once_more(
            "POST",
            path,
            params={"type": kind},
            files={"media": (name, content, mime)},
            timeout=MEDIA_TIMEOUT,
        )
        media_id = result_of(response).get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise ApiError("unreadable")
        return media_id

    async def _once_more(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The call; if the token is refused, once more with another one."""
        token = await self._tokens.get()
        response = await self._request(method, path, token, options)
        if _refusal(response) in STALE_TOKEN:
            token = await self._tokens.replace(token)
            response = await self._request(method, path, token, options)
        return response

    async def _request(
        self, method: str, path: str, token: str, options: dict[str, Any]
    ) -> httpx.Response:
        params = {**options.get("params", {}), "access_token": token}
        return await request(self._client, method, path, **{**options, "params": params})


def _refusal(response: httpx.Response) -> str:
    """The error code of an answer that is one; the empty text for any other."""
    if response.content[:1] != b"{" or len(response.content) > 4096:
        return ""
    try:
        return str(json.loads(response.content).get("errcode", ""))
    except (ValueError, AttributeError):
        return ""

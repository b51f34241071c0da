"""Sending replies by the customer-service message API, as much as the platform's quota allows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bot.conversations import ConversationKey, FileStore, MessageView
from bot.errors import UnknownFile
from bot.turn import DeliveryFailed
from channels.wechat.errors import ApiError
from channels.wechat.parts import Link, Part, Picture, as_api, plan, squeeze
from channels.wechat.windows import Windows

log = logging.getLogger(__name__)

CHANNEL = "wechat"

WINDOW_CLOSED = "45015"
WINDOW_USED_UP = "45047"
_SHUT = frozenset({WINDOW_CLOSED, WINDOW_USED_UP, "95001", "95002"})
TOO_LONG = "45002"


class Api(Protocol):
    """What sending needs of a platform."""

    @property
    def picture_types(self) -> frozenset[str]:
        """The media types that it takes as pictures."""
        ...

    async def upload(self, content: bytes, mime: str) -> str:
        """Store a picture with the platform; returns its media_id. Raises ApiError."""
        ...

    async def send(self, openid: str, message: dict[str, Any]) -> None:
        """Send one message; ``once`` in it is its name, the same at each try. Raises ApiError."""
        ...


def key_of(account: str, openid: str) -> ConversationKey:
    """The conversation of a follower of an account."""
    return ConversationKey(CHANNEL, f"{account}:{openid}")


def account_and_openid(key: ConversationKey) -> tuple[str, str]:
    """The account and the follower of a conversation."""
    account, _, openid = key.external_id.partition(":")
    return account, openid


class Sender:
    """The channel as the relay sees it; each account has an API of its own.

    Args:
        api_of: the API of an account; None: it has none.
        windows: the platform's quota.
        link: addresses of our pages.
        files: has the pictures that agents send.
        encode: a part as the platform's API takes it.
    """

    def __init__(
        self,
        api_of: Callable[[str], Api | None],
        windows: Windows,
        link: Link,
        files: FileStore,
        encode: Callable[[Part], dict[str, Any]] = as_api,
    ) -> None:
        self._api_of = api_of
        self._encode = encode
        self._windows = windows
        self._link = link
        self._files = files

    async def deliver(self, key: ConversationKey, views: list[MessageView]) -> None:
        """Send the messages that were not sent before, in order.

        Raises:
            DeliveryFailed: one was not taken; the next try begins with it.
        """
        account, openid = account_and_openid(key)
        api = self._api_of(account)
        if api is None:
            raise DeliveryFailed("no_secret", final=True)
        if not views:
            return
        seq = views[0].seq
        done, window = await self._windows.begin(key, seq)
        parts = plan(views, self._link)[done:]
        if not window.left:
            raise DeliveryFailed(WINDOW_USED_UP if done else WINDOW_CLOSED, final=True)
        # From the first squeezed part on, the plan's counting no longer holds.
        squeezed = squeeze(parts, window.left)
        whole = len(squeezed) == len(parts)
        for index, part in enumerate(squeezed):
            message = await self._encoded(api, part) | {"once": f"{seq}.{done + index}"}
            await self._send(api, key, openid, message)
            if whole and index + 1 < len(parts):
                await self._windows.note_sent(key, seq, done + index)

    async def _encoded(self, api: Api, part: Part) -> dict[str, Any]:
        """The part as it is sent: a picture by its media_id, or the link to it where that fails."""
        if isinstance(part, Picture) and part.mime in api.picture_types:
            try:
                file = await self._files.load(part.file_id)
                media_id = await api.upload(file.content, file.mime)
                return {"msgtype": "image", "image": {"media_id": media_id}}
            except ApiError as error:
                log.warning("picture not stored: sent as a link", extra={"code": error.code})
            except UnknownFile:
                log.warning("picture is gone: sent as a link")
        return self._encode(part)

    async def _send(
        self, api: Api, key: ConversationKey, openid: str, message: dict[str, Any]
    ) -> None:
        kind = await self._windows.take(key)
        if kind is None:
            raise DeliveryFailed(WINDOW_USED_UP, final=True)
        try:
            await api.send(openid, message)
        except ApiError as error:
            if error.code in _SHUT:
                await self._windows.shut(key)
            elif not error.uncertain:
                await self._windows.give_back(key, kind)
            log.warning("message not taken", extra={"channel": key.channel, "code": error.code})
            raise DeliveryFailed(error.code, error.final) from error


def first_of(views: Sequence[MessageView], link: Link, *, alone: bool) -> tuple[Part | None, bool]:
    """The part for a passive reply, and whether it is everything.

    Args:
        views: the reply.
        link: addresses of our pages.
        alone: nothing can follow it, so as much as possible goes into it.
    """
    parts: Sequence[Part] = plan(views, link)
    if alone:
        parts = squeeze(parts, 1)
    return (parts[0] if parts else None), len(parts) <= 1

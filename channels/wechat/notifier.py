"""Notices by WeChat: as a message while the customer's window is open, else by template."""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversations import ConversationKey
from bot.notices import Notice, Sent
from bot.settings import WeChatAccount
from bot.turn import DeliveryFailed
from channels.wechat.api import WeChatApi
from channels.wechat.errors import ApiError
from channels.wechat.parts import Link
from channels.wechat.sender import account_and_openid
from channels.wechat.windows import Windows

KEEP = 2
"""Messages left for answering before a notice rather takes a template."""

USUAL_FIELDS = {"keyword1": "order_number", "keyword2": "status", "remark": "detail"}
"""Fields of a template whose own are not set: field -> what of a notice it shows."""


class Notifier:
    """Sends notices to followers.

    Args:
        accounts: templates by account.
        apis: by account.
        windows: the platform's quota.
        link: address of an order's page.
    """

    def __init__(
        self,
        accounts: Mapping[str, WeChatAccount],
        apis: Mapping[str, WeChatApi],
        windows: Windows,
        link: Link,
    ) -> None:
        self._accounts = accounts
        self._apis = apis
        self._windows = windows
        self._link = link

    async def notify(self, key: ConversationKey, notice: Notice) -> Sent:
        """See bot.notices.NoticeChannel."""
        name, openid = account_and_openid(key)
        api, account = self._apis.get(name), self._accounts.get(name)
        if api is None or account is None:
            raise DeliveryFailed("no_secret", final=True)
        template = account.templates.get(notice.kind.value)
        left = (await self._windows.window(key)).left
        if left > KEEP or (left and template is None):
            return await self._by_message(api, key, openid, notice)
        if template is None:
            raise DeliveryFailed("no_template", final=True)
        shown = notice.fields()
        fields = template.fields or USUAL_FIELDS
        data = {name: shown.get(what, what)[:200] for name, what in fields.items()}
        card = {"type": "order", "number": notice.order_number}
        url = self._link(card) if notice.order_number else None
        try:
            sent = await api.send_template(openid, template.id, data, url, _once(notice))
        except ApiError as error:
            raise DeliveryFailed(error.code, error.final) from error
        return Sent("template", sent or None)

    async def _by_message(
        self, api: WeChatApi, key: ConversationKey, openid: str, notice: Notice
    ) -> Sent:
        kind = await self._windows.take(key)
        if kind is None:
            raise DeliveryFailed("45047")
        message = {"msgtype": "text", "text": {"content": notice.text()}}
        try:
            await api.send(openid, message)
        except ApiError as error:
            if not error.uncertain:
                await self._windows.give_back(key, kind)
            raise DeliveryFailed(error.code, error.final) from error
        return Sent("message")


def _once(notice: Notice) -> str:
    """A name of at most 32 characters that WeChat knows a repeat by."""
    return notice.digest()[:32]

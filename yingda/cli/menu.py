"""``yingda wechat menu publish``."""

from __future__ import annotations

import asyncio

from rich import print as show

from bot.clock import utc_now
from bot.settings import WeChatAccount
from channels.wechat import ApiError, WeChatApi, load_menu, meaning_of, open_redis
from yingda.launcher import LaunchError, configure


def publish(account: str) -> None:
    """Send the menu of the YAML file to one account.

    Raises:
        LaunchError: no such account, an unusable menu, or WeChat refuses it.
    """
    settings = configure.settings()
    found = settings.wechat.get(account)
    if found is None:
        known = ", ".join(settings.wechat) or "none"
        raise LaunchError(f"There is no account {account!r} in the settings (known: {known}).")
    if found.secret is None:
        raise LaunchError("The account has no AppSecret (YINGDA_WECHAT_SECRET); the API needs it.")
    try:
        menu = load_menu()
    except ValueError as error:
        raise LaunchError(f"channels/wechat/menu.yml cannot be used: {error}") from error

    async def send(to: WeChatAccount) -> None:
        redis = open_redis(settings)
        api = WeChatApi(to, redis, utc_now)
        try:
            await api.publish_menu(menu.published())
        finally:
            await api.close()
            if redis is not None:
                await redis.aclose()

    try:
        asyncio.run(send(found))
    except ApiError as error:
        raise LaunchError(
            f"WeChat refused the menu ({error.code}): {meaning_of(error.code).advice}"
        ) from error
    show(f"[green]✓[/] menu of {account} published: {len(menu.columns)} buttons")

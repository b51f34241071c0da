"""The WeChat official account: passive replies within five seconds, the rest by WeChat's API.

`WeChat` is put together in two steps, since the turn service must know the channel and the channel
the turn service:

    wechat = WeChat(settings, database, shop, clock)
    turns = TurnService(…, push_channels=wechat.push_channels)
    app.include_router(wechat.open(turns, bindings))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from redis.asyncio import Redis
from sqlalchemy import select

from actions.shop import ShopClient
from bot.clock import Clock
from bot.conversations import Author, Bubble, ConversationKey, FileStore, say
from bot.customers import Bindings
from bot.desk import ReplyWindows
from bot.notices import NoticeChannel
from bot.records import Database
from bot.records.tables import conversations
from bot.settings import Settings
from bot.turn import Channel, TurnService
from channels.wechat import kf, wording
from channels.wechat.api import WeChatApi
from channels.wechat.bind import build_bind
from channels.wechat.envelope import Envelope, Keys
from channels.wechat.errors import ApiError, meaning_of
from channels.wechat.front import Front, House
from channels.wechat.hearing import Hearing
from channels.wechat.links import BIND_LIFE, TRACE_LIFE, Links
from channels.wechat.media import Media
from channels.wechat.menu import load_menu
from channels.wechat.notifier import Notifier
from channels.wechat.sender import CHANNEL, Sender, account_and_openid
from channels.wechat.shown import ShownWindows
from channels.wechat.trace import build_trace
from channels.wechat.voice import Recogniser
from channels.wechat.webhook import build_webhook
from channels.wechat.windows import Window, Windows, window_of

__all__ = [
    "CHANNEL",
    "ApiError",
    "Recogniser",
    "WeChat",
    "WeChatApi",
    "Window",
    "load_menu",
    "meaning_of",
    "open_redis",
    "window_of",
]

TemplateResult = Callable[[str, str], Awaitable[None]]
"""Hears how sending a template message ended: its id, and WeChat's word for it."""


class WeChat:
    """All official accounts of the settings.

    Args:
        settings: accounts, budget and keys.
        database: of the service.
        shop: for the trace page.
        clock: current time.
        recogniser: understands voices that WeChat did not; None: customers are asked to type.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        shop: ShopClient,
        clock: Clock,
        recogniser: Recogniser | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._shop = shop
        self._clock = clock
        self._recogniser = recogniser
        self._redis = open_redis(settings)
        self.apis: dict[str, WeChatApi] = {
            name: WeChatApi(account, self._redis, clock)
            for name, account in settings.wechat.items()
            if account.secret is not None
        }
        self.windows = Windows(database, clock)
        key = settings.require_secret("session_key")
        self._traces = Links(key, "wechat trace", TRACE_LIFE, clock)
        self._bind_links = Links(key, "wechat bind", BIND_LIFE, clock)
        self._files = FileStore(database, key, clock)
        self._fronts: dict[str, Front] = {}
        self._media: Media | None = None
        company = settings.wecom_kf
        self._kf_api = kf.KfApi(company, self._redis, clock) if company else None
        self._kf: kf.Kf | None = None

    @property
    def push_channels(self) -> dict[str, Channel]:
        """For the turn service; empty where nothing is set up."""
        channels: dict[str, Channel] = {}
        if self._settings.wechat:
            channels[CHANNEL] = Sender(self.apis.get, self.windows, self._link, self._files)
        if self._kf_api is not None:
            api = self._kf_api
            channels[kf.CHANNEL] = Sender(
                lambda account: kf.KfAccount(api, account),
                self.windows,
                self._link,
                self._files,
                kf.as_kf,
            )
        return channels

    @property
    def notice_channels(self) -> dict[str, NoticeChannel]:
        """Who can bring news; 微信客服 allows none outside a conversation."""
        if not self.apis:
            return {}
        return {CHANNEL: Notifier(self._settings.wechat, self.apis, self.windows, self._link)}

    @property
    def reply_windows(self) -> dict[str, ReplyWindows]:
        """For the desk: what may still be sent to a customer."""
        shown = ShownWindows(self.windows)
        return dict.fromkeys(self.push_channels, shown)

    def open(
        self,
        turns: TurnService,
        bindings: Bindings,
        template_result: TemplateResult | None = None,
    ) -> APIRouter:
        """The routes under ``/wechat`` and, for 微信客服, ``/wecom``."""
        self._media = Media(
            self._database,
            turns,
            self._files,
            CHANNEL,
            self.apis.get,
            self._recogniser,
            self._clock,
        )
        house = House(
            turns=turns,
            database=self._database,
            hearing=self._hearing(bindings, self._media),
            windows=self.windows,
            media=self._media,
            link=self._link,
            clock=self._clock,
            budget_s=self._settings.wechat_reply_budget_s,
            template_result=template_result,
        )
        envelopes = {}
        for name, account in self._settings.wechat.items():
            aes_key = account.aes_key.get_secret_value() if account.aes_key else None
            keys = Keys(account.appid, account.token.get_secret_value(), aes_key, account.mode)
            envelopes[name] = Envelope(keys, self._clock)
            self._fronts[name] = Front(name, self.apis.get(name), house)

        async def bound(key: ConversationKey) -> None:
            await self._tell(turns, key, wording.BIND_DONE)

        router = APIRouter()
        router.include_router(build_webhook(envelopes, self._fronts, self._clock))
        router.include_router(build_trace(self._traces, self._shop))
        router.include_router(build_bind(self._bind_links, bindings, bound))
        if self._kf_api is not None:
            self._kf = self._open_kf(self._kf_api, turns, bindings)
            router.include_router(self._kf.router())
        return router

    async def start(self) -> None:
        """Take up what an earlier process left to be fetched."""
        if self._kf is not None:
            self._kf.start()
        if self._media is None:
            return

        async def heard(job: Any, words: str | None, awaited: bool) -> Any:
            front = self._fronts.get(account_and_openid(job.key)[0])
            return await front.heard(job, words, awaited) if front is not None else None

        self._media.start(heard)

    async def stop(self) -> None:
        """Let go of everything."""
        for front in self._fronts.values():
            await front.close()
        if self._media is not None:
            await self._media.stop()
        if self._kf is not None:
            await self._kf.stop()
        if self._kf_api is not None:
            await self._kf_api.close()
        for api in self.apis.values():
            await api.close()
        if self._redis is not None:
            await self._redis.aclose()

    def _open_kf(self, api: kf.KfApi, turns: TurnService, bindings: Bindings) -> kf.Kf:
        company = self._settings.wecom_kf
        assert company is not None  # noqa: S101 - there is an API of it
        keys = Keys(
            company.corpid,
            company.token.get_secret_value(),
            company.aes_key.get_secret_value(),
            "safe",
        )
        media = Media(
            self._database,
            turns,
            self._files,
            kf.CHANNEL,
            lambda _account: api,
            self._recogniser,
            self._clock,
        )
        return kf.Kf(
            Envelope(keys, self._clock),
            api,
            turns,
            self._hearing(bindings, media),
            media,
            self._database,
            self._clock,
        )

    def _hearing(self, bindings: Bindings, media: Media) -> Hearing:
        return Hearing(
            database=self._database,
            bindings=bindings,
            media=media,
            menu=load_menu(),
            binding_links=self._bind_links,
            base_url=self._settings.base_url,
            clock=self._clock,
        )

    def _link(self, card: dict[str, Any]) -> str | None:
        """The address of a card's or a file's page."""
        base = self._settings.base_url
        if card.get("type") == "file":
            return f"{base}/chat/files/{card['id']}?t={self._files.sign(str(card['id']))}"
        number = str(card.get("number", ""))
        # Any account's page will do: the token is what opens it.
        account = next(iter(self._settings.wechat), "default")
        return f"{base}/wechat/{account}/trace?t={self._traces.make(a=account, o=number)}"

    async def _tell(self, turns: TurnService, key: ConversationKey, words: str) -> None:
        """Say something in a conversation outside a turn."""
        now = self._clock()
        found = select(conversations.c.id).where(
            conversations.c.channel == key.channel,
            conversations.c.external_id == key.external_id,
        )
        said = await self._database.write(
            lambda tx: say(
                tx,
                tx.execute(found).scalar_one(),
                Author.SYSTEM,
                [Bubble(words)],
                now,
                push_channels=frozenset({key.channel}),
            )
        )
        await turns.bus.publish(said.key, *said.views)


def open_redis(settings: Settings) -> Redis | None:
    """Redis for what replicas share; short time-outs, since nothing depends on it."""
    if settings.redis_url is None:
        return None
    return Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=0.5, socket_connect_timeout=0.5
    )

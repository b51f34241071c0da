"""What becomes of a message from WeChat: accepted, and answered in the same breath if there is time.

The order of things keeps every promise: the message is durable before anything is answered; the
answer is taken from the outbox atomically, so that this request or the relay gives it, never both;
a repeat of the request finds its first copy and gets the same answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from bot.conversations import ConversationKey, MessageView
from bot.customers import (
    note_contact,
    note_union,
    set_reachable,
)
from bot.errors import CustomerError, ServiceBusy, UnknownChoice
from bot.records import Database, DatabaseUnavailable
from bot.turn import Accepted, Inbound, Prepared, Taken, TurnService
from channels.wechat import wording
from channels.wechat.api import WeChatApi
from channels.wechat.errors import ApiError
from channels.wechat.hearing import Hearing
from channels.wechat.inbound import Kind, Received
from channels.wechat.media import IMAGE, VOICE, Job, Media
from channels.wechat.pace import FIRST_LOOK_S, LOOKS_AT_FIRST, Pace
from channels.wechat.parts import Link, Menu, Part, Text, plan
from channels.wechat.sender import first_of, key_of
from channels.wechat.windows import MESSAGE, Windows, note_sent, open_window

log = logging.getLogger(__name__)

TYPING_AFTER_S = 1.0
"""A customer who waits longer sees that somebody is writing."""

LOOK_UPS = 2
"""Followers looked up at the same time: it is in no hurry, and must not delay anybody's answer."""

MOST_LOOK_UPS = 200
"""So many wait to be looked up; whoever comes then is looked up another time."""

LOOK_UP_EVERY = 20
"""Messages of a conversation after which WeChat is asked again who the follower is (unionid)."""


@dataclass(frozen=True)
class Answer:
    """What this request answers; ``part`` None is WeChat's plain success."""

    part: Part | None = None
    confirm: Callable[[], Awaitable[None]] | None = None


@dataclass
class House:
    """What all accounts share."""

    turns: TurnService
    database: Database
    hearing: Hearing
    windows: Windows
    media: Media
    link: Link
    clock: Clock
    budget_s: float
    template_result: Callable[[str, str], Awaitable[None]] | None = None


class Front:
    """One account's front desk.

    Args:
        account: its name in the settings.
        api: what is sent; None: only passive replies.
        house: what it shares with other accounts.
    """

    def __init__(self, account: str, api: WeChatApi | None, house: House) -> None:
        self._account = account
        self._api = api
        self._house = house
        self._looking = Pace(house.clock, LOOKS_AT_FIRST)
        self._pace = Pace(house.clock)
        self._looking_up = asyncio.Semaphore(LOOK_UPS)
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, received: Received, gone: Callable[[], Awaitable[bool]]) -> Answer:
        """Take a message or event in, and answer it if there is time.

        Args:
            received: what came.
            gone: whether whoever asked has stopped listening.

        Raises:
            ServiceBusy: it could not be stored; WeChat will send it again.
        """
        deadline = asyncio.get_running_loop().time() + self._house.budget_s
        key = key_of(self._account, received.openid)
        try:
            if received.kind is Kind.NOTED:
                return Answer()
            if received.kind is Kind.TEMPLATE_RESULT:
                if self._house.template_result is not None:
                    await self._house.template_result(received.key, received.status)
                return Answer()
            if received.kind is Kind.UNFOLLOW:
                now = self._house.clock()
                await self._house.database.write(
                    lambda tx: set_reachable(tx, key, now, reachable=False)
                )
                return Answer()
            accepted = await self._accept(key, received, deadline)
            if accepted is None:
                return Answer()
            return await self._reply(key, accepted, deadline, gone)
        except ServiceBusy:
            raise
        except CustomerError as refused:
            # Nothing was stored and nothing will be: say why, here and now.
            return Answer(Text(refused.message))
        except DatabaseUnavailable as error:
            raise ServiceBusy from error

    async def close(self) -> None:
        """Let go of what goes on in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Accepting

    async def _accept(
        self, key: ConversationKey, received: Received, deadline: float
    ) -> Accepted | None:
        if received.kind is Kind.VOICE and not received.text and self._can_hear:
            return await self._listen(key, received, deadline)
        inbound = await self._house.hearing.inbound(
            key,
            received,
            f"{self._account}:{received.once}",
            passive_for=self._passive_for,
            fetches=self._api is not None,
        )
        # What is said without the engine is there at once; and without the API there is no other way.
        waits = inbound.prepared is not None or self._api is None or not self._api.fit
        if not waits and not self._looking.worth_it():
            inbound = replace(inbound, passive_for=None)
        try:
            accepted = await self._house.turns.accept(inbound)
        except UnknownChoice:
            # Outdated options are pressed, and numbers typed, all the time: they are words, too.
            words = received.text or inbound.text
            accepted = await self._house.turns.accept(replace(inbound, choice=None, text=words))
        if not accepted.duplicate and accepted.seq % LOOK_UP_EVERY == 1:
            if len(self._tasks) < MOST_LOOK_UPS:
                self._spawn(self._look_up(key))
        if not accepted.duplicate and received.kind is Kind.IMAGE:
            if received.media_id and self._api is not None:
                self._house.media.begin(Job(key, inbound.dedup_key, IMAGE, received.media_id))
        if accepted.duplicate:
            # The first copy's answer may have been given and got lost: it is looked for in any case.
            await self._house.turns.passive.reopen(accepted, self._passive_for)
        elif inbound.passive_for is None:
            return None  # the relay brings the answer
        return accepted

    # Voices

    @property
    def _can_hear(self) -> bool:
        return self._house.media.hears and self._api is not None

    async def _listen(
        self, key: ConversationKey, received: Received, deadline: float
    ) -> Accepted | None:
        once = f"{self._account}:{received.once}"
        now = self._house.clock()

        def note(tx: Connection) -> Job:
            open_window(tx, key, MESSAGE, now)
            note_contact(tx, key, now)
            return self._house.media.note(tx, key, once, VOICE, received.media_id)

        job = await self._house.database.write(note)
        left = deadline - asyncio.get_running_loop().time()
        return await self._house.media.hear(job, left)

    async def heard(self, job: Job, words: str | None, awaited: bool) -> Accepted | None:
        """A voice has been understood (or not): now it is a message.

        Raises:
            CustomerError: it could not be accepted just now.
        """
        customer_id = await self._house.hearing.bindings.customer_of(job.key)
        prepared = Prepared(wording.VOICE_LATER) if words is None else None
        inbound = Inbound(
            key=job.key,
            dedup_key=job.once,
            text=words or wording.SEEN["voice"],
            verified_customer_id=customer_id,
            prepared=prepared,
            passive_for=self._passive_for if awaited else None,
        )
        return await self._house.turns.accept(inbound)

    # Answering

    @property
    def _passive_for(self) -> timedelta:
        return timedelta(seconds=self._house.budget_s)

    async def _reply(
        self,
        key: ConversationKey,
        accepted: Accepted,
        deadline: float,
        gone: Callable[[], Awaitable[bool]],
    ) -> Answer:
        passive = self._house.turns.passive
        views = await self._wait(key, accepted, deadline)
        taken: Taken | None = None
        if views and not await self._better_by_api(key, views) and not await gone():
            taken = await passive.take(accepted)
        if taken is None:
            await passive.leave(accepted)
            return Answer()
        part, complete = first_of(taken.views, self._house.link, alone=self._api is None)

        async def confirm() -> None:
            seq, now = taken.views[0].seq, self._house.clock()
            with contextlib.suppress(DatabaseUnavailable):
                await passive.confirm(
                    taken,
                    complete=complete,
                    along=None if complete else lambda tx: note_sent(tx, key, seq, 0, now),
                )

        return Answer(part, confirm)

    async def _wait(
        self, key: ConversationKey, accepted: Accepted, deadline: float
    ) -> list[MessageView]:
        """The replies, if they come while waiting is worth it."""
        loop = asyncio.get_running_loop()
        turns = self._house.turns
        look = min(FIRST_LOOK_S, deadline - loop.time())
        if (await turns.state(key)).owner != "bot":
            # People answer in minutes: there is nothing to hold the line for.
            look = 0.0
        with self._looking.wait():
            views = await turns.wait_for_replies(accepted, look)
        if look:
            self._looking.came(bool(views))
        if views or not look or loop.time() >= deadline or not self._pace.worth_it():
            return views
        with self._pace.wait():
            pause = min(TYPING_AFTER_S - FIRST_LOOK_S, deadline - loop.time())
            views = await turns.wait_for_replies(accepted, pause)
            if not views and deadline > loop.time():
                self._spawn(self._show_typing(accepted.key))
                views = await turns.wait_for_replies(accepted, deadline - loop.time())
        self._pace.came(bool(views))
        return views

    async def _better_by_api(self, key: ConversationKey, views: list[MessageView]) -> bool:
        """Options can be pressed only in a message of the API; a passive reply can but number them."""
        if self._api is None or not self._api.fit:
            return False
        parts = plan(views, self._house.link)
        if not parts or not isinstance(parts[0], Menu):
            return False
        return (await self._house.windows.window(key)).left > 0

    async def _look_up(self, key: ConversationKey) -> None:
        """Learn whether the follower is somebody whom another account of the brand knows."""
        if self._api is None or not self._api.fit:
            return
        try:
            async with self._looking_up:
                user = await self._api.user(key.external_id.partition(":")[2])
                union_id = str(user.get("unionid") or "")[:64] or None
                follows, now = bool(user.get("subscribe", 1)), self._house.clock()
                await self._house.database.write(
                    lambda tx: note_union(tx, key, union_id, now, reachable=follows)
                )
        except (ApiError, DatabaseUnavailable):
            log.info("follower not looked up")

    async def _show_typing(self, key: ConversationKey) -> None:
        if self._api is None or not self._api.fit:
            return
        openid = key.external_id.partition(":")[2]
        try:
            await self._api.typing(openid)
        except ApiError as error:
            log.info("typing not shown", extra={"code": error.code})

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

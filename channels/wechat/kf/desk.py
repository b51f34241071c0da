"""What becomes of a message or an event of 微信客服."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.conversations import ConversationKey
from bot.customers import note_contact
from bot.errors import CustomerError, ServiceBusy, UnknownChoice
from bot.records import DatabaseUnavailable
from bot.turn import Accepted, Inbound, Prepared, TurnService
from channels.wechat import wording
from channels.wechat.errors import ApiError
from channels.wechat.hearing import Hearing
from channels.wechat.inbound import Kind
from channels.wechat.kf.api import ASSISTANT, NEW, PERSON, QUEUE, KfApi
from channels.wechat.kf.reading import SYSTEM, read_event, read_message
from channels.wechat.kf.sender import CHANNEL
from channels.wechat.media import IMAGE, VOICE, Job, Media
from channels.wechat.windows import MESSAGE, open_window

log = logging.getLogger(__name__)

OLD = timedelta(minutes=10)
"""The first page ever brings three days: what is older than this was answered by somebody else."""


class KfDesk:
    """Takes messages in.

    Args:
        turns: the service.
        hearing: what messages mean.
        media: fetches pictures and voices.
        api: of the company.
        clock: current time.
    """

    def __init__(
        self, turns: TurnService, hearing: Hearing, media: Media, api: KfApi, clock: Clock
    ) -> None:
        self._turns = turns
        self._hearing = hearing
        self._media = media
        self._api = api
        self._clock = clock
        self._states: dict[tuple[str, str], int] = {}

    async def take(self, open_kfid: str, message: dict[str, Any], first_page: bool) -> None:
        """Accept one message or event.

        Raises:
            ServiceBusy: it could not be stored.
        """
        if message.get("origin") == SYSTEM:
            await self._event(open_kfid, message)
            return
        if first_page and self._is_old(message):
            return
        received = read_message(message, open_kfid)
        if received is None:
            return
        if await self._with_people(open_kfid, received.openid):
            # A colleague answers in WeCom itself; our words would come between.
            return
        key = ConversationKey(CHANNEL, f"{open_kfid}:{received.openid}")
        once = f"{open_kfid}:{received.once}"
        try:
            if received.kind is Kind.VOICE and self._media.hears:
                now = self._clock()
                job = Job(key, once, VOICE, received.media_id)

                def note(tx: Any) -> None:
                    open_window(tx, key, MESSAGE, now)
                    note_contact(tx, key, now)
                    self._media.note(tx, key, once, VOICE, received.media_id)

                await self._hearing.database.write(note)
                self._media.begin(job)
                return
            inbound = await self._hearing.inbound(
                key, received, once, passive_for=None, fetches=True
            )
            accepted = await self._accept(inbound, received.text)
            if not accepted.duplicate and received.kind is Kind.IMAGE:
                self._media.begin(Job(key, once, IMAGE, received.media_id))
        except ServiceBusy:
            raise
        except DatabaseUnavailable as error:
            raise ServiceBusy from error
        except CustomerError as refused:
            log.warning("message refused", extra={"channel": CHANNEL, "code": refused.code})

    async def heard(self, job: Job, words: str | None, _awaited: bool) -> Accepted:
        """A voice has been understood (or not).

        Raises:
            CustomerError: it could not be accepted just now.
        """
        return await self._turns.accept(
            Inbound(
                key=job.key,
                dedup_key=job.once,
                text=words or wording.SEEN["voice"],
                verified_customer_id=await self._hearing.bindings.customer_of(job.key),
                prepared=Prepared(wording.VOICE_LATER) if words is None else None,
            )
        )

    async def _accept(self, inbound: Inbound, words: str) -> Accepted:
        try:
            return await self._turns.accept(inbound)
        except UnknownChoice:
            return await self._turns.accept(replace(inbound, choice=None, text=words))

    async def _event(self, open_kfid: str, message: dict[str, Any]) -> None:
        event = read_event(message)
        if event is None:
            return
        where = (open_kfid, event.get("external_userid", ""))
        if event.get("event_type") == "session_status_change":
            # 1 taken, 2 handed on, 4 taken again: a colleague has it. 3: it has ended.
            taken = event.get("change_type") in ("1", "2", "4")
            self._states[where] = PERSON if taken else NEW
        elif event.get("event_type") == "enter_session" and event.get("welcome_code"):
            try:
                await self._api.welcome(event["welcome_code"], wording.WELCOME_KF)
            except ApiError as error:
                # The code lives 20 seconds: after an outage it is simply too late.
                log.info("not welcomed", extra={"code": error.code})

    async def _with_people(self, open_kfid: str, user: str) -> bool:
        """Whether people in WeCom have the conversation; if nobody has, the assistant takes it."""
        where = (open_kfid, user)
        try:
            state = self._states.get(where, NEW)
            if state != ASSISTANT:
                state = await self._api.state(open_kfid, user)
            if state == NEW:
                await self._api.change_state(open_kfid, user, ASSISTANT)
                state = ASSISTANT
        except ApiError as error:
            # Messages may be sent in state 0 too: better an answer than silence.
            log.info("state not known", extra={"code": error.code})
            return False
        if len(self._states) > 20_000:
            self._states.clear()
        self._states[where] = state
        return state in (QUEUE, PERSON)

    def _is_old(self, message: dict[str, Any]) -> bool:
        sent = message.get("send_time")
        now = self._clock().timestamp()
        return not isinstance(sent, int) or now - sent > OLD.total_seconds()

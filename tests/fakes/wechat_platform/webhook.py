"""Pushing to the business's server: sign, encrypt, wait 5 s, up to 3 tries of the same message.

Source: developers.weixin.qq.com, "接收普通消息": without an answer within five seconds the
platform hangs up and sends anew, three times in all, with the same MsgId. That a status other than
200 counts as no answer is our assumption (the documentation speaks of time only).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from tests.fakes.wechat_platform.replies import PassiveReply

TRIES = 3
ANSWER_WITHIN_S = 5.0
NOTICE = "该公众号暂时无法提供服务，请稍后再试"

Timer = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Push:
    """One message, ready to be sent (again): signed query and body."""

    params: Mapping[str, str]
    body: bytes
    msg_id: str | None = None


@dataclass(frozen=True)
class Delivery:
    """What came of a push.

    Args:
        tries: how often it was sent.
        statuses: of each try the HTTP status, ``timeout`` or ``refused``.
        passive_reply: what the user was shown at once, if anything.
        notice: the platform's words about a server that failed, if it did.
        why: what was wrong with the answer.
        push: to send the very same again.
    """

    tries: int
    statuses: tuple[int | str, ...]
    passive_reply: PassiveReply | None
    notice: str | None
    why: str | None
    push: Push


class HeldTimer:
    """Time that passes only when a test says so; ``asked`` lists the seconds waited for."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._due: list[asyncio.Event] = []
        self._changed = asyncio.Condition()

    async def __call__(self, seconds: float) -> None:
        """Wait until fired."""
        due = asyncio.Event()
        async with self._changed:
            self.asked.append(seconds)
            self._due.append(due)
            self._changed.notify_all()
        await due.wait()

    async def fire(self, number: int) -> None:
        """Let the ``number``-th wait (from 1) be over; waits for it to begin."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._due) >= number)
            self._due[number - 1].set()


@dataclass(frozen=True)
class Answer:
    """The business's answer to the last try, or what went wrong."""

    statuses: tuple[int | str, ...]
    body: str | None


async def post(url: str, push: Push, timer: Timer) -> Answer:
    """Send until answered, at most three times."""
    statuses: list[int | str] = []
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        for _ in range(TRIES):
            status, body = await _try(session, url, push, timer)
            statuses.append(status)
            if status == 200:
                return Answer(tuple(statuses), body)
    return Answer(tuple(statuses), None)


async def _try(
    session: aiohttp.ClientSession, url: str, push: Push, timer: Timer
) -> tuple[int | str, str | None]:
    async def ask() -> tuple[int | str, str | None]:
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        try:
            async with session.post(
                url, params=push.params, data=push.body, headers=headers
            ) as response:
                return response.status, (await response.read()).decode("utf-8", "replace")
        except aiohttp.ClientError:
            return "refused", None

    asking = asyncio.create_task(ask())
    waiting = asyncio.ensure_future(timer(ANSWER_WITHIN_S))
    try:
        await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else ("timeout", None)
    finally:
        asking.cancel()
        waiting.cancel()
        await asyncio.gather(asking, waiting, return_exceptions=True)


def nonce() -> str:
    """A number as the platform puts into each push."""
    return str(secrets.randbelow(10**10))

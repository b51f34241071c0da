"""What a call needs of the service: one small protocol, so that the call flow knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ivr.transports import Caller


class ServiceDown(Exception):
    """The service did not answer, or refused: say so, never fall silent."""


@dataclass(frozen=True)
class Reply:
    """Something of ours to be heard. ``options`` are quick replies, in order."""

    seq: int
    author: str
    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agent:
    """Who has the conversation; ``extension`` None: an agent without a telephone."""

    name: str
    extension: str | None = None


@dataclass(frozen=True)
class Standing:
    """How a conversation stands, and what was said since (by agents and the system).

    ``owner`` is ``bot`` or ``human``; ``waiting`` whether it is in the queue; ``closed`` whether its
    episode has ended (an agent resolved it).
    """

    latest: int
    owner: str = "bot"
    agent: Agent | None = None
    waiting: bool = False
    closed: bool = False
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a turn came to.

    ``expects`` is what the dialogue waits for: ``order_number``, ``phone_tail`` or None.
    """

    replies: tuple[Reply, ...]
    intent: str | None = None
    owner: str = "bot"
    waiting: bool = False
    handoff: str | None = None
    expects: str | None = None
    latest: int = 0


class PhoneService(Protocol):
    """The service's door for calls. Every method raises ServiceDown."""

    async def begin(self, caller: Caller, greeting: str, *, recorded: bool) -> Standing:
        """A call has begun: its episode is opened and the greeting written into it."""
        ...

    async def turn(
        self, call_id: str, text: str, number: int, choice: tuple[int, int] | None = None
    ) -> Answer:
        """The caller said (or chose) something; ``number`` makes a repeat harmless."""
        ...

    async def prompted(self, call_id: str, text: str, state: str) -> None:
        """The call flow said something by itself: for the transcript."""
        ...

    async def cut_off(self, call_id: str, heard: str) -> None:
        """What we were saying was interrupted; this much was heard."""
        ...

    async def person(self, call_id: str, why: str) -> Answer:
        """A person is needed although nobody asked for one (``no_input``, ``not_understood``)."""
        ...

    async def watch(self, call_id: str, after: int, wait_s: float) -> Standing:
        """How it stands, as soon as there is news or after ``wait_s`` seconds."""
        ...

    async def transferring(self, call_id: str, stage: str) -> None:
        """``ringing``, ``typing``, or how it ended: ``answered``, ``no_answer``, ``busy``, ``failed``."""
        ...

    async def call_back(self, call_id: str, number: str, when: str) -> str:
        """A person calls back; returns when, in words."""
        ...

    async def send_code(self, call_id: str, mobile: str) -> bool:
        """Send a code to a member's mobile; whether one may be asked for now."""
        ...

    async def check_code(self, call_id: str, code: str) -> str:
        """``ok``, ``wrong`` or ``locked``."""
        ...

    async def may_rate(self, call_id: str) -> bool:
        """Whether the caller may be asked how satisfied they were."""
        ...

    async def rate(self, call_id: str, key: str) -> str:
        """The caller pressed ``1`` to ``5`` (the best); returns what to say."""
        ...

    async def end(self, call_id: str, why: str, figures: dict[str, Any]) -> None:
        """The call is over; its episode closes."""
        ...

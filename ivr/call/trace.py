"""What happened in a call and how long each part took: for `yingda call`, logs and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from ivr.call.given import Said


class State(StrEnum):
    """Where a call stands; the words that the desk and ``/health`` show."""

    GREETING = "greeting"
    LISTENING = "listening"
    THINKING = "thinking"
    NUMBER = "number"
    CODE = "code"
    QUEUE = "queue"
    CALL_BACK = "call_back"
    RINGING = "ringing"
    TALKING = "talking"
    TYPING = "typing"
    ENDING = "ending"
    OVER = "over"


@dataclass
class Exchange:
    """One thing that the caller said or pressed, and what was answered. Times in seconds.

    ``endpointing`` end of speech → noticed, ``recognition`` → text, ``turn`` → reply, ``voice`` →
    first sound handed to the wire; ``total`` their sum: what the caller waits in silence. ``words``
    end of speech → first word of the reply: later, where a hesitation was heard before it.
    """

    heard: str
    by: str
    confidence: float | None = None
    intent: str | None = None
    replies: list[str] = field(default_factory=list)
    endpointing: float | None = None
    recognition: float | None = None
    turn: float | None = None
    voice: float | None = None
    total: float | None = None
    words: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Numbers to the millisecond."""
        return {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


class Trace:
    """Collects one call's exchanges and states.

    Args:
        began_at: loop time of the answer.
        caption: is given what is said and by whom, and every state.
    """

    def __init__(self, began_at: float, caption: Callable[[str, str], None] | None = None) -> None:
        self._began_at = began_at
        self._caption = caption or (lambda _who, _text: None)
        self.exchanges: list[Exchange] = []
        self.states: list[tuple[float, State]] = []
        self.said: list[str] = []
        self.cuts: list[str] = []
        self.greeting_s: float | None = None
        self._open: Exchange | None = None
        self._since: float = began_at
        self._ended_at: float | None = None
        self._answered_at: float | None = None

    def enter(self, state: State, now: float) -> None:
        """The call is in another state now."""
        if not self.states or self.states[-1][1] is not state:
            self.states.append((now - self._began_at, state))
            self._caption("state", state.value)

    def say(self, text: str) -> None:
        """We begin to say this."""
        self.said.append(text)
        self._caption("bot", text)

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self.states[-1][1] if self.states else State.GREETING

    def spoke(self, said: Said) -> None:
        """The caller spoke."""
        self._open = Exchange(said.text, "voice", said.confidence)
        self._open.endpointing = max(0.0, said.noticed_at - said.ended_at)
        self._open.recognition = said.recognised_at - said.noticed_at
        self._since, self._ended_at = said.recognised_at, said.ended_at
        self._answered_at = None
        self.exchanges.append(self._open)
        if said.text:
            self._caption("you", said.text)

    def pressed(self, keys: str, now: float) -> None:
        """The caller pressed keys."""
        self._open = Exchange(keys, "keys")
        self._since = self._ended_at = now
        self._answered_at = None
        self.exchanges.append(self._open)

    def answered(self, now: float, replies: list[str], intent: str | None) -> None:
        """The answer is there, to be spoken next."""
        self._answered_at = now
        if self._open is not None:
            self._open.replies += replies
            self._open.intent = intent or self._open.intent
            self._open.turn = now - self._since

    def sounded(self, at: float, own: bool) -> None:
        """The first sound of something that we say is heard: its ``own`` words, or a hesitation."""
        if self.greeting_s is None:
            self.greeting_s = at - self._began_at
        if self._open is None or self._answered_at is None:
            return
        waited = at - self._ended_at if self._ended_at is not None else None
        if self._open.voice is None:
            self._open.voice, self._open.total = at - self._answered_at, waited
        if own:
            self._open.words = waited
            self._open = self._answered_at = None

    def figures(self) -> dict[str, Any]:
        """How long things took, in seconds, without a word of what was said."""
        names = ("endpointing", "recognition", "turn", "voice", "total", "words")
        spoken = [one for one in self.exchanges if one.by == "voice"]
        return {
            "greeting": self.greeting_s,
            "turns": [{name: getattr(one, name) for name in names} for one in spoken],
        }

    def as_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "greeting_s": round(self.greeting_s, 3) if self.greeting_s is not None else None,
            "states": [{"at": round(at, 2), "state": state.value} for at, state in self.states],
            "turns": [exchange.as_json() for exchange in self.exchanges],
            "said": self.said,
            "interrupted": self.cuts,
        }

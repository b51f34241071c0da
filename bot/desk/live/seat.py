"""One open desk: who sits there, what they look at, and what is still to be sent to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import Any

from bot.desk.accounts import Actor

LAG = 256
"""Frames a slow socket may lag behind before it is told to come back and start anew."""

Frame = dict[str, Any]


class Seat:
    """A socket as the hub sees it.

    Args:
        actor: whose it is.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.watching: str | None = None
        self.mine: set[str] = set()
        self.beaten = False
        self.close_code: int | None = None
        self.gone = asyncio.Event()
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(LAG)
        self._held: list[str] | None = []

    def shows(self, names: Collection[str]) -> None:
        """The snapshot has these conversations: a ring for one while it was made is withdrawn."""
        self.mine |= set(names)
        rings = {wire(ring(name)) for name in names}
        self._held = [text for text in self._held or [] if text not in rings]

    def begin(self, first: Frame) -> None:
        """Send the snapshot, and after it what happened while it was made."""
        held, self._held = self._held or [], None
        self.send(first)
        for text in held:
            self.send(text)

    def send(self, frame: Frame | str) -> None:
        """Queue a frame (or one that was written before, for many seats)."""
        text = frame if isinstance(frame, str) else wire(frame)
        if self._held is not None:
            self._held.append(text)
            return
        try:
            self.outgoing.put_nowait(text)
        except asyncio.QueueFull:
            self.close(LATER)

    def close(self, code: int) -> None:
        """Have the socket closed; the first reason counts."""
        if self.close_code is None:
            self.close_code = code
        self.gone.set()


LATER = 1013
"""Close code: come back, to whichever replica."""
LOGGED_OUT = 4401
"""Close code: log in again."""


def wire(frame: Frame) -> str:
    """A frame as it is sent."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def ring(conversation_id: str) -> Frame:
    """A conversation has come to this agent."""
    return {"type": "ring", "conversation": conversation_id}

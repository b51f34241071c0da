"""What a call hears, on its way to the call flow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from ivr.transports.transport import FRAME_MS, Audio, CallEvent, Digit, HungUp

_MOST_UNREAD_MS = 10_000
"""Sound kept for a call flow that does not listen; what comes then is dropped. Keys never are."""

_MOST_UNREAD_KEYS = 200


class Ears:
    """A bounded queue of `CallEvent`; nothing follows `HungUp`."""

    def __init__(self) -> None:
        self._waiting: deque[CallEvent] = deque()
        self._sounds = 0
        self._closed = False
        self._something = asyncio.Event()

    def hear(self, event: Audio | Digit) -> None:
        """Queue it, unless too much lies unread or the call is over."""
        if self._closed:
            return
        if isinstance(event, Audio):
            if self._sounds * FRAME_MS >= _MOST_UNREAD_MS:
                return
            self._sounds += 1
        elif len(self._waiting) - self._sounds >= _MOST_UNREAD_KEYS:
            return
        self._put(event)

    def close(self, why: str) -> None:
        """The last event. A second closing changes nothing."""
        if not self._closed:
            self._closed = True
            self._put(HungUp(why))

    async def events(self) -> AsyncIterator[CallEvent]:
        """Everything heard, in order; ends after `HungUp`."""
        while True:
            while not self._waiting:
                self._something.clear()
                await self._something.wait()
            event = self._waiting.popleft()
            if isinstance(event, Audio):
                self._sounds -= 1
            yield event
            if isinstance(event, HungUp):
                return

    def _put(self, event: CallEvent) -> None:
        self._waiting.append(event)
        self._something.set()

"""What the hotline's process knows of a way of calling in: it starts, answers calls, stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from ivr.transports import CallTransport

Answer = Callable[[CallTransport], Awaitable[None]]
"""Runs one whole call; returns when it is over, and never raises."""


class Door(Protocol):
    """A way of calling in: a PBX, the browser."""

    @property
    def name(self) -> str:
        """As it stands in ``Caller.door`` and in ``/health``."""
        ...

    async def start(self, answer: Answer) -> None:
        """Begin to take calls; each is given to ``answer``.

        Raises:
            OSError: it cannot listen where it should.
        """
        ...

    async def stop(self) -> None:
        """End every call and listen no more."""
        ...

    def state(self) -> dict[str, Any]:
        """For ``/health``: ``status`` (ok, off, down) and what else is worth knowing."""
        ...

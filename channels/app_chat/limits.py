"""How much one customer, one visitor or one address may ask of the chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from channels.app_chat.errors import TooManyConnections


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes or counts, times in seconds."""

    frame_bytes: int = 16 * 1024
    connections_per_visitor: int = 10
    # Carriers put thousands of phones behind one address: generous, only against floods.
    connections_per_address: int = 200
    # One address may send as much as so many customers at their full rate.
    customers_per_address: int = 10
    # Of one visitor, over all sockets: signs of life, read marks, looks into history, endings.
    requests_per_second: float = 20.0
    request_burst: int = 60
    sessions_per_second: float = 10.0
    session_burst: int = 100
    # Files of one visitor.
    uploads_per_second: float = 0.2
    upload_burst: int = 10
    hello_s: float = 10.0
    # Clients ping every 25 s; three missed pings and the line is dead.
    idle_s: float = 80.0
    # A frame that the peer does not take for so long: the socket is closed, the client re-fetches.
    send_s: float = 10.0
    bad_frames: int = 20
    page: int = 200


class ConnectionCaps:
    """Counts open sockets by name."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._open: Counter[str] = Counter()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold one place.

        Raises:
            TooManyConnections: all places of this name are taken.
        """
        if self._open[name] >= self._cap:
            raise TooManyConnections
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]

"""What is counted about turns, for whoever keeps the counters."""

from __future__ import annotations

from bot.turn.messages import TurnResult


class TurnObserver:
    """Hears of every committed turn; the base class listens politely and does nothing."""

    def turn(self, channel: str, result: TurnResult, latency_s: float) -> None:
        """A turn was committed ``latency_s`` seconds after a worker took it up."""

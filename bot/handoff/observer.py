"""What is counted about handoffs, for whoever keeps the counters."""

from __future__ import annotations


class HandoffObserver:
    """Hears of assignments; the base class listens politely and does nothing."""

    def assigned(self, wait_s: float) -> None:
        """A conversation was given to an agent ``wait_s`` seconds after it was handed over."""

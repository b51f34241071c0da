"""What must be told to others once a transaction is committed."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.conversations import Bus, Said


@dataclass
class Effects:
    """Collected by the functions that change a conversation within one transaction."""

    said: list[Said] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Conversations whose place at the desk changed; "" stands for the agents."""
    assigned: dict[str, float] = field(default_factory=dict)
    """Handoffs that agents' desks have yet to ring for, with the seconds each has waited."""
    queue_moves: bool = False
    """Whether somebody may now be assigned: work came in, or capacity became free."""

    async def publish(self, bus: Bus) -> None:
        """Tell watchers of the conversations, and the desks."""
        await bus.tell(self.said, sorted(self.changed))

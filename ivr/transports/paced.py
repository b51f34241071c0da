"""What all wires share that pace their sound themselves: a queue out, a queue in, who calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ivr.transports.ears import Ears
from ivr.transports.outgoing import Outgoing
from ivr.transports.transport import Caller, CallEvent, TransferResult


class PacedCall:
    """The half of a `CallTransport` that is the same on every wire; a wire adds its own half.

    A wire takes its frames from `_mouth`, hands what it hears to `_ears`, and defines `hangup`.

    Args:
        caller: who calls.
        rate: samples a second.
    """

    transfers = False
    """Whether `transfer` can connect anybody on this wire."""

    def __init__(self, caller: Caller, rate: int) -> None:
        self._caller = caller
        self._mouth = Outgoing(rate)
        self._ears = Ears()

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return self._caller

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._mouth.rate

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens, in order; ends after `HungUp`."""
        return self._ears.events()

    def play(self, pcm: bytes) -> None:
        """Queue sound."""
        self._mouth.play(pcm)

    @property
    def queued_ms(self) -> int:
        """How much of it has not left yet."""
        return self._mouth.queued_ms

    async def drained(self) -> None:
        """Wait until it has."""
        await self._mouth.drained()

    def flush(self) -> int:
        """Drop what has not left yet."""
        return self._mouth.flush()

    def hold(self, on: bool) -> None:
        """Keep it back for a moment, or let it go on."""
        self._mouth.hold(on)

    async def transfer(
        self, extension: str, timeout_s: float, answered: Callable[[], None] | None = None
    ) -> TransferResult:
        """This wire reaches nobody."""
        return TransferResult.FAILED

"""One call through Asterisk, as the call flow sees it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from ivr.transports.asterisk.audiosocket import FRAME_BYTES, RATE, SILENCE, Frame, Kind
from ivr.transports.asterisk.beat import Beat
from ivr.transports.asterisk.leg import Leg
from ivr.transports.paced import PacedCall
from ivr.transports.transport import Audio, Caller, Digit, TransferResult

log = logging.getLogger(__name__)

KEYS = frozenset("0123456789*#")
EXTENSION = re.compile(r"[0-9A-Za-z_-]{1,32}")
"""What may be dialled: no sign that means something to Asterisk's dial strings."""

_LATE_FRAMES = 5
"""So many frames (100 ms) the sound heard may be late before silence is heard instead."""


@dataclass
class Transfer:
    """The call flow wants the caller connected; ``result`` is waited for.

    ``answered`` is called when somebody at the extension picks up.
    """

    extension: str
    timeout_s: float
    result: asyncio.Future[TransferResult]
    answered: Callable[[], None]


@dataclass(frozen=True)
class Farewell:
    """The call flow is done."""


@dataclass(frozen=True)
class Surrender:
    """We cannot go on; the dial plan has to."""


Wish = Transfer | Farewell | Surrender


class AsteriskCall(PacedCall):
    """A `CallTransport` whose sound is heard at a steady 20 ms, whatever the wire does.

    What the conductor and the sound port use is below the line.
    """

    transfers = True

    def __init__(self, caller: Caller, beat: Beat) -> None:
        super().__init__(caller, RATE)
        self._beat = beat
        self._leg: Leg | None = None
        self._wish: Wish | None = None
        self._over = asyncio.Event()
        self._partial = bytearray()
        self._beats = self._heard = 0

    async def transfer(
        self, extension: str, timeout_s: float, answered: Callable[[], None] | None = None
    ) -> TransferResult:
        """Connect to an extension after what is queued has left."""
        if not EXTENSION.fullmatch(extension):
            log.error("an agent's extension has signs that cannot be dialled")
            return TransferResult.CALLER_GONE if self.over else TransferResult.FAILED
        await self._mouth.drained()
        if self.over:
            return TransferResult.CALLER_GONE
        result = asyncio.get_running_loop().create_future()
        wish = Transfer(extension, timeout_s, result, answered or (lambda: None))
        self._want(wish)
        return await wish.result

    async def hangup(self) -> None:
        """End the call after what is queued has left."""
        await self._mouth.drained()
        if not self.over:
            self._want(Farewell())
            await self._over.wait()

    # --- what Asterisk does ------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether the caller is gone, or has been connected."""
        return self._over.is_set()

    def surrender(self) -> None:
        """Leave the caller to the dial plan at once."""
        self._mouth.flush()
        self._want(Surrender())

    def take_wish(self) -> Wish | None:
        """What the call flow wants of Asterisk now; None if its sound just broke off."""
        wish, self._wish = self._wish, None
        return wish

    def attach(self, leg: Leg) -> None:
        """Sound is up on ``leg``."""
        self._leg = leg
        self._partial.clear()
        self._beats = self._heard = 0
        if self._wish is not None:
            leg.leave()
        self._beat.add(self._on_beat)

    def detach(self) -> None:
        """Sound is over for now."""
        self._beat.remove(self._on_beat)
        if self._leg is not None:
            self._leg.abort()
            self._leg = None

    def hear(self, frame: Frame) -> None:
        """Take a frame from the leg."""
        if self._wish is not None:
            return
        if frame.kind is Kind.SOUND:
            self._partial += frame.payload
            while len(self._partial) >= FRAME_BYTES:
                self._hear_sound(bytes(self._partial[:FRAME_BYTES]))
                del self._partial[:FRAME_BYTES]
        elif frame.kind is Kind.DIGIT:
            key = frame.payload.decode("latin-1")
            if key in KEYS:
                self._ears.hear(Digit(key))

    def end(self, why: str) -> None:
        """The caller is gone. A second end changes nothing."""
        self.detach()
        self._mouth.close()
        self._ears.close(why)
        self._over.set()
        wish = self.take_wish()
        if isinstance(wish, Transfer) and not wish.result.done():
            wish.result.set_result(TransferResult.CALLER_GONE)

    def _want(self, wish: Wish) -> None:
        if self.over:
            return
        self._wish = wish
        if self._leg is not None:
            self._leg.leave()

    def _hear_sound(self, pcm: bytes) -> None:
        self._heard = min(self._heard + 1, self._beats + _LATE_FRAMES)
        self._ears.hear(Audio(pcm))

    def _on_beat(self) -> None:
        if self._leg is None or not self._leg.open:
            return
        self._leg.send(self._mouth.frame() or SILENCE)
        self._beats += 1
        if self._heard < self._beats - _LATE_FRAMES:
            self._hear_sound(SILENCE)

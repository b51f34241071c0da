"""The mouth: speaks sentence by sentence, stops at once, and knows what was heard of it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ivr.sound import SILENT_DB, beeps, level_db, milliseconds, silence
from ivr.transports import CallTransport
from ivr.voices import Voice, VoiceError

log = logging.getLogger(__name__)

ECHO_MS = 500
"""How late an echo of ours may come back."""

PAUSE_MS = 240
"""Between sentences."""

ALIVE_EVERY_S = 3.0
"""While a voice has not begun, a tone is heard so often."""

HESITATES_AFTER_S = 0.4
"""Where the first words of an answer take longer to make, "well" is heard before them."""

PACES = (1.0, 0.85, 0.72)
"""How fast we speak, as shares of the voice's own pace; callers who cannot follow go down the list."""

_ALMOST_MS = 120
"""Who speaks into the end of a sentence's last syllable has heard the sentence."""

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+$")
_SHORT = 4


@dataclass(frozen=True)
class HeardOfUs:
    """What the caller has heard of what we said.

    ``heard`` is the text as far as it was played (to about a word), ``rest`` what begins with the
    sentence that was cut; empty when all was heard.
    """

    heard: str
    rest: str

    @property
    def all(self) -> bool:
        """Whether nothing is missing."""
        return not self.rest


@dataclass
class _Piece:
    text: str
    start_ms: float
    length_ms: float = 0.0
    whole: bool = False


class Mouth:
    """Speaks into one call.

    Args:
        transport: where it is played.
        voice: makes sound of text.
        tap: is given every piece of sound with the moment (loop time) at which it starts.
        began: is told when (loop time) the first sound of something said goes out, and whether it is
            of its own words; if it was a hesitation, again when these begin.
        hesitation: is heard before an answer that is not ready; empty: nothing.
    """

    def __init__(
        self,
        transport: CallTransport,
        voice: Voice,
        tap: Callable[[float, bytes], None] | None = None,
        began: Callable[[float, bool], None] | None = None,
        hesitation: str = "",
    ) -> None:
        self._transport = transport
        self._began = began or (lambda _at, _own: None)
        self._hesitation = hesitation
        self._voice = voice
        self._tap = tap
        self._task: asyncio.Task[None] | None = None
        self._pieces: list[_Piece] = []
        self._unsaid: list[str] = []
        self._queued_ms = 0.0
        self._levels: deque[tuple[float, float]] = deque(maxlen=2048)
        self._has_words = False
        self._pace = 0
        self.first_sound_at: float | None = None
        """When (loop time) the first sound of what is being said was handed to the wire."""

    @property
    def speaking(self) -> bool:
        """Whether the caller hears us, or is about to."""
        return self._task is not None and not self._task.done()

    @property
    def pace(self) -> float:
        """How fast we speak; holds for the rest of the call."""
        return PACES[self._pace]

    def slower(self, steps: int = 1) -> bool:
        """Speak more slowly from the next sentence on (below 0: faster); whether that is possible."""
        before = self._pace
        self._pace = min(max(self._pace + steps, 0), len(PACES) - 1)
        return self._pace != before

    def level(self, now: float) -> float:
        """How loud we have been in the last ECHO_MS, in dBFS."""
        recent = [db for at, db in self._levels if now - ECHO_MS / 1000 <= at <= now + 0.02]
        return max(recent, default=SILENT_DB)

    def say(self, text: str, *, answers: bool = False) -> Awaitable[None]:
        """Begin to say something (whatever was being said must be over); done when it was heard.

        Args:
            text: what to say.
            answers: the caller has just spoken, so that they may hear us hesitate.
        """
        self._pieces = []
        self._unsaid = sentences(text)
        self._queued_ms = 0.0
        self.first_sound_at = None
        self._has_words = False
        hesitates = answers and not text.startswith(self._hesitation.rstrip("，。"))
        self._task = asyncio.create_task(self._say(hesitates=hesitates))
        return self._task

    async def stop(self) -> HeardOfUs:
        """Stop at once and tell what was heard."""
        task, self._task = self._task, None
        over = task is None or task.done()
        dropped = 0 if over else self._transport.flush()
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            dropped += self._transport.flush()  # a last piece may have slipped in
        if self._levels:
            now = asyncio.get_running_loop().time()
            self._levels = deque((x for x in self._levels if x[0] <= now), maxlen=2048)
        return self._heard(max(0.0, self._queued_ms - dropped), over=over)

    def hold(self) -> None:
        """Hold our breath: somebody may be beginning to speak. `go_on` or `stop` follows."""
        self._transport.hold(True)

    def go_on(self) -> None:
        """Nobody spoke; the caller hears the rest from where it broke off."""
        self._transport.hold(False)

    def tone(self) -> None:
        """Two short tones: the line is alive."""
        self._play(beeps(self._transport.rate))

    async def _say(self, *, hesitates: bool) -> None:
        alive = asyncio.create_task(self._keep_line_alive(hesitates=hesitates))
        try:
            await self._speak()
        finally:
            alive.cancel()
        await self._transport.drained()

    async def _keep_line_alive(self, *, hesitates: bool) -> None:
        """A voice that needs long to begin must not leave a dead line."""
        if hesitates:
            await asyncio.sleep(HESITATES_AFTER_S)
            kept = await self._voice.kept(self._hesitation, self._transport.rate)
            if kept is not None and self.first_sound_at is None:
                self._play(kept)
        while True:
            await asyncio.sleep(ALIVE_EVERY_S)
            if not self._transport.queued_ms:
                self._transport.play(beeps(self._transport.rate, 1))

    async def _speak(self) -> None:
        while self._unsaid:
            if self._pieces:
                self._play(silence(round(PAUSE_MS / self.pace), self._transport.rate))
            piece = _Piece(self._unsaid.pop(0), self._queued_ms)
            self._pieces.append(piece)
            try:
                async for pcm in self._voice.speak(piece.text, self._transport.rate, self.pace):
                    if not piece.length_ms:
                        piece.start_ms = self._queued_ms
                    self._play(pcm, own=True)
                    piece.length_ms = self._queued_ms - piece.start_ms
            except VoiceError:
                log.warning("no voice for a sentence", extra={"voice": self._voice.name})
                self.tone()
                piece.length_ms = self._queued_ms - piece.start_ms
            piece.whole = True

    def _play(self, pcm: bytes, *, own: bool = False) -> None:
        if not pcm:
            return
        now = asyncio.get_running_loop().time()
        start = now + self._transport.queued_ms / 1000
        if self.first_sound_at is None or (own and not self._has_words):
            self.first_sound_at = self.first_sound_at or now
            self._has_words = own
            self._began(start, own)
        if self._tap is not None:
            self._tap(start, pcm)
        step = self._transport.rate // 10 * 2
        for offset in range(0, len(pcm), step):
            part = pcm[offset : offset + step]
            self._levels.append((start + offset / 2 / self._transport.rate, level_db(part)))
        self._transport.play(pcm)
        self._queued_ms += milliseconds(pcm, self._transport.rate)

    def _heard(self, played_ms: float, *, over: bool) -> HeardOfUs:
        texts = [piece.text for piece in self._pieces]
        if over:
            return HeardOfUs("".join(texts), "")
        heard = ""
        for number, piece in enumerate(self._pieces):
            end = piece.start_ms + piece.length_ms
            if piece.whole and played_ms >= end - _ALMOST_MS:
                heard += piece.text
                continue
            share = (played_ms - piece.start_ms) / piece.length_ms if piece.length_ms else 0.0
            heard += piece.text[: int(len(piece.text) * min(1.0, max(0.0, share)))]
            return HeardOfUs(heard, "".join([*texts[number:], *self._unsaid]))
        return HeardOfUs(heard, "".join(self._unsaid))


def sentences(text: str) -> list[str]:
    """Sentences, very short ones together with the next: each is a breath of the voice."""
    found: list[str] = []
    carried = ""
    for part in _SENTENCE.findall(text):
        carried += part
        if len(carried.strip()) >= _SHORT:
            found.append(carried.strip())
            carried = ""
    if carried.strip():
        if found:
            found[-1] += carried.strip()
        else:
            found.append(carried.strip())
    return found

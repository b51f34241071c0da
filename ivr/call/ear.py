"""The ear: from frames to "somebody began to speak", "paused", "is done". Pure; time is frames.

While we are speaking ourselves more is asked of a sound before it counts as speech: longer, and
louder than the echo of our own voice can be. So a cough or a bad telephone's echo does not stop us;
it makes us hold our breath at most, from when it may be speech until it is known whether it is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ivr.call.echo import Echo
from ivr.sound import Vad, level_db, milliseconds
from ivr.sound.vad import WINDOW_MS


@dataclass(frozen=True)
class Hearing:
    """When a sound is speech and when speech is over; milliseconds and dBFS.

    Args:
        start_ms: speech for so long begins an utterance.
        barge_ms: the same while we speak ourselves.
        hold_ms: speech for so long while we speak may become an utterance.
        end_ms: silence for so long ends it.
        pause_ms: silence for so long may be the end: recognition may begin.
        longest_ms: an utterance is cut here (hold music, an announcement).
        lead_ms: sound kept from before speech was noticed.
        floor_db: quieter than this is never speech.
        echo_db: an echo of ours is at least so much quieter than what we play; where the line
            shows that it is quieter still, softer speech interrupts (`Echo`).
        speech, quiet: probabilities at which speech begins, and below which it is silence.
    """

    start_ms: int = 64
    barge_ms: int = 128
    hold_ms: int = 64
    end_ms: int = 550
    pause_ms: int = 200
    longest_ms: int = 15_000
    lead_ms: int = 400
    floor_db: float = -55.0
    echo_db: float = 14.0
    speech: float = 0.5
    quiet: float = 0.35


@dataclass(frozen=True)
class Perhaps:
    """While we speak: somebody may be beginning to. `Began` or `NotAfterAll` follows."""


@dataclass(frozen=True)
class NotAfterAll:
    """It was a cough, a knock, an echo."""


@dataclass(frozen=True)
class Began:
    """Somebody speaks; ``pcm`` is all there is of it so far, with a little before it."""

    pcm: bytes


@dataclass(frozen=True)
class More:
    """The utterance goes on."""

    pcm: bytes


@dataclass(frozen=True)
class Paused:
    """Perhaps they are done."""


@dataclass(frozen=True)
class WentOn:
    """They were not done."""


@dataclass(frozen=True)
class Done:
    """They are done.

    ``speech_ms`` is how much of it was speech, ``silence_ms`` how long it has been quiet; ``cut``:
    it was too long, and is still going on.
    """

    speech_ms: int
    silence_ms: int
    cut: bool = False


EarEvent = Perhaps | NotAfterAll | Began | More | Paused | WentOn | Done


class Ear:
    """Hears one call.

    Args:
        vad: probabilities of speech.
        rate: samples a second.
        hearing: when what counts.
    """

    def __init__(self, vad: Vad, rate: int, hearing: Hearing) -> None:
        self._vad = vad
        self._rate = rate
        self.hearing = hearing
        self._echo = Echo(hearing.echo_db)
        self._kept: deque[bytes] = deque()
        self._kept_ms = 0.0
        self._run_ms = 0
        self._perhaps = False
        self._speaking = False
        self._paused = False
        self._speech_ms = 0
        self._silence_ms = 0
        self._length_ms = 0.0
        self.talkative = False
        """Whether anything was ever taken for speech."""

    def patience(self, end_ms: int) -> None:
        """Wait longer (or shorter) for the end: digits are dictated with pauses."""
        self.hearing = replace(self.hearing, end_ms=end_ms)

    def feed(self, pcm: bytes, *, we_speak: bool, our_db: float) -> list[EarEvent]:
        """Hear a frame.

        Args:
            pcm: s16le.
            we_speak: whether the caller hears us at this moment.
            our_db: how loud we were lately, as far as it can echo.
        """
        level = level_db(pcm)
        audible = level > self.hearing.floor_db and (
            not we_speak or level > our_db - self._echo.loss_db
        )
        if we_speak:
            self._echo.hear(level, our_db)
        found: list[EarEvent] = []
        if self._speaking:
            self._length_ms += milliseconds(pcm, self._rate)
            found.append(More(pcm))
        else:
            self._keep(pcm)
        for probability in self._vad.feed(pcm):
            if self._speaking:
                found += self._during(probability, level)
            else:
                found += self._before(probability, audible, we_speak)
        return found

    def _before(self, probability: float, audible: bool, we_speak: bool) -> list[EarEvent]:
        if probability < self.hearing.speech or not audible:
            self._run_ms = 0
            perhaps, self._perhaps = self._perhaps, False
            return [NotAfterAll()] if perhaps else []
        self._run_ms += WINDOW_MS
        if self._run_ms < (self.hearing.barge_ms if we_speak else self.hearing.start_ms):
            if self._perhaps or self._run_ms < self.hearing.hold_ms:
                return []
            self._perhaps = True
            return [Perhaps()]
        self._speaking, self._paused, self.talkative = True, False, True
        self._perhaps = False
        self._speech_ms, self._silence_ms, self._length_ms = self._run_ms, 0, self._kept_ms
        self._run_ms = 0
        begun = Began(b"".join(self._kept))
        self._kept.clear()
        self._kept_ms = 0.0
        return [begun]

    def _during(self, probability: float, level: float) -> list[EarEvent]:
        if self._length_ms >= self.hearing.longest_ms:
            self._speaking = False
            return [Done(self._speech_ms, 0, cut=True)]
        if probability >= self.hearing.quiet and level > self.hearing.floor_db:
            self._speech_ms += WINDOW_MS
            self._silence_ms = 0
            if self._paused:
                self._paused = False
                return [WentOn()]
            return []
        self._silence_ms += WINDOW_MS
        if self._silence_ms >= self.hearing.end_ms:
            self._speaking = False
            return [Done(self._speech_ms, self._silence_ms)]
        if self._silence_ms >= self.hearing.pause_ms and not self._paused:
            self._paused = True
            return [Paused()]
        return []

    def _keep(self, pcm: bytes) -> None:
        self._kept.append(pcm)
        self._kept_ms += milliseconds(pcm, self._rate)
        while self._kept_ms - milliseconds(self._kept[0], self._rate) >= self.hearing.lead_ms:
            self._kept_ms -= milliseconds(self._kept.popleft(), self._rate)

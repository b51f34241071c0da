"""Whisper base by CTranslate2, as the telephone needs it: one utterance, soon after its end.

Whisper is taught on windows of 30 s and its encoder costs the same for a word as for half a minute.
Here the encoder gets the speech and CONTEXT_S of silence, which takes a quarter of the time at the
same error rate (docs/speech.md). What comes out is only believed if it passes for speech: the
detector heard a voice, the text fits its length, the model was fairly sure. If not, the window is
made whole, the search wider, and if that does not help either nothing was said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.vad import VadOptions, get_speech_timestamps

from ivr.hearing.recogniser import Heard
from ivr.hearing.sound import RATE, Samples
from ivr.hearing.transcript import dreamt, plain

HINT = (
    "以下是客服热线的普通话录音，使用简体中文。"
    "人工客服，订单，物流，快递，退货，退款，发票，积分，会员，门店，投诉，是的，不是，谢谢，再见。"
)
"""What Whisper is told beforehand: the language it should write, and the hotline's words."""
PLAIN_HINT = "以下是普通话的句子。"
"""What it is told when a first reading is doubtful, and the hotline's words may be its own idea."""
CONTEXT_S = 3.0
"""Silence that the encoder sees after the speech, in seconds."""

_FRAMES = 100
"""Frames of the spectrum a second."""
_WINDOW = 3000
"""Frames that the model was taught on."""
_PIECE_S = 24.0
"""Longer speech is cut where the speaker breathes."""
_UNSURE = -1.0
"""Mean log probability under which a text is doubted."""
_HOPELESS = -1.5
"""Under which it is not believed even from the whole window."""
_NO_SPEECH = 0.9
"""The hint raises what Whisper gives for this; it counts only where the text is unsure as well."""
_VOICE = VadOptions(
    threshold=0.45,
    min_speech_duration_ms=90,
    max_speech_duration_s=_PIECE_S,
    min_silence_duration_ms=400,
    speech_pad_ms=240,
)


@dataclass(frozen=True)
class _Reading:
    text: str
    sureness: float
    no_speech: float
    cut_off: bool


class Whisper:
    """The model in this process; slow, and not to be used by two threads at once.

    Args:
        folder: with the model's files.
        threads: processor threads of one utterance.
    """

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self._model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1
        )
        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer, True, task="transcribe", language="zh"
        )

    def hear(self, samples: Samples, hint: str = HINT) -> Heard:
        """What was said in a recording at RATE, of any length up to some minutes."""
        said: list[str] = []
        sureness: list[float] = []
        for piece in _pieces(samples):
            reading = self._believed(piece, hint)
            if reading is not None:
                said.append(plain(reading.text))
                sureness.append(reading.sureness)
        text = "，".join(part for part in said if part)
        if not text:
            return Heard("")
        return Heard(text, round(min(1.0, math.exp(sum(sureness) / len(sureness))), 3))

    def _believed(self, piece: Samples, hint: str) -> _Reading | None:
        seconds = piece.size / RATE
        reading = self._read(piece, hint, whole=False, beam=2)
        if not _doubtful(reading, seconds, _UNSURE):
            return reading
        reading = self._read(piece, PLAIN_HINT, whole=True, beam=5)
        return None if _doubtful(reading, seconds, _HOPELESS) else reading

    def window(self, piece: Samples, *, whole: bool = False) -> Samples:
        """What the encoder is shown of some speech: its spectrum (80, frames) and quiet after it.

        Args:
            piece: at most 30 s at RATE.
            whole: the 30 s that Whisper was taught on, not CONTEXT_S of quiet.
        """
        spectrum = self._model.feature_extractor(piece, padding=160)
        seen = spectrum.shape[-1]
        frames = _WINDOW if whole else min(_WINDOW, seen + round(CONTEXT_S * _FRAMES))
        window = np.full((spectrum.shape[0], frames + frames % 2), spectrum.min(), np.float32)
        window[:, : min(seen, window.shape[1])] = spectrum[:, : window.shape[1]]
        return window

    def prompt(self, hint: str) -> list[int]:
        """The tokens before a text: the hint, the language, what is to be done."""
        said = self._tokenizer.encode(" " + hint) if hint else []
        return list(
            self._model.get_prompt(self._tokenizer, said, without_timestamps=True, prefix=None)
        )

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text, with the one that ends it."""
        return [*self._tokenizer.encode(text), self._tokenizer.eot]

    def _read(self, piece: Samples, hint: str, *, whole: bool, beam: int) -> _Reading:
        most = 12 + round(piece.size / RATE * 14)
        prompt = self.prompt(hint)
        result = self._model.model.generate(
            self._model.encode(self.window(piece, whole=whole)),
            [prompt],
            beam_size=beam,
            max_length=min(len(prompt) + most, 448),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        return _Reading(
            text=self._tokenizer.decode(tokens),
            # The score is a mean over the tokens.
            sureness=result.scores[0],
            no_speech=result.no_speech_prob,
            cut_off=len(tokens) >= most,
        )


def hint_of(grammar: Sequence[str] | None) -> str:
    """The words expected as a hint, instead of the usual ones."""
    if not grammar:
        return HINT
    return f"以下是普通话，使用简体中文。{'，'.join(grammar[:40])}。"


_QUIET = int(0.5 * RATE)
_MARGIN = int(1.5 * RATE)
"""Samples kept before and after the speech. On telephone sound the detector may notice a voice more
than a second late: with 0.3 s half of 「我要找人工客服」 was cut off."""


def _doubtful(reading: _Reading, seconds: float, least: float) -> bool:
    if reading.cut_off or not reading.text.strip() or dreamt(plain(reading.text), seconds):
        return True
    silent = reading.no_speech > _NO_SPEECH and reading.sureness < _UNSURE
    return silent or reading.sureness < least


def _speech(samples: Samples) -> list[dict[str, int]]:
    """Where somebody speaks. The detector misses speech that begins at once: it gets quiet before."""
    quiet = np.zeros(_QUIET, np.float32)
    return [
        {name: max(0, place - _QUIET) for name, place in span.items()}
        for span in get_speech_timestamps(np.concatenate([quiet, samples]), _VOICE)
    ]


def _pieces(samples: Samples) -> list[Samples]:
    """What is to be read: all of a recording, in pieces of at most _PIECE_S; nothing for noise.

    The detector says whether somebody speaks and where a long recording can be cut. Silence around
    a short one stays: cutting close costs whole syllables.
    """
    spans = _speech(samples)
    if not spans:
        return []
    first = max(0, spans[0]["start"] - _MARGIN)
    last = min(samples.size, spans[-1]["end"] + _MARGIN)
    if last - first <= _PIECE_S * RATE:
        return [samples[first:last]]
    pieces: list[Samples] = []
    start = spans[0]["start"]
    for before, span in pairwise(spans):
        if span["end"] - start > _PIECE_S * RATE:
            pieces.append(samples[start : before["end"]])
            start = span["start"]
    return [*pieces, samples[start : spans[-1]["end"]]]

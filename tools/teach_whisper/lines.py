"""Puts spoken texts on bad lines: ``python -m tools.teach_whisper.lines CLIPS OUT --seed 1``.

Another throat, quiet around, noise, somebody else in the background, a room, a level; then four times of
five a telephone. What is kept is what ``ivr.hearing.whisper`` would show to the encoder.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from ivr.hearing.sound import RATE as HEARING_RATE
from ivr.hearing.sound import samples_of
from ivr.hearing.whisper import HINT, PLAIN_HINT, Whisper
from ivr.voices.kokoro.engine import RATE
from tools.telephone_line import LINE_RATE, by_telephone, pcm_of
from yingda.launcher.home import ROOT

Samples = npt.NDArray[np.float32]


def on_a_line(sound: Samples, other: Samples, dice: np.random.Generator) -> Samples:
    """A clip at 24 kHz as a recogniser gets it, at its own rate."""
    sound = soxr.resample(_full(sound), RATE, RATE * dice.uniform(0.92, 1.09))
    sound = np.concatenate([_quiet(dice), sound, _quiet(dice)])
    loud = np.sqrt((sound**2).mean())
    noise = dice.choice(["white", "pink", "none"], p=[0.35, 0.45, 0.2])
    if noise != "none":
        below = 10 ** (-dice.uniform(12, 36) / 20)
        sound = sound + loud * below * _noise(sound.size, noise == "pink", dice)
    if dice.random() < 0.15:
        sound = sound + np.resize(_full(other), sound.size) * 10 ** (-dice.uniform(18, 30) / 20)
    if dice.random() < 0.25:
        sound = np.convolve(sound, _room(dice))[: sound.size]
    sound = (_full(sound) * dice.uniform(0.08, 0.9)).astype(np.float32)
    line = dice.choice(["a-law", "mu-law", "none"], p=[0.6, 0.2, 0.2])
    if line == "none":
        return samples_of(pcm_of(soxr.resample(sound, RATE, HEARING_RATE)), HEARING_RATE)
    return samples_of(pcm_of(by_telephone(sound, RATE, str(line))), LINE_RATE)


def _full(sound: Samples) -> Samples:
    sound = sound.astype(np.float32)
    return sound / max(float(np.abs(sound).max()), 1e-3)


def _quiet(dice: np.random.Generator) -> Samples:
    return np.zeros(int(dice.uniform(0.15, 0.9) * RATE), np.float32)


def _noise(size: int, pink: bool, dice: np.random.Generator) -> Samples:
    noise = dice.normal(0, 1, size)
    if pink:
        tilt = 1 / np.sqrt(np.maximum(np.arange(size // 2 + 1), 20))
        noise = np.fft.irfft(np.fft.rfft(noise) * tilt, size)
    return (noise / np.sqrt((noise**2).mean())).astype(np.float32)


def _room(dice: np.random.Generator) -> Samples:
    length = int(dice.uniform(0.05, 0.25) * RATE)
    answer = dice.normal(0, 1, length) * np.exp(-np.arange(length) / (length / 5))
    answer[0] = 3
    return (answer / np.sqrt((answer**2).sum())).astype(np.float32)


def main() -> None:
    """Keep spectra, the texts' tokens and the prompts' as one pickle."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    clips = [clip for path in chosen.clips for clip in pickle.loads(path.read_bytes())]  # noqa: S301
    whisper = Whisper(ROOT / ".yingda" / "speech" / "whisper-base", threads=1)
    dice = np.random.default_rng(chosen.seed)
    rows: list[dict[str, Any]] = []
    for text, sound in clips:
        _, other = clips[int(dice.integers(len(clips)))]
        window = whisper.window(on_a_line(sound, other, dice)).astype(np.float16)
        rows.append({"spectrum": window, "tokens": whisper.tokens(text)})
    prompts = [whisper.prompt(hint) for hint in (HINT, PLAIN_HINT, "")]
    chosen.out.write_bytes(pickle.dumps({"rows": rows, "prompts": prompts}))


if __name__ == "__main__":
    main()

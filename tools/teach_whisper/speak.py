"""Reads the texts aloud: ``python -m tools.teach_whisper.speak VOICES OUT [--part 0 --parts 2]``.

VOICES is a folder of Kokoro's Mandarin voices (``z*.bin`` of the npm package kokoro-js 1.2.1). Each line
gets a voice of its own: one of them, or two mixed, faster or slower. ``--without`` keeps voices back to
judge with.
"""

from __future__ import annotations

import argparse
import pickle
import random
from pathlib import Path

import numpy as np

from ivr.spoken import speak_as
from ivr.voices.kokoro.engine import Kokoro
from tools.teach_whisper.texts import texts
from yingda.launcher.home import ROOT

_SPEEDS = (0.85, 1.35)


def main() -> None:
    """Speak, and keep ``(text, 24 kHz float16 samples)`` for each line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("voices", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines", type=int, default=2500)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1, help="processes that share the lines")
    parser.add_argument("--without", nargs="*", default=["zf_xiaoni", "zm_yunxia"])
    chosen = parser.parse_args()
    styles = [
        np.fromfile(path, np.float32).reshape(-1, 1, 256)
        for path in sorted(chosen.voices.glob("z*.bin"))
        if path.stem not in chosen.without
    ]
    kokoro = Kokoro(ROOT / ".yingda" / "voices" / "kokoro", threads=1)
    dice = random.Random(f"voices {chosen.part}")  # noqa: S311 - nothing here is secret
    clips = []
    for number, text in enumerate(texts(chosen.lines)[chosen.part :: chosen.parts], start=1):
        one, other = dice.sample(styles, 2)
        share = dice.choice((1.0, 1.0, dice.uniform(0.5, 1.0)))
        sound = kokoro.speak(
            speak_as(text), dice.uniform(*_SPEEDS), share * one + (1 - share) * other
        )
        if sound.size:
            clips.append((text, sound.astype(np.float16)))
        if number % 50 == 0:
            print(number, flush=True)
    chosen.out.write_bytes(pickle.dumps(clips))


if __name__ == "__main__":
    main()

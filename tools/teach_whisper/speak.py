"""Reads the texts aloud: ``python -m tools.teach_whisper.speak VOICES OUT [--part 0 --parts 2]``.

VOICES is the folder of Kokoro's voices (``*.bin`` of the npm package kokoro-js 1.2.1). Each line gets a
voice of its own, faster or slower: a Mandarin one (``z*``), two of them mixed, or one mixed with a voice of
another language, whose throat it takes and whose accent hardly. ``--without`` keeps voices back to judge with.
"""

from __future__ import annotations

import argparse
import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.spoken import speak_as
from ivr.voices.kokoro.engine import Kokoro
from tools.teach_whisper.texts import texts
from yingda.launcher.home import ROOT

_SPEEDS = (0.85, 1.35)
_FOREIGN = (0.3, 0.85)
"""How much of a foreign voice: all of it costs a listener one syllable in eight, so much of it hardly any."""
_KEPT_BACK = ("zf_xiaoni", "zm_yunxia", "bf_emma", "jf_alpha", "hm_psi", "pm_alex")

Style = npt.NDArray[np.float32]


class Voices:
    """Styles of a folder, but for those kept back."""

    def __init__(self, folder: Path, without: Sequence[str]) -> None:
        self._mandarin: list[Style] = []
        self._foreign: list[Style] = []
        for path in sorted(folder.glob("*.bin")):
            if path.stem not in without:
                native = path.stem.startswith("z")
                style = np.fromfile(path, np.float32).reshape(-1, 1, 256)
                (self._mandarin if native else self._foreign).append(style)

    def any(self, dice: random.Random) -> Style:
        """One of very many voices."""
        one, other = dice.sample(self._mandarin, 2)
        share = dice.choice((0.0, dice.uniform(0.0, 0.5)))
        if dice.random() < 0.5:
            other, share = dice.choice(self._foreign), dice.uniform(*_FOREIGN)
        return (1 - share) * one + share * other


def main() -> None:
    """Speak, and keep ``(text, 24 kHz float16 samples)`` for each line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("voices", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines", type=int, default=1500)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1, help="processes that share the lines")
    parser.add_argument("--without", nargs="*", default=_KEPT_BACK)
    chosen = parser.parse_args()
    voices = Voices(chosen.voices, chosen.without)
    kokoro = Kokoro(ROOT / ".yingda" / "voices" / "kokoro", threads=1)
    dice = random.Random(f"voices {chosen.part}")  # noqa: S311 - nothing here is secret
    clips = []
    for number, text in enumerate(texts(chosen.lines)[chosen.part :: chosen.parts], start=1):
        sound = kokoro.speak(speak_as(text), dice.uniform(*_SPEEDS), voices.any(dice))
        if sound.size:
            clips.append((text, sound.astype(np.float16)))
        if number % 50 == 0:
            print(number, flush=True)
    chosen.out.write_bytes(pickle.dumps(clips))


if __name__ == "__main__":
    main()

"""Have recorded speech recognised as the hotline hears it: a table of said and heard, and the error.

    python -m tools.recognise_speech FOLDER > heard.tsv

FOLDER holds clips (WAV, PCM16 mono) and ``transcripts.tsv``, whose columns ``file`` and ``text``
are read. Each clip gets the sound of a telephone line (8 kHz, 300-3400 Hz, G.711), unless
``--line none``, and is heard by the Whisper that ``yingda speech install`` put there. Character
error rate (words and sentences apart) and the time taken go to stderr.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import time
from pathlib import Path

from ivr.hearing.sound import samples_of
from ivr.hearing.whisper import HINT, Whisper
from tools.telephone_line import LINE_RATE, by_telephone, pcm_of, read_wav

_MARKS = re.compile(r"[^\w]|_")


def distance(one: str, other: str) -> int:
    """Characters to change, add or take away to make one text the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, a in enumerate(one, start=1):
        corner, row[0] = row[0], number
        for place, b in enumerate(other, start=1):
            corner, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, corner + (a != b)),
            )
    return row[-1]


def bare(text: str) -> str:
    """A text without marks, in small letters."""
    return _MARKS.sub("", text).lower()


def main() -> None:
    """Recognise every clip of a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default=Path(".yingda/speech/whisper-base"))
    parser.add_argument("--line", choices=["a-law", "mu-law", "none"], default="a-law")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", default=HINT, help="words to expect; '' for none")
    chosen = parser.parse_args()
    with (chosen.folder / "transcripts.tsv").open(encoding="utf-8", newline="") as file:
        clips = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    whisper = Whisper(chosen.model, chosen.threads)
    errors = {"words": [0, 0], "sentences": [0, 0]}
    sound = took = 0.0
    print("said\theard")
    for number, clip in enumerate(clips, start=1):
        samples, rate = read_wav(chosen.folder / clip["file"])
        if chosen.line != "none":
            samples, rate = by_telephone(samples, rate, chosen.line), LINE_RATE
        pcm = pcm_of(samples)
        began = time.monotonic()
        heard = whisper.hear(samples_of(pcm, rate), chosen.prompt)
        spent = time.monotonic() - began
        sound, took = sound + len(pcm) / 2 / rate, took + spent
        print(f"{clip['text']}\t{heard.text}", flush=True)
        count = errors["words" if len(clip["text"]) < 5 else "sentences"]
        count[0] += distance(bare(clip["text"]), bare(heard.text))
        count[1] += len(bare(clip["text"]))
        print(
            f"{number}/{len(clips)} {spent:.2f} s {clip['text']} → {heard.text} "
            f"({heard.confidence})",
            file=sys.stderr,
        )
    for name, (wrong, said) in errors.items():
        if said:
            print(f"{name}: error rate {wrong / said:.3f} of {said} characters", file=sys.stderr)
    print(f"time: {took / sound:.3f} of the sound's, {LINE_RATE=}", file=sys.stderr)


if __name__ == "__main__":
    main()

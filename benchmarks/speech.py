"""Speech in figures: ``python -m benchmarks.speech`` (models installed; minutes on two cores).

Prints, in this order:

1. error rates and time of Whisper on recordings of people (a folder as for tools/recognise_speech.py);
2. what Whisper hears of the local voice over a telephone's A-law line;
3. intents of the lines as typed against intents of the lines as heard, by the trained model.

The lines are from ``tests/nlu/held_out.tsv``, the same number of each intent.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from pypinyin import lazy_pinyin

from engine.evaluate import FALLBACK, NOT_AUTOMATED
from ivr.hearing.sound import samples_of
from ivr.hearing.whisper import Whisper
from ivr.spoken import speak_as
from ivr.voices.kokoro.engine import RATE, Kokoro
from tools.recognise_speech import bare, distance
from tools.telephone_line import LINE_RATE, by_telephone, pcm_of
from yingda.launcher.home import ROOT, Home

HELD_OUT = ROOT / "tests" / "nlu" / "held_out.tsv"
HOME = Home.at(Path(".yingda")).path
CLIPS = ROOT.parent / "shared" / "speech" / "clips"


def lines(count: int) -> list[tuple[str, str]]:
    """Text and intent of held-out lines, in turn from each intent that is automated."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    with HELD_OUT.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            intent = row["intent"]
            if intent not in NOT_AUTOMATED and "|" not in intent and len(row["text"]) >= 4:
                by_intent[row["intent"]].append(row["text"])
    chosen: list[tuple[str, str]] = []
    for turn in range(max(map(len, by_intent.values()))):
        chosen += [
            (texts[turn], intent) for intent, texts in by_intent.items() if turn < len(texts)
        ]
    return chosen[:count]


def syllable_errors(said: str, heard: str) -> tuple[int, int]:
    """Wrong syllables by sound, tones left out, and how many were said."""
    names: dict[str, str] = {}
    one, other = (
        "".join(names.setdefault(s, chr(0x4E00 + len(names))) for s in lazy_pinyin(bare(text)))
        for text in (said, heard)
    )
    return distance(one, other), len(one)


def understood(texts: list[str]) -> list[str]:
    """Intents of texts, by the trained model."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(f"{text or '。'}\n" for text in texts))
        file.flush()
        command = [str(ROOT / ".venv/bin/yingda"), "parse", "--json", file.name]
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=True, cwd=ROOT
        )
    return [json.loads(line)["intent"] for line in done.stdout.splitlines()]


def people(whisper_threads: int) -> None:
    """Part 1."""
    for line in ("none", "mu-law", "a-law"):
        command = [sys.executable, "-m", "tools.recognise_speech", str(CLIPS), "--line", line]
        command += ["--threads", str(whisper_threads)]
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=True, cwd=ROOT
        )
        for row in done.stderr.splitlines()[-3:]:
            print(f"people, line {line}: {row}", flush=True)


def voice(count: int, threads: int, model: Path, style: Path | None) -> None:
    """Parts 2 and 3."""
    kokoro = Kokoro(HOME / "voices" / "kokoro", threads)
    styles = np.fromfile(style, np.float32).reshape(-1, 1, 256) if style else None
    whisper = Whisper(model, threads)
    rows = lines(count)
    heard: list[str] = []
    wrong = [0, 0]
    characters = [0, 0]
    spoke = heard_in = sound = 0.0
    for text, _ in rows:
        began = time.monotonic()
        samples = kokoro.speak(speak_as(text), style=styles)
        spoke += time.monotonic() - began
        sound += samples.size / RATE
        line = pcm_of(by_telephone(samples, RATE))
        began = time.monotonic()
        heard.append(whisper.hear(samples_of(line, LINE_RATE)).text)
        heard_in += time.monotonic() - began
        said = speak_as(text)
        for total, (errors, of) in (
            (wrong, syllable_errors(said, speak_as(heard[-1]))),
            (characters, (distance(bare(said), bare(speak_as(heard[-1]))), len(bare(said)))),
        ):
            total[0] += errors
            total[1] += of
        print(f"{text} → {heard[-1]}", file=sys.stderr, flush=True)
    print(f"voice: {len(rows)} lines, syllable error {wrong[0] / wrong[1]:.3f}")
    print(f"voice: character error {characters[0] / characters[1]:.3f}")
    print(f"voice: Kokoro {spoke / sound:.2f}, Whisper {heard_in / sound:.2f} of the sound's time")
    typed, taken = understood([text for text, _ in rows]), understood(heard)
    for name, intents in (("typed", typed), ("heard", taken)):
        right = sum(found == meant for found, (_, meant) in zip(intents, rows, strict=True))
        answered = sum(found != FALLBACK for found in intents)
        acted = [
            found == meant
            for found, (_, meant) in zip(intents, rows, strict=True)
            if found.split("/")[0] not in {*NOT_AUTOMATED, FALLBACK}
        ]
        precision = sum(acted) / max(1, len(acted))
        print(
            f"intents, {name}: right {right}/{len(rows)} ({right / len(rows):.3f}), "
            f"answered {answered / len(rows):.3f}, precision {precision:.3f}"
        )
    same = sum(a == b for a, b in zip(typed, taken, strict=True))
    print(f"intents: heard read as typed {same}/{len(rows)} ({same / len(rows):.3f})")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=["people", "voice"])
    parser.add_argument("--model", type=Path, default=HOME / "speech" / "whisper-base")
    parser.add_argument("--style", type=Path, help="another of Kokoro's voices (.bin)")
    chosen = parser.parse_args()
    if chosen.only != "voice" and CLIPS.exists():
        people(chosen.threads)
    if chosen.only != "people":
        voice(chosen.lines, chosen.threads, chosen.model, chosen.style)


if __name__ == "__main__":
    main()

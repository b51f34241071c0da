"""Teaches: ``python -m tools.teach_whisper.train SPECTRA… --model model.bin --out hotline.npz``.

Wants torch and numpy, and two cores for as many minutes as it is given. Every file of spectra is one round through the texts, each time on other lines. ``--judge`` names one that is only
listened to: its mean loss a token is printed after each round.
"""

from __future__ import annotations

import argparse
import math
import pickle
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tools.teach_whisper.network import Whisper

_PROMPTS = (0.55, 0.25, 0.2)
"""How often each of the prompts stands before a text: the hotline's words, one neutral sentence, nothing."""
_WARM_UP = 0.05
_LEAST = 0.02
_NOTHING = -100


def batches(rows: list[dict[str, Any]], size: int, dice: random.Random) -> list[list[int]]:
    """Rows of about the same length together, in any order."""
    places = sorted(
        range(len(rows)), key=lambda i: rows[i]["spectrum"].shape[1] + dice.uniform(0, 60)
    )
    parts = [places[i : i + size] for i in range(0, len(places), size)]
    dice.shuffle(parts)
    return parts


def loss(whisper: Whisper, rows: list[dict[str, Any]], prompts: list[list[int]]) -> Tensor:
    """Mean cross entropy of the texts' tokens, each row after its prompt."""
    frames = max(row["spectrum"].shape[1] for row in rows)
    spectra = [
        np.pad(
            row["spectrum"].astype(np.float32),
            ((0, 0), (0, frames - row["spectrum"].shape[1])),
            constant_values=float(row["spectrum"].min()),
        )
        for row in rows
    ]
    sequences = [[*prompt, *row["tokens"]] for prompt, row in zip(prompts, rows, strict=True)]
    longest = max(map(len, sequences))
    given = torch.full((len(rows), longest), sequences[0][-1])
    wanted = torch.full((len(rows), longest), _NOTHING)
    for place, (prompt, sequence) in enumerate(zip(prompts, sequences, strict=True)):
        given[place, : len(sequence)] = torch.tensor(sequence)
        wanted[place, len(prompt) - 1 : len(sequence) - 1] = torch.tensor(sequence[len(prompt) :])
    states = whisper.decode(given, whisper.encode(torch.from_numpy(np.stack(spectra))))
    said = wanted != _NOTHING
    return F.cross_entropy(whisper.tell(states[said]), wanted[said])


def main() -> None:
    """Teach until the time is up, then keep the corrections."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("spectra", type=Path, nargs="+")
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=27.0)
    parser.add_argument("--share", type=float, default=0.6, help="of what was learnt that is kept")
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    whisper = Whisper(chosen.model, chosen.rank)
    learning = [matrix for pair in whisper.corrections.values() for matrix in pair]
    optimizer = torch.optim.AdamW(learning, lr=chosen.rate, weight_decay=0.01)
    dice = random.Random(5)  # noqa: S311 - nothing here is secret
    judge = pickle.loads(chosen.judge.read_bytes()) if chosen.judge else None  # noqa: S301
    began, steps, turn, passed = time.monotonic(), 0, 0, 0.0
    while passed < 1:
        lesson = pickle.loads(chosen.spectra[turn % len(chosen.spectra)].read_bytes())  # noqa: S301
        turn += 1
        for part in batches(lesson["rows"], chosen.size, dice):
            passed = (time.monotonic() - began) / 60 / chosen.minutes
            if passed >= 1:
                break
            wave = max(_LEAST, 0.5 * (1 + math.cos(math.pi * passed)))
            for group in optimizer.param_groups:
                group["lr"] = chosen.rate * min(1.0, passed / _WARM_UP) * wave
            prompts = dice.choices(lesson["prompts"], _PROMPTS, k=len(part))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                missed = loss(whisper, [lesson["rows"][i] for i in part], prompts)
            optimizer.zero_grad()
            missed.backward()
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            steps += 1
            if steps % 10 == 0:
                print(f"{passed:.0%}: {steps} steps, loss {missed.item():.3f}", flush=True)
        if judge:
            with torch.no_grad():
                rows, prompt = judge["rows"], judge["prompts"][0]
                groups = [rows[i : i + chosen.size] for i in range(0, len(rows), chosen.size)]
                mean = np.mean([loss(whisper, g, [prompt] * len(g)).item() for g in groups])
            print(f"round {turn}: {mean:.3f} to judge by", flush=True)
    np.savez_compressed(
        chosen.out, **{k: v.numpy() for k, v in whisper.learned(chosen.share).items()}
    )


if __name__ == "__main__":
    main()

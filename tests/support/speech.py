"""Installed speech models and recorded speech, or the reason why a test cannot run here."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.models import MODELS, installed
from yingda.launcher.home import ROOT, Home

CLIPS = ROOT.parent / "shared" / "speech" / "clips"


def home() -> Path:
    """The run-time folder of this tree, where ``yingda … install`` put the models."""
    return Home.at(Path(os.environ.get("YINGDA_HOME", ".yingda"))).path


def need_model(name: str) -> Path:
    """Folder of an installed model; skips the test where there is none, and fails in CI."""
    model = MODELS[name]
    folder = home() / model.home / model.name
    if not installed(model, folder):
        command = "voices install" if model.home == "voices" else f"speech install {name}"
        _lacking(f"the model {name} is not installed (yingda {command})")
    return folder


@dataclass(frozen=True)
class Clip:
    """A recording and what is said in it."""

    path: Path
    text: str


def need_clips(folder: str = "") -> list[Clip]:
    """Real recordings of Mandarin (sources and licences in their ``transcripts.tsv``)."""
    table = CLIPS / "transcripts.tsv"
    if not table.exists():
        _lacking(f"there are no recordings in {CLIPS}")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Clip(CLIPS / row["file"], row["text"])
        for row in rows
        if row["file"].rpartition("/")[0] == folder
    ]


def _lacking(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

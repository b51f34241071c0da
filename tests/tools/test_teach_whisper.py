"""What Whisper is taught: sentences of training alone, on lines that are bad in many ways."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np

from tests.quality.sets import HELD_OUT
from tools.teach_whisper.lines import RATE, on_a_line
from tools.teach_whisper.speak import Voices
from tools.teach_whisper.texts import misspelt, texts


class TestTexts:
    def test_many_kinds_can_all_be_spoken(self) -> None:
        chosen = texts(1000)
        assert chosen == texts(1000) != texts(1000, seed=12)
        assert 1000 < len(chosen) < 2400
        assert all(1 <= len(text) <= 32 for text in chosen)
        assert any(text.isdigit() for text in chosen)
        assert "不" in chosen
        assert not any("](" in text for text in chosen)

    def test_what_is_misspelt_is_not_taught(self) -> None:
        lines = ["运单号是多少", "查一下运单号", "运单号发我", "我的运单号呢"] * 3
        assert misspelt(["运丹号是多少", "查一下运单号"], ["运丹号是多少", *lines]) == {
            "运丹号是多少"
        }

    def test_no_line_to_judge_by_is_among_them(self) -> None:
        with HELD_OUT.open(encoding="utf-8", newline="") as file:
            rows = [row["text"] for row in csv.DictReader(file, delimiter="\t")]
        judged = {text for text in rows if len(text) > 4}
        assert not judged & set(texts(2500))


class TestVoices:
    def test_voices_kept_back_are_never_heard(self, tmp_path: Path) -> None:
        for number, name in enumerate(("zf_a", "zm_b", "zf_kept", "af_c", "jf_kept")):
            np.full(2 * 256, 10.0**number, np.float32).tofile(tmp_path / f"{name}.bin")
        voices = Voices(tmp_path, ("zf_kept", "jf_kept"))
        heard = [voices.any(random.Random(seed)) for seed in range(40)]
        assert {style.shape for style in heard} == {(2, 1, 256)}
        assert len({float(style[0, 0, 0]) for style in heard}) > 30
        assert all(style.max() <= 0.85 * 1000 + 10 for style in heard)  # 1000: the foreign one


class TestLines:
    def test_every_line_is_another_and_fit_to_be_heard(self) -> None:
        second = np.arange(RATE, dtype=np.float32) / RATE
        sound, other = np.sin(2 * np.pi * 440 * second), np.sin(2 * np.pi * 300 * second)
        heard = [on_a_line(sound, other, np.random.default_rng(seed)) for seed in range(12)]
        assert (heard[0] == on_a_line(sound, other, np.random.default_rng(0))).all()
        assert len({one.size for one in heard}) > 6
        for one in heard:
            assert one.dtype == np.float32
            assert 16_000 * 1.1 < one.size < 16_000 * 3.2
            assert 0.01 < np.abs(one).max() <= 1

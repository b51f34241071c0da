"""Kokoro-82M in this process: phonemes of Mandarin, the graph, 24 kHz."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import numpy.typing as npt
import onnxruntime
from misaki.zh import ZHG2P

RATE = 24_000
VOICE = "zf_xiaoxiao"
MODEL_FILE = "kokoro.onnx"
_DATA = Path(__file__).parent
_MOST_TOKENS = 500
_QUIET = 0.01
"""Amplitude under which an edge of the sound is silence."""
_PAD_S = 0.03
_LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "诶 必 西 第 一 艾弗 记 诶曲 爱 杰 开 艾勒 艾姆 恩 欧 批 丘 阿尔 艾丝 踢 优 威 达不溜 艾克斯 外 贼".split(),
        strict=True,
    )
)
"""How a Mandarin speaker says the letters: the voice knows no English."""

Samples = npt.NDArray[np.float32]


class Kokoro:
    """Speaks Mandarin; about half the sound's length on one thread.

    Args:
        folder: with the fp32 graph.
        threads: processor threads.
    """

    def __init__(self, folder: Path, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # An arena keeps the memory of the longest sentence ever spoken.
        options.enable_cpu_mem_arena = False
        # Threads that spin while they wait take the beat's processor time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        style = np.load(_DATA / f"{VOICE}.npy").astype(np.float32)
        self._style = style.reshape(-1, 1, 256)
        self._tokens: dict[str, int] = json.loads((_DATA / "vocabulary.json").read_text("utf-8"))
        jieba.setLogLevel(logging.WARNING)
        self._g2p: Any = ZHG2P()

    def phonemes(self, text: str) -> str:
        """The sounds of a text that is written as it is read out."""
        spelled = "".join(_LETTERS.get(character, character) for character in text)
        sounds, _ = self._g2p(spelled.replace(" ", ""))
        return str(sounds)

    def speak(self, text: str, speed: float = 1.0, style: Samples | None = None) -> Samples:
        """The sound of a text at RATE, without silence around it.

        Args:
            text: as it is read out.
            speed: 1 is the voice's own.
            style: another voice, of shape (lengths, 1, 256); the hotline's if there is none.
        """
        return self.utter(self.phonemes(text), speed, style)

    def utter(self, phonemes: str, speed: float = 1.0, style: Samples | None = None) -> Samples:
        """The sound of phonemes; unknown ones are left out."""
        tokens = [self._tokens[p] for p in phonemes if p in self._tokens][:_MOST_TOKENS]
        if not tokens:
            return np.zeros(0, np.float32)
        styles = self._style if style is None else style
        given = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": styles[min(len(tokens), len(styles) - 1)],
            "speed": np.array([speed], np.float32),
        }
        return _trimmed(np.asarray(self._session.run(None, given)[0], np.float32).ravel())


def _trimmed(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > _QUIET)
    if not loud.size:
        return sound[:0]
    pad = int(_PAD_S * RATE)
    return sound[max(0, int(loud[0]) - pad) : int(loud[-1]) + pad]

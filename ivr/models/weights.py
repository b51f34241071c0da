"""Adds what a model was taught later to its weights, as it is installed.

Whisper base hears the news well and customers badly. ``hotline.npz`` is the difference that teaching it
our customers' sentences made (``tools/teach_whisper``, docs/speech.md): for each weight ``W`` of shape
(out, in) two narrow matrices ``W:up`` (out, rank) and ``W:down`` (rank, in), whose product is added (LoRA,
Hu et al. 2021, arXiv:2106.09685).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

HOTLINE = Path(__file__).parent / "hotline.npz"
_VERSION = 6
_FLOAT16 = 4
"""CTranslate2's number for the type."""


@dataclass(frozen=True)
class Variable:
    """One entry of a model; ``head`` is all that stands before its numbers."""

    head: bytes
    name: str
    shape: tuple[int, ...]
    kind: int
    raw: bytes

    @property
    def numbers(self) -> npt.NDArray[np.float32]:
        """Its values.

        Raises:
            ValueError: they are not of 16 bits.
        """
        if self.kind != _FLOAT16 or len(self.raw) != 2 * math.prod(self.shape):
            raise ValueError(f"{self.name} is not made of 16-bit numbers")
        return np.frombuffer(self.raw, "<f2").reshape(self.shape).astype(np.float32)


class _Reader:
    """Reads a file; ``taken`` tells what of it were heads since it was last called."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._heads = b""

    def raw(self, size: int) -> bytes:
        piece = self._file.read(size)
        if len(piece) < size:
            raise ValueError("the model ends too early")
        return piece

    def head(self, size: int) -> bytes:
        piece = self.raw(size)
        self._heads += piece
        return piece

    def number(self, form: str) -> int:
        return int(struct.unpack(f"<{form}", self.head(struct.calcsize(f"<{form}")))[0])

    def string(self) -> str:
        return self.head(self.number("H")).rstrip(b"\0").decode()

    def taken(self) -> bytes:
        heads, self._heads = self._heads, b""
        return heads


def variables(file: BinaryIO) -> Iterator[Variable]:
    """The entries of a file in CTranslate2's binary format, version 6 (its ``model_spec.py``).

    The first one's ``head`` holds the file's own; after the last, the rest of the file is unread.

    Raises:
        ValueError: it is of another format.
    """
    reader = _Reader(file)
    if reader.number("I") != _VERSION:
        raise ValueError(f"not a model of CTranslate2's binary version {_VERSION}")
    reader.string()  # what kind of model
    reader.number("I")  # its revision
    for _ in range(reader.number("I")):
        name = reader.string()
        shape = tuple(reader.number("I") for _ in range(reader.number("B")))
        kind, size = reader.number("B"), reader.number("I")
        yield Variable(reader.taken(), name, shape, kind, reader.raw(size))


def adapt(model: Path, correction: Path = HOTLINE) -> None:
    """Rewrite a model with every weight ``W`` of the correction as ``W + up @ down``.

    Raises:
        ValueError: the file is of another format, or lacks a weight that is to be corrected; it is
            left as it was.
    """
    fresh = model.with_suffix(".adapted")
    try:
        with np.load(correction) as matrices, model.open("rb") as old, fresh.open("wb") as new:
            left = {name.removesuffix(":up") for name in matrices.files if name.endswith(":up")}
            for variable in variables(old):
                left.discard(variable.name)
                new.write(variable.head + _corrected(variable, matrices))
            new.write(old.read())
        if left:
            raise ValueError(f"{model} lacks {len(left)} weights, {min(left)} among them")
        fresh.replace(model)
    finally:
        fresh.unlink(missing_ok=True)


def _corrected(variable: Variable, matrices: Mapping[str, npt.NDArray[Any]]) -> bytes:
    if f"{variable.name}:up" not in matrices:
        return variable.raw
    up, down = (matrices[f"{variable.name}:{side}"].astype(np.float32) for side in ("up", "down"))
    return (variable.numbers + up @ down).astype("<f2").tobytes()

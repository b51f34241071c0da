"""What Whisper was taught later is added to the published weights, or the file stays as it was."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ivr.models.weights import HOTLINE, adapt, variables

Numbers = npt.NDArray[np.float16]
TAIL = struct.pack("<IH", 1, 2) + b"a\0" + struct.pack("<H", 2) + b"b\0"
"""The part after the variables: other names for them."""


def string(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw


def model_file(path: Path, weights: dict[str, Numbers], version: int = 6) -> Path:
    """A file of weights, and one option that is a number of another type."""
    parts = [struct.pack("<I", version), string("WhisperSpec"), struct.pack("<II", 3, 3)]
    parts += [string("decoder/num_heads"), struct.pack("<BBI", 0, 2, 2), b"\x08\x00"]
    for name, values in weights.items():
        shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        parts += [string(name), shape, struct.pack("<BI", 4, values.nbytes), values.tobytes()]
    path.write_bytes(b"".join(parts) + TAIL)
    return path


def read(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    with path.open("rb") as file:
        found = {one.name: one.numbers for one in variables(file) if one.shape}
        assert file.read() == TAIL
    return found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    one = np.arange(6, dtype=np.float16).reshape(2, 3)
    return model_file(tmp_path / "model.bin", {"one": one, "other": one + 1})


def correction(path: Path, name: str) -> Path:
    up = np.array([[1.0], [2.0]], np.float16)
    down = np.array([[0.5, 0.0, -1.0]], np.float16)
    np.savez(path, **{f"{name}:up": up, f"{name}:down": down})
    return path


def test_a_product_is_added_to_its_weight_alone(model: Path, tmp_path: Path) -> None:
    before = read(model)
    adapt(model, correction(tmp_path / "c.npz", "one"))
    after = read(model)
    assert (after["one"] - before["one"]).tolist() == [[0.5, 0, -1], [1, 0, -2]]
    assert (after["other"] == before["other"]).all()


def test_a_model_without_that_weight_stays_as_it_was(model: Path, tmp_path: Path) -> None:
    raw = model.read_bytes()
    with pytest.raises(ValueError, match="lacks 1 weights, third among them"):
        adapt(model, correction(tmp_path / "c.npz", "third"))
    assert model.read_bytes() == raw
    assert not model.with_suffix(".adapted").exists()


@pytest.mark.parametrize("damage", ["version", "end"])
def test_another_format_is_refused(model: Path, tmp_path: Path, damage: str) -> None:
    if damage == "version":
        model_file(model, {"one": np.zeros((2, 3), np.float16)}, version=7)
    else:
        model.write_bytes(model.read_bytes()[: -len(TAIL) - 5])
    raw = model.read_bytes()
    with pytest.raises(ValueError, match=r"version 6|too early"):
        adapt(model, correction(tmp_path / "c.npz", "one"))
    assert model.read_bytes() == raw


def test_ours_corrects_every_layer() -> None:
    with np.load(HOTLINE) as matrices:
        names = {name.rpartition(":")[0] for name in matrices.files}
        assert all(np.isfinite(matrices[name]).all() for name in matrices.files)
    for side, number in (("encoder", 4), ("decoder", 7)):
        for layer in range(6):
            assert sum(f"{side}/layer_{layer}/" in name for name in names) == number

"""Screenshots are made small without looking different."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from tools.small_png import _read, small


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content))


def png(pixels: np.ndarray, kind: int) -> bytes:
    """The pixels as a PNG whose lines all use one filter."""
    height, width, depth = pixels.shape
    padded = np.zeros((height + 1, width + 1, depth), np.int32)
    padded[1:, 1:] = pixels
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    sides = np.stack([left, above, corner])
    nearest = np.abs(sides - (left + above - corner)).argmin(axis=0)
    guess = {
        0: 0,
        1: left,
        2: above,
        3: (left + above) // 2,
        4: np.take_along_axis(sides, nearest[None], axis=0)[0],
    }[kind]
    lines = np.full((height, width * depth + 1), kind, np.uint8)
    lines[:, 1:] = ((pixels - guess) & 255).reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[depth], 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines.tobytes()))
        + chunk(b"IEND", b"")
    )


def colours_of(content: bytes) -> np.ndarray:
    """An indexed PNG of ``small`` as pixels."""
    place = content.index(b"IHDR") + 4
    width, height = struct.unpack(">II", content[place : place + 8])
    start = content.index(b"PLTE")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    palette = np.frombuffer(content[start + 4 : start + 4 + length], np.uint8).reshape(-1, 3)
    start = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    lines = np.frombuffer(zlib.decompress(content[start + 4 : start + 4 + length]), np.uint8)
    return palette[lines.reshape(height, width + 1)[:, 1:]]


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("depth", [3, 4])
def test_few_colours_stay_exactly_as_they_are(kind: int, depth: int) -> None:
    dice = np.random.default_rng(3)
    palette = dice.integers(0, 256, (40, depth))
    pixels = palette[dice.integers(0, 40, (20, 30))]
    assert (_read(png(pixels, kind)) == pixels).all()
    assert (colours_of(small(png(pixels, kind))) == pixels[..., :3]).all()


def test_many_colours_come_near_and_the_file_is_smaller() -> None:
    across, down = np.meshgrid(np.arange(300), np.arange(200))
    pixels = np.stack([across // 2, down, (across + down) // 3], axis=-1) % 256
    content = png(pixels, 0)
    assert len(small(content)) < len(content) / 2
    assert np.abs(colours_of(small(content)).astype(int) - pixels).mean() < 8


def test_what_is_no_screenshot_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        small(b"GIF89a")

"""A screenshot made small: the same picture with a palette of 256 colours, as a PNG."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_EXACT = 96  # so many of them are the commonest ones, exactly
_BLOCK = 4096  # colours that are compared with the palette at once


def small(png: bytes) -> bytes:
    """Reduce an 8-bit RGB or RGBA screenshot without transparency; flat areas stay exactly as they are.

    Raises:
        ValueError: it is another kind of PNG.
    """
    pixels = _read(png)
    packed = (
        (pixels[..., 0].astype(np.uint32) << 16)
        | (pixels[..., 1].astype(np.uint32) << 8)
        | pixels[..., 2]
    )
    found, where, often = np.unique(packed, return_inverse=True, return_counts=True)
    palette = _palette(found, often)
    indexed = _nearest(found, palette)[where].reshape(packed.shape)
    return _write(indexed, _split(palette))


def _palette(found: Any, often: Any) -> Any:
    """The commonest colours as they are, and the middles of what is left (median cut)."""
    order = np.argsort(-often.astype(np.int64), kind="stable")
    if len(found) <= _COLOURS:
        return found[order]
    boxes = [found[order[_EXACT:]]]
    while len(boxes) < _COLOURS - _EXACT:
        spread = [float(np.ptp(_split(box), axis=0).max()) for box in boxes]
        at = int(np.argmax(spread))
        if spread[at] == 0:
            break
        box = boxes.pop(at)
        axis = int(np.argmax(np.ptp(_split(box), axis=0)))
        box = box[np.argsort(_split(box)[:, axis], kind="stable")]
        boxes += [box[: len(box) // 2], box[len(box) // 2 :]]
    middles = np.array([_split(box).mean(axis=0).round() for box in boxes]).astype(np.uint32)
    packed = (middles[:, 0] << 16) | (middles[:, 1] << 8) | middles[:, 2]
    return np.concatenate([found[order[:_EXACT]], packed])


def _split(packed: Any) -> Any:
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1).astype(np.int32)


def _nearest(colours: Any, palette: Any) -> Any:
    """For each colour the palette's number of what looks most like it."""
    offered = _split(palette)
    chosen = [
        np.argmin(((_split(part)[:, None, :] - offered[None]) ** 2).sum(axis=-1), axis=1)
        for part in np.array_split(colours, len(colours) // _BLOCK + 1)
    ]
    return np.concatenate(chosen).astype(np.uint8)


def _read(png: bytes) -> Any:
    if png[:8] != _SIGNATURE:
        raise ValueError("not a PNG")
    at, data = 8, b""
    width = height = depth = 0
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        content = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", content)
            depth = {2: 3, 6: 4}.get(colour, 0)
            if bits != 8 or not depth or interlaced:
                raise ValueError("only plain 8-bit RGB and RGBA")
        elif kind == b"IDAT":
            data += content
        at += length + 12
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width * depth + 1)
    return _unfilter(lines, depth).reshape(height, width, depth)


def _unfilter(lines: Any, depth: int) -> Any:
    """Undo the PNG filters, line by line (their sums run from left to right and from the top)."""
    above = np.zeros(lines.shape[1] - 1, np.uint8)
    plain = []
    for line in lines:
        kind, raw = int(line[0]), line[1:]
        if kind == 0:
            row = raw.copy()
        elif kind == 2:
            row = raw + above
        elif kind == 1:
            row = np.cumsum(raw.reshape(-1, depth), axis=0, dtype=np.uint8).reshape(-1)
        else:
            row = _from_left(raw.tolist(), above.tolist(), depth, kind)
        plain.append(row)
        above = row
    return np.stack(plain)


def _from_left(raw: list[int], above: list[int], depth: int, kind: int) -> Any:
    row: list[int] = []
    for place, value in enumerate(raw):
        left = row[place - depth] if place >= depth else 0
        corner = above[place - depth] if place >= depth else 0
        if kind == 3:
            guess = (left + above[place]) // 2
        else:
            guess = _paeth(left, above[place], corner)
        row.append((value + guess) & 255)
    return np.array(row, np.uint8)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))


def _write(indexed: Any, palette: Any) -> bytes:
    height, width = indexed.shape
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = indexed
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )

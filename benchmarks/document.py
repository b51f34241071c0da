"""docs/benchmarks.md: each benchmark writes its own part and leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_MARK = "<!-- part: {name} -->\n"


def put_part(name: str, text: str, file: Path = DOCUMENT) -> None:
    """Replace the part ``name`` of the document, or add it at the end."""
    file.parent.mkdir(exist_ok=True)
    whole = file.read_text("utf-8") if file.exists() else ""
    pieces = re.split(r"<!-- part: ([a-z-]+) -->\n", whole)
    # What stands before the first mark was written before there were parts: it is the turns'.
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if pieces[0].strip() and "turns" not in parts:
        parts = {"turns": pieces[0], **parts}
    parts[name] = text
    written = "\n".join(_MARK.format(name=key) + part.strip() + "\n" for key, part in parts.items())
    file.write_text(written, "utf-8")

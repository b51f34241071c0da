"""``yingda parse``: a line of text in, what was understood out."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, BinaryIO

from yingda.cli.lines import open_lines, read_batches
from yingda.launcher import Progress
from yingda.launcher.connection import connect

BATCH = 100
_KEYS = ("text", "intent", "confidence", "intent_ranking", "entities", "emotion")


def run(file: str, *, as_json: bool) -> None:
    """Understand every line of a file or of standard input."""
    source = open_lines(file)
    asyncio.run(_parse(source, as_json=as_json))


async def _parse(source: BinaryIO, *, as_json: bool) -> None:
    progress = Progress(sys.stderr)
    async with connect(progress) as service:
        async for lines in read_batches(source, BATCH):
            for line, result in zip(lines, await service.parse(lines), strict=True):
                answer = {key: result.get(key) for key in _KEYS} | {"text": line}
                print(json.dumps(answer, ensure_ascii=False) if as_json else _readable(answer))
            sys.stdout.flush()


def _readable(answer: dict[str, Any]) -> str:
    emotion = answer.get("emotion") or {}
    parts = [
        answer["text"],
        f"{answer['intent']} {answer['confidence']:.2f}",
        " ".join(f"{entity['entity']}={entity['value']}" for entity in answer["entities"] or ()),
        f"{emotion.get('label', '')}/{emotion.get('level', '')}",
    ]
    return "\t".join(parts)

"""``yingda chat``: talk to the bot as a customer would, one line a message."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from typing import Any

from yingda.cli.lines import read_lines
from yingda.launcher import Progress
from yingda.launcher.connection import Connection, connect

_KEYS = ("replies", "intent", "confidence", "actions", "owner", "handoff", "episode")


def run(*, channel: str, customer: str | None, as_json: bool) -> None:
    """Answer every line of standard input until it ends."""
    asyncio.run(_chat(channel, customer, as_json=as_json))


async def _chat(channel: str, customer: str | None, *, as_json: bool) -> None:
    progress = Progress(sys.stderr)
    visitor = f"cli-{uuid.uuid4().hex[:12]}"  # a new conversation each time
    talking = sys.stdin.isatty() and not as_json
    async with connect(progress) as service:
        if talking:
            print("直接输入您想说的话，Ctrl-D 结束。")
            print("您：", end="", flush=True)
        async for line in read_lines(sys.stdin.buffer):
            await _one(service, line, channel, visitor, customer, as_json=as_json)
            if talking:
                print("您：", end="", flush=True)
        if talking:
            print()


async def _one(
    service: Connection,
    line: str,
    channel: str,
    visitor: str,
    customer: str | None,
    *,
    as_json: bool,
) -> None:
    answer = await service.turn(line, channel=channel, external_id=visitor, customer_id=customer)
    if as_json:
        kept = {"text": line} | {key: answer.get(key) for key in _KEYS}
        print(json.dumps(kept, ensure_ascii=False), flush=True)
    else:
        print(_readable(answer), flush=True)


def _readable(answer: dict[str, Any]) -> str:
    lines = []
    for reply in answer.get("replies") or ():
        lines.append(f"小禾：{reply.get('text') or ''}")
        titles = [option.get("title", "") for option in reply.get("quick_replies") or ()]
        if titles:
            lines.append("　　　" + "　".join(f"［{title}］" for title in titles))
    if not lines:
        lines.append(
            "（人工同事在接待，小禾不插话）" if answer.get("owner") == "human" else "（没有回复）"
        )
    return "\n".join(lines)

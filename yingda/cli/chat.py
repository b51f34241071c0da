"""``yingda chat``: talk to the bot as a customer would, one line a message."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from typing import Any

from yingda.cli.lines import read_lines
from yingda.launcher import Progress
from yingda.launcher.connection import Connection, Refused, connect

_KEYS = ("replies", "intent", "confidence", "actions", "owner", "handoff", "episode")


def run(*, channel: str, customer: str | None, as_json: bool) -> None:
    """Answer every line of standard input until it ends."""
    asyncio.run(_chat(channel, customer, as_json=as_json))


async def _chat(channel: str, customer: str | None, *, as_json: bool) -> None:
    talking = sys.stdin.isatty() and not as_json
    async with connect(Progress(sys.stderr)) as service:
        talk = Talk(service, channel, customer)
        if talking:
            print("直接输入您想说的话；输入选项前的数字可以选择。Ctrl-D 结束。")
            print("您：", end="", flush=True)
        async for line in read_lines(sys.stdin.buffer):
            answer = await talk.say(line, by_number=talking)
            print(_json(line, answer) if as_json else _readable(answer), flush=True)
            if talking:
                print("您：", end="", flush=True)
        if talking:
            print()


class Talk:
    """One new conversation."""

    def __init__(self, service: Connection, channel: str, customer: str | None) -> None:
        self._service = service
        self._channel = channel
        self._customer = customer
        self._visitor = f"cli-{uuid.uuid4().hex[:12]}"
        self._offered: list[tuple[str, tuple[int, int]]] = []

    async def say(self, line: str, *, by_number: bool) -> dict[str, Any]:
        """Send a message; with ``by_number`` a lone digit presses that quick reply.

        A message that is refused has an ``error`` in its answer and does not end the talk.
        """
        text, choice = line, None
        if by_number and line.isdecimal() and 0 < int(line) <= len(self._offered):
            text, choice = self._offered[int(line) - 1]
        try:
            answer = await self._service.turn(
                text,
                channel=self._channel,
                external_id=self._visitor,
                customer_id=self._customer,
                choice=choice,
            )
        except Refused as refusal:
            return {
                "replies": [],
                "owner": "bot",
                "actions": [],
                "error": {"code": refusal.code, "message": refusal.message},
            }
        self._offered = [
            (str(option.get("title")), (int(reply.get("seq") or 0), index))
            for reply in answer.get("replies") or ()
            for index, option in enumerate(reply.get("quick_replies") or ())
        ]
        return answer


def _json(line: str, answer: dict[str, Any]) -> str:
    kept = {"text": line} | {key: answer.get(key) for key in _KEYS}
    if error := answer.get("error") or answer.get("errors"):
        kept["error" if "error" in answer else "errors"] = error
    return json.dumps(kept, ensure_ascii=False)


def _readable(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"（{answer['error']['message']}）"
    lines, number = [], 0
    for reply in answer.get("replies") or ():
        lines.append(f"小禾：{reply.get('text') or ''}")
        for option in reply.get("quick_replies") or ():
            number += 1
            lines.append(f"　　　[{number}] {option.get('title', '')}")
    if not lines:
        by_human = answer.get("owner") == "human"
        lines.append("（人工同事在接待，小禾不插话）" if by_human else "（没有回复）")
    return "\n".join(lines)

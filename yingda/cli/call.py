"""``yingda call``: recordings (and keys) spoken into a real call session."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from yingda.launcher import LaunchError, Progress, configure
from yingda.launcher.connection import connect

USAGE = 2
_KEYS = re.compile(r"key:([0-9*#]{1,32})")


def run(
    what: list[str],
    *,
    out: Path | None,
    number: str | None,
    wide: bool,
    at_once: bool,
    as_json: bool,
) -> None:
    """Make the call and print what came of it."""
    result = asyncio.run(_call(what, out, number, wide=wide, at_once=at_once))
    print(json.dumps(result, ensure_ascii=False) if as_json else _readable(result))


async def _call(
    what: list[str], out: Path | None, number: str | None, *, wide: bool, at_once: bool
) -> dict[str, Any]:
    from ivr.call import CallSession, HttpPhoneService
    from ivr.process.parts import open_parts
    from ivr.transports.file import FileTransport, write_wav

    rate = 16000 if wide else 8000
    items = [_item(one, rate) for one in what]
    progress = Progress(sys.stderr)
    async with connect(progress) as service:
        parts = open_parts(configure.readable())
        await parts.start()
        phone = HttpPhoneService(service.url, service.token)
        transport = FileTransport(items, rate, number, at_once=at_once)
        try:
            session = CallSession(
                transport,
                phone,
                parts.voice,
                parts.recogniser,
                parts.vad.open(rate) if parts.vad is not None else None,
                parts.menu,
                spoken=parts.spoken,
            )
            transport.start()
            why = await session.run()
        finally:
            await transport.close()
            await phone.close()
            await parts.stop()
    if out is not None:
        write_wav(out, transport.heard, rate)
    trace = session.trace.as_json()
    return {
        "transcript": [turn["heard"] for turn in trace["turns"]],
        "replies": [text for turn in trace["turns"] for text in turn["replies"]],
        "ended": why,
        "recogniser": parts.state()["recogniser"],
        "voice": parts.state()["voice"],
        "heard_s": round(len(transport.heard) / 2 / rate, 2),
        "out": str(out) if out is not None else None,
        **trace,
    }


def _item(text: str, rate: int) -> Any:
    from ivr.transports.file import KeysPressed, Speech, UnreadableSound, read_wav

    keys = _KEYS.fullmatch(text)
    if keys is not None:
        return KeysPressed(keys[1])
    try:
        return Speech(read_wav(Path(text), rate))
    except UnreadableSound as error:
        raise LaunchError(f"{error}.", USAGE) from None


def _readable(result: dict[str, Any]) -> str:
    lines = []
    if result["greeting_s"] is not None:
        lines.append(f"（{result['greeting_s'] * 1000:.0f} 毫秒后开始问候）")
    for turn in result["turns"]:
        lines.append(f"您：{turn['heard'] or '（没有听清）'}")
        lines += [f"小禾：{text}" for text in turn["replies"]]
        if turn["total"] is not None:
            parts = "，".join(
                f"{name} {turn[key]:.2f}"
                for key, name in (
                    ("endpointing", "断句"),
                    ("recognition", "识别"),
                    ("turn", "应答"),
                    ("voice", "发声"),
                )
                if turn[key] is not None
            )
            later = turn["words"] is not None and turn["words"] > turn["total"]
            answer = f"，{turn['words']:.2f} 秒听到答案" if later else ""
            lines.append(f"　　　{turn['total']:.2f} 秒（{parts}）{answer}")
    lines.append(f"通话结束：{result['ended']}")
    return "\n".join(lines)

"""``yingda replay``: plays scripted dialogues and prints what differs."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actions.shop import ShopUnavailable, open_demo_shop, personas
from yingda.launcher import Home, LaunchError, Progress, configure
from yingda.launcher.connection import (
    Connection,
    Refused,
    client_of,
    connect,
    temporary_stack,
)
from yingda.replay import Dialogue, Difference, FreshShop, dialogue_files, parse
from yingda.replay import run as play
from yingda.replay.parse import DialogueError

DIFFERS = 1
USAGE = 2


def run(paths: Sequence[Path], *, running: bool, as_json: bool) -> None:
    """Play every dialogue; exit code 1 if anything differs."""
    try:
        files = dialogue_files(paths)
        differing = asyncio.run(_replay(files, running=running, as_json=as_json))
    except DialogueError as error:
        raise LaunchError(f"{error}.", USAGE) from None
    sys.exit(DIFFERS if differing else 0)


async def _replay(files: Sequence[Path], *, running: bool, as_json: bool) -> int:
    """Returns how many dialogues differ."""
    differing = total = 0
    async with _stage(running) as (service, values, fresh):
        for dialogue in [found for file in files for found in parse(file, values)]:
            if fresh is not None:
                await asyncio.to_thread(fresh.restore)
            differences = await play_one(dialogue, service)
            total += 1
            differing += bool(differences)
            _report(dialogue, differences, as_json=as_json)
    if not as_json:
        print(f"\n{total} dialogues, {total - differing} as written, {differing} differ")
    return differing


async def play_one(dialogue: Dialogue, service: Connection) -> list[Difference]:
    """Play one dialogue in a conversation of its own."""
    visitor = f"replay-{uuid.uuid4().hex[:12]}"

    async def send(text: str, choice: tuple[int, int] | None) -> Mapping[str, Any]:
        try:
            return await service.turn(
                text,
                channel=dialogue.channel,
                external_id=visitor,
                customer_id=dialogue.customer_id,
                choice=choice,
                test=True,
            )
        except Refused as refusal:  # an answer too, and one that a dialogue may expect
            return {"replies": [{"text": refusal.message}], "intent": None}

    return await play(dialogue, send)


@asynccontextmanager
async def _stage(
    running: bool,
) -> AsyncIterator[tuple[Connection, Mapping[str, str], FreshShop | None]]:
    """A service to play on, the names of the orders in its shop, and the shop to put back.

    By default a temporary one: dialogues cancel and return things, and expect a fresh shop. The
    shop of a running service is left alone.
    """
    home, progress = configure.home(), Progress(sys.stderr)
    if running:
        async with connect(progress) as service:
            yield service, await asyncio.to_thread(_values, home), None
        return
    async with temporary_stack(home, progress) as stack, client_of(stack) as client:
        values = await asyncio.to_thread(_values, stack.home)
        fresh = await asyncio.to_thread(FreshShop, stack.home.path / "shop.db")
        try:
            yield Connection(client), values, fresh
        finally:
            fresh.close()


def _values(home: Home) -> dict[str, str]:
    try:
        shop = open_demo_shop(home.path / "shop.db", reseed=False)
    except ShopUnavailable:
        raise LaunchError(f"There is no demo shop in {home.path}.") from None
    try:
        return personas(shop)
    finally:
        asyncio.run(shop.close())


def _report(dialogue: Dialogue, differences: Sequence[Difference], *, as_json: bool) -> None:
    if as_json:
        line = {
            "file": dialogue.file,
            "dialogue": dialogue.name,
            "ok": not differences,
            "differences": [asdict(difference) for difference in differences],
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return
    print(f"{'✗' if differences else '✓'} {dialogue.file}  {dialogue.name}", flush=True)
    for difference in differences:
        print(f"    turn {difference.turn} · {difference.what}")
        print(f"      expected  {_indented(difference.expected)}")
        print(f"      got       {_indented(difference.got)}", flush=True)


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 16)

"""A full turn, ours against the standard Rasa layout: latency, rate, and growth with length.

    python -m benchmarks.turns [--quick] [--json]

Ours: message in at the public door → stored → understood → action → answer committed → out.
Standard: message in at Rasa's REST channel → understood → action server → out; nothing is stored.
The two take turns in rounds, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import platform
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actions.shop import DemoShop, open_demo_shop
from benchmarks.document import put_part
from benchmarks.layouts import Layout, free_port, ours, standard
from benchmarks.load import Timing, run_customers, timing
from bot.settings import Settings, load_settings
from yingda.launcher.home import Home
from yingda.launcher.progress import Progress
from yingda.launcher.training import ensure_model

TEXTS = ("我最近的订单到哪了", "我还有多少积分", "我是什么等级的会员", "上海有门店吗")
"""Every one runs a custom action that asks the shop."""

CONVERSATION_LENGTH = 8
NUMBERS = itertools.count()
"""No customer talks twice at the same time."""


async def compare(
    layouts: list[Layout], customers: int, turns_each: int, rounds: int
) -> dict[str, Timing]:
    """Latency and rate of each layout with ``customers`` talking at once."""
    latencies: dict[str, list[float]] = {layout.name: [] for layout in layouts}
    walls = dict.fromkeys(latencies, 0.0)
    for _ in range(rounds):
        for layout in layouts:
            began = time.perf_counter()
            latencies[layout.name] += await run_customers(
                layout.new_customer,
                TEXTS,
                customers,
                turns_each,
                CONVERSATION_LENGTH,
                NUMBERS,
            )
            walls[layout.name] += time.perf_counter() - began
    return {name: timing(values, walls[name]) for name, values in latencies.items()}


async def growth(layout: Layout, length: int, conversations: int) -> tuple[float, float]:
    """Median latency (ms) around turn 5 and at the end of conversations of ``length`` turns."""
    early: list[float] = []
    late: list[float] = []
    for _ in range(conversations):
        say = await layout.new_customer(next(NUMBERS))
        for turn in range(1, length + 1):
            began = time.perf_counter()
            await say(TEXTS[turn % len(TEXTS)])
            elapsed = time.perf_counter() - began
            if 2 <= turn <= 9:
                early.append(elapsed)
            if turn > length - 8:
                late.append(elapsed)
    return 1000 * statistics.median(early), 1000 * statistics.median(late)


async def known_customers(shop: DemoShop) -> list[str]:
    """Customers of the demo shop with at least one order."""
    ids = [f"C{number:06d}" for number in range(1, 400)]
    return [customer for customer in ids if await shop.orders(customer, limit=1)]


async def warm_up(layouts: list[Layout]) -> None:
    """Let caches fill on both sides before anything is timed."""
    for layout in layouts:
        await run_customers(layout.new_customer, TEXTS, 2, 8, CONVERSATION_LENGTH, NUMBERS)


def run(quick: bool) -> dict[str, Any]:
    """Run everything; returns the figures."""
    turns, rounds = (16, 1) if quick else (32, 3)
    results: dict[str, Any] = {"machine": machine()}
    model = ensure_model(Home.at(Path(".yingda")), Progress())
    for engines in (1, 2):
        with tempfile.TemporaryDirectory(prefix="yingda-bench-") as folder, ExitStack() as stack:
            settings = bench_settings(Path(folder), engines)
            shop = open_demo_shop(settings.home / "shop.db")
            customers = asyncio.run(known_customers(shop))
            layouts = [
                stack.enter_context(ours(settings, model, customers)),
                stack.enter_context(
                    standard(
                        model,
                        Path(folder) / "standard",
                        settings.home / "shop.db",
                        customers,
                        engines,
                    )
                ),
            ]
            asyncio.run(warm_up(layouts))
            for customers in (1, 8):
                timings = asyncio.run(compare(layouts, customers, turns, rounds))
                results[f"engines={engines} customers={customers}"] = {
                    name: asdict(value) for name, value in timings.items()
                }
            if engines == 1:
                results["growth"] = {
                    "Yingda": asyncio.run(
                        growth(layouts[0], 60 if quick else 500, 1 if quick else 3)
                    ),
                    "Rasa standard": asyncio.run(growth(layouts[1], 40 if quick else 120, 1)),
                }
    return results


def bench_settings(home: Path, engines: int) -> Settings:
    """Demo settings with free ports."""
    first = free_port()
    return load_settings(
        _env_file=None,
        demo=True,
        home=home,
        port=free_port(),
        engine_port=first,
        ivr=False,
        engines=engines,
    )


def machine() -> str:
    """What this was measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [ln for ln in cpuinfo.read_text().splitlines() if ln.startswith("model name")]
        model = f"{len(names)} x {names[0].partition(':')[2].strip()}" if names else model
    return f"{model}, Linux {platform.release()}, SQLite, everything (load included) on it"


def document(results: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; ratios against a peer in the same run on the same machine, since",
        "absolute times of another machine tell little.",
        "",
        f"Machine: {results['machine']}.",
        "",
        "## A full turn with a custom action: ours against the standard Rasa layout",
        "",
        "Ours stores the message, runs the turn and commits the answer, all through the public REST",
        "door. The standard layout is `rasa run` with its REST channel and in-memory stores, and an",
        "action server process with the same actions; it writes nothing down. Same model.",
        "",
        "| engines each | customers at once | layout | p50 ms | p95 ms | turns/s | p50 ratio | rate ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key, timings in results.items():
        if not key.startswith("engines="):
            continue
        engines, customers = (part.partition("=")[2] for part in key.split())
        base = timings["Rasa standard"]
        for name, value in timings.items():
            lines.append(
                f"| {engines} | {customers} | {name} | {value['p50']:.1f} | {value['p95']:.1f} | "
                f"{value['rate']:.0f} | {value['p50'] / base['p50']:.2f} | "
                f"{value['rate'] / base['rate']:.2f} |"
            )
    lines += [
        "",
        "## A conversation that grows",
        "",
        "Median latency around turn 5 and over the last 8 turns (ours: 500, standard: 120).",
        "",
        "| layout | turn 5 ms | last turns ms | ratio |",
        "|---|---|---|---|",
    ]
    for name, (early, late) in results["growth"].items():
        lines.append(f"| {name} | {early:.1f} | {late:.1f} | {late / early:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run; writes no document")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    results = run(arguments.quick)
    if arguments.json:
        print(json.dumps(results))
        return
    text = document(results)
    print(text)
    if not arguments.quick:
        put_part("turns", text)


if __name__ == "__main__":
    main()

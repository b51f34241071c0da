"""WeChat's webhook under load with a slow engine: is every message acknowledged within a second?

The simulated platform signs and encrypts 50 messages a second, each of another user, and times the
answers; the engine takes 5 s for every turn. Then it waits until every answer has come by the
message API, and counts that none is missing and none comes twice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from benchmarks.document import put_part
from benchmarks.layouts import free_port
from benchmarks.usage import Usage, family
from bot.settings import load_settings
from tests.fakes.wechat_platform import WeChatPlatform
from tests.fakes.wechat_platform.waiting import at_least
from yingda.launcher.home import ROOT
from yingda.launcher.stack import Stack

HEADING = "## WeChat: acknowledgement with a slow engine"
ENGINE_TAKES_S = 5.0
QUESTION = "你们几点开门"
"""Nothing that people must answer: each conversation stays with the assistant."""
RATE = 50
SECONDS = 30
WAIT_S = 180


def slow_engine() -> FastAPI:
    """The engine's door; every turn takes five seconds and many go on at once."""
    app = FastAPI()

    @app.post("/webhooks/door/turn")
    async def turn(request: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(ENGINE_TAKES_S)
        reply = {"text": f"收到：{request['text']}"}
        return {
            "replies": [reply],
            "intent": "benchmark",
            "confidence": 1.0,
            "snapshot": {},
            "turn": request["turn"] + 1,
        }

    @app.get("/")
    def alive() -> str:
        return "ok"

    return app


@contextlib.contextmanager
def service(
    folder: Path, platform: WeChatPlatform, engine_port: int
) -> Iterator[tuple[str, dict[str, int]]]:
    """Slow engine and service, each a process of its own; yields the service's address and pids."""
    engine = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "benchmarks.wechat", "--engine", str(engine_port)], cwd=ROOT
    )
    settings = load_settings(
        _env_file=None,
        demo=True,
        home=folder,
        port=free_port(),
        ivr=False,
        engine_url=f"http://127.0.0.1:{engine_port}",
    )
    extra = platform.environment() | {
        "YINGDA_ENGINE_URL": f"http://127.0.0.1:{engine_port}",
        "YINGDA_ENGINE_DEADLINE_S": "15",
        "YINGDA_DEMO": "1",
    }
    (spec,) = Stack(settings, None, extra).specs()
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            list(spec.argv),
            env={**os.environ, **spec.env},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{engine_port}/")
            _wait_for(f"http://127.0.0.1:{settings.port}/health")
            pids = {"service": process.pid, "engine": engine.pid}
            yield f"http://127.0.0.1:{settings.port}", pids
        finally:
            for one in (process, engine):
                one.terminate()
                one.wait(15)


async def measure(
    platform: WeChatPlatform, rate: int, seconds: int, pids: dict[str, int]
) -> dict[str, Any]:
    """Send at a steady rate and wait for all answers."""
    times: list[float] = []
    failed: Counter[str] = Counter()
    passive: Counter[str] = Counter()

    async def one(number: int) -> None:
        user = f"bench-{number:06d}"
        began = time.perf_counter()
        delivery = await platform.say(user, QUESTION)
        times.append(time.perf_counter() - began)
        if delivery.notice or delivery.tries > 1:
            failed[delivery.why or "retried"] += 1
        if delivery.passive_reply is not None:
            passive[user] += 1

    total = rate * seconds
    usage = Usage(
        {name: lambda pid=pid: family(pid) for name, pid in pids.items()}
        | {"load": lambda: [os.getpid()]}
    )
    loop = asyncio.get_running_loop()
    start = loop.time()
    tasks = []
    for number in range(total):
        await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    with contextlib.suppress(TimeoutError):  # what is missing is counted below
        await at_least(total - passive.total(), lambda: platform.sent, WAIT_S)
    used = usage.so_far()
    await asyncio.sleep(3)  # a second answer to anything would come now
    answers = Counter(sent.user for sent in platform.sent) + passive
    times.sort()
    return {
        "rate": rate,
        "messages": total,
        "p50_ms": 1000 * statistics.median(times),
        "p95_ms": 1000 * times[int(0.95 * len(times))],
        "p99_ms": 1000 * times[int(0.99 * len(times))],
        "max_ms": 1000 * times[-1],
        "failed": sum(failed.values()),
        "passive": passive.total(),
        "by_api": len(platform.sent),
        "missing": total - len(answers),
        "twice": sum(count - 1 for count in answers.values()),
        "cpu_ms": {name: 1000 * seconds / total for name, seconds in used.items()},
    }


def run(rate: int = RATE, seconds: int = SECONDS) -> dict[str, Any]:
    """The whole measurement."""
    platform = WeChatPlatform(mode="safe")
    platform.start()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="yingda-bench-") as folder,
            service(Path(folder), platform, free_port()) as (url, pids),
        ):
            platform.webhook_url = f"{url}/wechat/default"
            return asyncio.run(measure(platform, rate, seconds, pids))
    finally:
        platform.stop()


def section(result: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    return "\n".join(
        [
            HEADING,
            "",
            f"{result['messages']} messages at {result['rate']} a second, each of another customer, in safe mode,",
            f"through the simulated platform; the engine takes {ENGINE_TAKES_S:.0f} s for every turn. Signing,",
            "encrypting and the platform itself run on the same machine. WeChat hangs up after 5 s; the aim is",
            "p99 below 1 s.",
            "",
            "| p50 ms | p95 ms | p99 ms | max ms | retried or failed | answered passively | by the API | missing | twice |",
            "|---|---|---|---|---|---|---|---|---|",
            f"| {result['p50_ms']:.0f} | {result['p95_ms']:.0f} | {result['p99_ms']:.0f} | "
            f"{result['max_ms']:.0f} | {result['failed']} | {result['passive']} | {result['by_api']} | "
            f"{result['missing']} | {result['twice']} |",
            "",
            "Processor time per message: "
            + ", ".join(f"{name} {ms:.1f} ms" for name, ms in result["cpu_ms"].items())
            + " (load: sender and simulated platform).",
            "",
        ]
    )


def _wait_for(url: str, timeout_s: float = 120) -> None:
    give_up = time.monotonic() + timeout_s
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        if time.monotonic() > give_up:
            raise TimeoutError(f"{url} did not come up")
        time.sleep(0.2)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", type=int, metavar="PORT", help="be the slow engine")
    parser.add_argument("--rate", type=int, default=RATE, help="messages a second")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long to send")
    parser.add_argument("--quick", action="store_true", help="a smoke run; writes no document")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON only")
    arguments = parser.parse_args()
    if arguments.engine:
        uvicorn.run(slow_engine(), port=arguments.engine, log_level="warning")
        return
    result = run(arguments.rate, 4 if arguments.quick else arguments.seconds)
    print(json.dumps(result) if arguments.json else section(result))
    if not arguments.quick and not arguments.json:
        put_part("wechat", section(result))


if __name__ == "__main__":
    main()

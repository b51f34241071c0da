"""``yingda up``: everything from checks to a running stack, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx

from bot.settings import Settings
from yingda.launcher.errors import LaunchError
from yingda.launcher.home import Home, RunningStack
from yingda.launcher.progress import Progress
from yingda.launcher.runner import Runner
from yingda.launcher.stack import Stack
from yingda.launcher.training import ensure_model, fingerprint

HURRY_AFTER_S = 1.0  # a second Ctrl-C that comes later than this means "at once"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(settings: Settings, progress: Progress) -> None:
    """Check, train if needed, start, and run until SIGINT, SIGTERM or SIGHUP.

    Raises:
        LaunchError: something stands in the way; one sentence.
    """
    home = Home.at(settings.home)
    home.require_space()
    with home.only_one():
        stack = prepare(settings, progress)
        asyncio.run(_serve(stack, progress))


def prepare(settings: Settings, progress: Progress) -> Stack:
    """Do all that comes before the first process.

    Raises:
        LaunchError: a port is taken, training failed, …
    """
    home = Home.at(settings.home)
    model: Path | None = None
    if settings.engine_url is None:
        known = home.models / f"{fingerprint()}.tar.gz"
        Stack(settings, known, {}).require_ports()
        fresh = known.exists()
        model = ensure_model(home, progress)
        if fresh:
            progress.done(f"model {model.name.removesuffix('.tar.gz')} is up to date")
    stack = Stack(settings, model, {})
    stack.require_ports()
    return stack


async def _serve(stack: Stack, progress: Progress) -> None:
    runner = Runner(stack.specs(), stack.home, progress)
    _obey_signals(runner, progress)
    began = time.monotonic()
    parts = "service" if stack.model is None else "service and engine (Rasa takes 10–20 s)"
    progress.begin(f"starting {parts}")
    stack.home.announce(
        RunningStack(pid=os.getpid(), url=stack.url, model=stack.model.name if stack.model else "")
    )
    greeting = asyncio.create_task(_greet(runner, stack, progress, began), name="greeting")
    try:
        await runner.run()
    finally:
        greeting.cancel()
        with suppress(asyncio.CancelledError):
            await greeting
    progress.done("stopped")


def _obey_signals(runner: Runner, progress: Progress) -> None:
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def asked() -> None:
        if not first:
            first.append(loop.time())
            progress.say("")
            progress.begin("stopping")
            runner.stop()
        elif loop.time() - first[0] > HURRY_AFTER_S:
            runner.kill()

    for number in SIGNALS:
        loop.add_signal_handler(number, asked)


async def _greet(runner: Runner, stack: Stack, progress: Progress, began: float) -> None:
    """Once all is well, tell the person what is where."""
    await runner.ready.wait()
    progress.done(f"healthy ({time.monotonic() - began:.1f} s)")
    progress.say()
    for title, url in await _pages(stack):
        progress.say(f"  {title:<12} {url}")
    if stack.settings.demo:
        progress.say(f"  {'mode':<12} DEMO: made-up shop and customers, generated secrets")
    progress.say(f"  {'logs':<12} {stack.home.logs}")
    progress.say("\nCtrl-C stops everything.")


async def _pages(stack: Stack) -> list[tuple[str, str]]:
    """The pages that exist; a link that leads nowhere is not shown."""
    wanted = [
        ("chat page", "/"),
        ("desk", "/desk"),
        ("dashboard", "/dashboard"),
        ("API docs", "/docs"),
        ("health", "/health"),
    ]
    found: list[tuple[str, str]] = []
    async with httpx.AsyncClient(timeout=5.0, trust_env=False, follow_redirects=True) as client:
        for title, path in wanted:
            with suppress(httpx.HTTPError):
                response = await client.get(stack.url + path)
                if response.status_code == httpx.codes.OK and title not in dict(found):
                    found.append((title, stack.url + path))
    return found


__all__ = ["LaunchError", "prepare", "up"]

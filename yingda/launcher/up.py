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
from yingda.launcher.stores import prepare_stores
from yingda.launcher.training import ensure_model, fingerprint

HURRY_AFTER_S = 1.0  # a second Ctrl-C that comes later than this means "at once"
PAGES = (
    ("chat page", "/"),
    ("phone", "/phone"),
    ("desk", "/desk"),
    ("dashboard", "/dashboard"),
    ("API docs", "/docs"),
    ("health", "/health"),
)
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
    with progress.step("database" + (" and demo shop" if stack.settings.demo else "")):
        await prepare_stores(stack.settings)
    runner = Runner(stack.specs(), stack.home, progress)
    _obey_signals(runner, progress)
    began = time.monotonic()
    parts = "service" if stack.model is None else "service and engine (Rasa takes 10–20 s)"
    parts = f"hotline, {parts}" if stack.settings.ivr else parts
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
    async with httpx.AsyncClient(base_url=stack.url, timeout=5.0, trust_env=False) as client:
        for title, path in PAGES:
            if await _answer(client, path) is not None:  # a link that leads nowhere is not shown
                progress.say(f"  {title:<10} {stack.url}{path}")
        progress.say(f"  {'logs':<10} {stack.home.logs}")
        if stack.settings.demo:
            for line in _demo_lines(await _answer(client, "/demo/shop")):
                progress.say(line)
            for line in _desk_lines(stack.settings):
                progress.say(line)
    progress.say("\nCtrl-C stops everything.")


async def _answer(client: httpx.AsyncClient, path: str) -> httpx.Response | None:
    try:
        response = await client.get(path)
    except httpx.HTTPError:
        return None
    return response if response.status_code == httpx.codes.OK else None


def _demo_lines(shop: httpx.Response | None) -> list[str]:
    """Who one can be in the demo, and what a stranger can ask about."""
    lines = ["", "  DEMO: made-up shop 禾沐生活, made-up customers, generated secrets"]
    if shop is None:
        return lines
    window = shop.json()
    members = [f"{member['name']}（{member['tier']}）" for member in window.get("members", ())]
    if members:
        lines += ["  log in on the chat page as  " + "、".join(members)]
    for order in window.get("orders", ()):
        lines.append(
            f"  or ask about order {order['number']}  phone …{order['tail']}  "
            f"{order['state']}  {order['product']}"
        )
    return lines


def _desk_lines(settings: Settings) -> list[str]:
    """Whom one can log in as at the desk."""
    from bot.desk import DEMO_AGENTS

    people = "、".join(f"{agent.login}（{agent.name}）" for agent in DEMO_AGENTS)
    return [
        f"  log in at the desk as         {people}",
        f"  with the password             {settings.require_secret('demo_desk_password')}",
    ]


__all__ = ["LaunchError", "prepare", "up"]

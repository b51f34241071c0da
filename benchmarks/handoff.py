"""2,000 customers wait, 200 agents work at their desks, and things break in the middle.

    python -m benchmarks.handoff [--quick] [--json]

Two replicas of the service as processes over PostgreSQL and Redis. Each agent is a real desk: a
WebSocket at /api/desk/live, answers and resolves over REST. An agent is free from the moment the
answer to its "resolve" arrives until the next conversation rings; that time is what is measured. In
the middle one replica is killed for good, Redis is restarted, and the database stands still.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import insert, select, update

from actions.shop import open_demo_shop
from benchmarks.document import put_part
from benchmarks.layouts import free_port
from benchmarks.turns import machine
from bot.clock import utc_now
from bot.conversations import Bus, ConversationKey
from bot.desk.accounts import Sessions
from bot.handoff import Decision, Evidence, HandoffDesk, Hours, PolicyFile
from bot.handoff.opening import open_handoff
from bot.records import Database, new_id
from bot.records.tables import agents, conversations, events, handoffs, inbox
from bot.turn import Inbound
from bot.turn.inbox import Inbox
from tests.support.servers import RedisServer, postgres, wait_for_port

HANDLING_S = (30.0, 50.0)
"""How long an agent has a conversation, from its ringing to its end."""

RETRY_S = 0.3
PATIENCE_S = 60.0


@dataclass
class Measured:
    """What the agents saw, in seconds; ``since`` names what had been broken last."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    phase: str = "calm"
    done: Counter[str] = field(default_factory=Counter)
    repeated_rings: int = 0

    def waited(self, phase: str, seconds: float) -> None:
        """An agent was free for so long while somebody waited."""
        self.waits.setdefault(phase, []).append(seconds)


class Replica:
    """The service as a process."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.up = True
        home = folder / f"home-{self.port}"
        home.mkdir()
        (home / "secrets.env").write_text((folder / "secrets.env").read_text("utf-8"), "utf-8")
        run = [sys.executable, "-m", "uvicorn", "--factory", "yingda.app:create_app"]
        log = (folder / f"{self.port}.log").open("wb")
        self._process = subprocess.Popen(  # noqa: S603
            [*run, "--port", str(self.port), "--log-level", "warning"],
            env=os.environ | environment | {"YINGDA_HOME": str(home)},
            stdout=log,
            stderr=log,
        )
        wait_for_port(self.port, 240)  # on a busy machine it takes its time

    def kill(self) -> None:
        """Gone at once, as by a power cut."""
        self.up = False
        self._process.kill()
        self._process.wait()


class Desk:
    """One agent: works through whatever rings, on whatever replica is there."""

    def __init__(self, token: str, replicas: list[Replica], measured: Measured, n: int) -> None:
        self._token = token
        self._replicas = replicas
        self._measured = measured
        self._n = n
        self._random = random.Random(n)  # noqa: S311 - handling times, not secrets
        self._free_since: float | None = None
        self._phase = "calm"
        self._working: str | None = None
        self._over: set[str] = set()

    @property
    def _url(self) -> str:
        living = [replica for replica in self._replicas if replica.up]
        return living[self._n % len(living)].url

    async def work(self, session: aiohttp.ClientSession) -> None:
        """Until cancelled: connect, work, connect again."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
                await self._sit(session)
            await asyncio.sleep(RETRY_S)

    async def _sit(self, session: aiohttp.ClientSession) -> None:
        async with session.ws_connect(f"{self._url}/api/desk/live", heartbeat=15) as socket:
            await socket.send_json({"type": "hello", "token": self._token})
            await socket.send_json({"type": "presence", "presence": "online"})
            beating = asyncio.create_task(_beat(socket))
            try:
                async for message in socket:
                    found = _mine(message.data)
                    if found is not None and found not in self._over:
                        await socket.send_json({"type": "watch", "conversation": found})
                        await self._handle(session, found)
            finally:
                beating.cancel()

    async def _handle(self, session: aiohttp.ClientSession, conversation: str) -> None:
        if self._free_since is not None:
            self._measured.waited(self._phase, time.perf_counter() - self._free_since)
            self._free_since = None
        await asyncio.sleep(self._random.uniform(*HANDLING_S))
        answered = await self._post(
            session, conversation, "messages", {"text": "您好，已经为您处理好了", "client_id": "1"}
        )
        if answered:
            await self._post(
                session, conversation, "resolve", {"disposition": "solved", "note": ""}
            )
        self._over.add(conversation)
        self._free_since = time.perf_counter()
        self._phase = self._measured.phase

    async def _post(
        self, session: aiohttp.ClientSession, conversation: str, what: str, body: dict[str, Any]
    ) -> bool:
        """Try until it is done, or is no longer ours to do."""
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            try:
                async with session.post(
                    f"{self._url}/api/desk/conversations/{conversation}/{what}",
                    json=body,
                    headers={"Authorization": f"Bearer {self._token}"},
                    timeout=aiohttp.ClientTimeout(15),
                ) as response:
                    if response.status < 500:
                        return response.status < 400
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(RETRY_S)
        return False


def _mine(text: str) -> str | None:
    """The conversation that a frame gives to this agent; only frames that may do so are parsed."""
    if text.startswith('{"type":"ring"'):
        return str(json.loads(text)["conversation"])
    if text.startswith('{"type":"snapshot"'):
        mine = json.loads(text)["mine"]
        return str(mine[0]["conversation"]) if mine else None
    return None


async def _beat(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await asyncio.sleep(20)
        await socket.send_json({"type": "beat"})


async def fill(database: Database, waiting: int) -> None:
    """Conversations in the queue, each opened as a turn opens it."""
    accepting = Inbox(database, utc_now, timedelta(minutes=30))
    desk = HandoffDesk(
        database,
        Bus(None),
        utc_now,
        PolicyFile(hours=Hours.parse("always")),
        open_demo_shop(":memory:"),
    )
    decision = Decision("asked_for_human", (Evidence(1, "客户要求人工"),), 4, "售后")

    async def one(number: int) -> None:
        key = ConversationKey("app_chat", f"visitor:{number:032x}")
        receipt = await accepting.accept(Inbound(key, f"bench-{number}", "转人工"))

        def work(tx: Any) -> str:
            found = select(conversations.c.episode_id).where(
                conversations.c.id == receipt.accepted.conversation_id
            )
            episode = tx.execute(found).scalar_one()
            # This is what the turn itself would have done with the message.
            answered = update(inbox).where(inbox.c.id == receipt.accepted.inbox_id)
            tx.execute(answered.values(status="done", done_at=utc_now()))
            free = update(conversations).values(lease_owner=None, lease_until=None)
            tx.execute(free.where(conversations.c.id == receipt.accepted.conversation_id))
            return open_handoff(
                desk.step(tx), receipt.accepted.conversation_id, episode, 1, decision, None
            ).id

        await desk.packer.build(await database.write(work))

    numbers = iter(range(waiting))
    for batch in iter(lambda: list(itertools.islice(numbers, 8)), []):
        await asyncio.gather(*(one(number) for number in batch))


async def hire(database: Database, count: int) -> list[str]:
    """Agents with sessions; returns their tokens."""
    sessions = Sessions(database, utc_now)
    tokens = []
    for number in range(count):
        agent_id = new_id("ag")
        row = {
            "id": agent_id,
            "login": f"bench{number}",
            "name": f"客服{number}",
            "role": "agent",
            "password_hash": "-",
            "skills": ["售前", "售后", "投诉"],
            "languages": ["zh"],
            "capacity": 1,
            "active": True,
            "presence": "offline",
            "created_at": utc_now(),
        }
        await database.write(lambda tx, row=row: tx.execute(insert(agents).values(**row)))
        tokens.append(await sessions.open(agent_id))
    return tokens


@contextmanager
def standing_still(port: int) -> Iterator[None]:
    """PostgreSQL's processes stopped: connections stay open, nothing answers."""
    found = subprocess.run(  # noqa: S603
        ["pgrep", "-f", f"postgres.*-p {port}"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    leader = int(found.stdout.split()[0])
    children = subprocess.run(  # noqa: S603
        ["pgrep", "-P", str(leader)],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    processes = [leader, *map(int, children.stdout.split())]
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


async def break_things(
    replicas: list[Replica],
    redis: RedisServer,
    postgres_port: int,
    measured: Measured,
    pause: float,
) -> None:
    """One fault after another, with quiet between them."""
    await asyncio.sleep(pause)
    measured.phase = "a replica killed"
    replicas[1].kill()
    await asyncio.sleep(pause)
    measured.phase = "Redis restarted"
    redis.stop()
    await asyncio.sleep(3)
    redis.start()
    await asyncio.sleep(pause)
    measured.phase = "database still for 10 s"
    with standing_still(postgres_port):
        await asyncio.sleep(10)
    await asyncio.sleep(15)
    measured.phase = "calm again"


async def drive(
    folder: Path, address: str, redis: RedisServer, waiting: int, count: int, pause: float
) -> dict[str, Any]:
    """Run it all; returns the figures."""
    url = f"postgresql+asyncpg://postgres@{address}/postgres"
    database = Database(url)
    await database.migrate()
    await fill(database, waiting)
    tokens = await hire(database, count)
    environment = {
        "YINGDA_DEMO": "1",
        "YINGDA_DATABASE_URL": url,
        "YINGDA_REDIS_URL": redis.url,
        "YINGDA_ENGINE_URL": "http://127.0.0.1:9",
    }
    measured = Measured()
    replicas = [await asyncio.to_thread(Replica, folder, environment) for _ in range(2)]
    connector = aiohttp.TCPConnector(limit=0)
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=connector) as session:
        desks = [Desk(token, replicas, measured, n) for n, token in enumerate(tokens)]
        working = [asyncio.create_task(desk.work(session)) for desk in desks]
        breaking = asyncio.create_task(
            break_things(replicas, redis, int(address.rpartition(":")[2]), measured, pause)
        )
        await breaking
        await asyncio.sleep(pause)
        took = time.perf_counter() - began
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    for replica in replicas:
        if replica.up:
            replica.kill()
    figures = await judge(database, measured, waiting)
    await database.close()
    return figures | {"waiting": waiting, "agents": count, "seconds": took, "machine": machine()}


async def judge(database: Database, measured: Measured, waiting: int) -> dict[str, Any]:
    """What became of every conversation."""
    log = await database.read(
        lambda tx: list(
            tx.execute(
                select(events.c.conversation_id, events.c.kind, events.c.data).order_by(events.c.id)
            )
        )
    )
    twice = 0
    holder: dict[str, str | None] = {}
    for row in log:
        if row.kind == "agent_assigned":
            twice += holder.get(row.conversation_id) is not None
            holder[row.conversation_id] = row.data["agent"]
        elif row.kind in ("requeued", "resolved", "handed_back"):
            holder[row.conversation_id] = None
    answers = Counter(row.conversation_id for row in log if row.kind == "resolved")
    states = await database.read(
        lambda tx: Counter(tx.execute(select(handoffs.c.status)).scalars().all())
    )
    return {
        "resolved": len(answers),
        "in_hand": states["assigned"],
        "still_waiting": states["waiting"],
        "lost": waiting - len(answers) - states["assigned"] - states["waiting"],
        "resolved_twice": sum(count > 1 for count in answers.values()),
        "assigned_twice": twice,
        "requeued": sum(row.kind == "requeued" for row in log),
        "waits": {
            phase: {
                "n": len(values),
                "p50": statistics.median(values),
                "p99": statistics.quantiles(values, n=100)[98] if len(values) > 1 else values[0],
            }
            for phase, values in measured.waits.items()
        },
    }


def document(figures: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    lines = [
        "## Handing over: 2,000 customers wait, 200 agents, and things break",
        "",
        "Two replicas over PostgreSQL and Redis, each agent a real WebSocket and REST client with",
        "room for one conversation and 30 to 50 seconds for each, until the last fault is over.",
        "Measured at the agent: from the answer to `resolve` until the next conversation rings. A phase",
        "begins with its fault.",
        "",
        f"Machine: {figures['machine'].replace('SQLite', 'PostgreSQL')}.",
        "",
        f"{figures['waiting']} waiting, {figures['agents']} agents, {figures['seconds']:.0f} s: "
        f"{figures['resolved']} resolved, {figures['in_hand']} in hand, {figures['still_waiting']} "
        f"still waiting, {figures['lost']} lost; {figures['assigned_twice']} given to two agents at "
        f"once, {figures['resolved_twice']} resolved twice; {figures['requeued']} back into the queue "
        "because a desk was gone.",
        "",
        "| phase | assignments | p50 ms | p99 ms |",
        "|---|---|---|---|",
    ]
    for phase, wait in figures["waits"].items():
        lines.append(
            f"| {phase} | {wait['n']} | {1000 * wait['p50']:.0f} | {1000 * wait['p99']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def run(quick: bool) -> dict[str, Any]:
    """Set the stage, drive, take it down."""
    from bot.settings import load_settings

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yingda-handoff-")))
        load_settings(_env_file=None, demo=True, home=folder)  # makes the secrets of all replicas
        address = stack.enter_context(postgres())
        redis = RedisServer()
        redis.start()
        stack.callback(redis.stop)
        size = (100, 20, 45.0) if quick else (2000, 200, 75.0)
        return asyncio.run(drive(folder, address, redis, *size))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run; writes no document")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments, _others = parser.parse_known_args()
    figures = run(arguments.quick)
    print(json.dumps(figures) if arguments.json else document(figures))
    if not arguments.quick and not arguments.json:
        put_part("handoff", document(figures))


if __name__ == "__main__":
    main()

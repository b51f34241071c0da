"""Simulated customers, cheap enough that two cores are left to what is measured.

A thin HTTP/1.1 keep-alive client on asyncio streams: a general client costs about 1 ms of
processor time a request, a tenth of the turns that we want to time.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


class Connection:
    """One keep-alive connection to a server on loopback."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port = port
        self._headers = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON, return the JSON answer.

        Raises:
            RuntimeError: any status but 200.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        payload = json.dumps(body).encode()
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"{self._headers}Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(
            int(line.partition(":")[2])
            for line in head.split("\r\n")
            if line.startswith("content-length")
        )
        answer = await reader.readexactly(length)
        if " 200 " not in head.split("\r\n", 1)[0]:
            raise RuntimeError(f"{path}: {head.splitlines()[0]} {answer[:200]!r}")
        return json.loads(answer)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


Say = Callable[[str], Awaitable[int]]
"""Says one sentence as one customer; returns how many replies came."""

NewCustomer = Callable[[int], Awaitable[Say]]
"""Opens the conversation of the n-th customer."""


@dataclass(frozen=True)
class Timing:
    """Latencies in milliseconds and the rate in turns per second."""

    p50: float
    p95: float
    rate: float
    turns: int


def timing(latencies_s: Sequence[float], wall_s: float) -> Timing:
    """Percentiles (nearest rank) of latencies measured over ``wall_s`` seconds."""
    ordered = sorted(latencies_s)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return Timing(
        p50=1000 * statistics.median(ordered),
        p95=1000 * p95,
        rate=len(ordered) / wall_s,
        turns=len(ordered),
    )


async def run_customers(
    new_customer: NewCustomer,
    texts: Sequence[str],
    customers: int,
    turns_each: int,
    conversation_length: int,
    numbers: Iterator[int],
) -> list[float]:
    """Let customers talk at once; returns every turn's latency in seconds.

    After ``conversation_length`` turns the next customer, numbered by ``numbers``, takes over.

    Raises:
        RuntimeError: a turn without a reply; a benchmark of failures is worth nothing.
    """

    async def one() -> list[float]:
        latencies: list[float] = []
        while len(latencies) < turns_each:
            say = await new_customer(next(numbers))
            for turn in range(min(conversation_length, turns_each - len(latencies))):
                began = time.perf_counter()
                if not await say(texts[turn % len(texts)]):
                    raise RuntimeError(f"no reply to {texts[turn % len(texts)]}")
                latencies.append(time.perf_counter() - began)
        return latencies

    results = await asyncio.gather(*(one() for _ in range(customers)))
    return [latency for result in results for latency in result]

"""Components that a newcomer's machine may lack: skip there, with the reason; never in CI."""

from __future__ import annotations

import os
import random
import shutil
import socket
from pathlib import Path

import pytest

_RANDOM = random.SystemRandom()  # not the shared generator, which property tests seed
_drawn: set[int] = set()


def need(component: str, *candidates: str) -> str:
    """Path of the first candidate program that exists; skips the test if none does.

    In CI (``CI=true``) a missing component is a failure.
    """
    for candidate in candidates:
        found = shutil.which(candidate)
        if found:
            return found
        matches = sorted(Path("/").glob(candidate.lstrip("/"))) if "*" in candidate else []
        if matches:
            return str(matches[-1])
    reason = f"{component} is not installed here (looked for {', '.join(candidates)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of loopback that nobody uses at the moment.

    Each test process draws from a range of its own, below the system's: a port that is drawn now is
    often taken only seconds later, and must not be drawn by another process meanwhile.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 12_000 + 5_000 * (worker % 4)
    while True:
        port = _RANDOM.randrange(first, first + 5_000)
        if port in _drawn:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _drawn.add(port)
        return port

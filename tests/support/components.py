"""Components that a newcomer's machine may lack: skip there, with the reason; never in CI."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest


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
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

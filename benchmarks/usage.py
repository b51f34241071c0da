"""Processor time of processes: what a load costs, whatever else the machine is doing.

On a shared machine times say little; processor seconds per message do. A benchmark that names its own
share beside the service's shows whether it measures the service or itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it, as they live now (Linux)."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that these processes, and their children that have ended, have used."""
    total = 0.0
    for pid in pids:
        fields = _stat(pid)
        if fields is not None:  # utime, stime, cutime, cstime: proc(5)
            total += sum(int(ticks) for ticks in fields[11:15]) / _TICKS
    return total


class Usage:
    """Processor seconds of several parts between two moments.

    Args:
        parts: by name, what tells a part's processes (looked up at both moments).
    """

    def __init__(self, parts: Mapping[str, Callable[[], Iterable[int]]]) -> None:
        self._parts = parts
        self._began = self._now()

    def so_far(self) -> dict[str, float]:
        """Seconds of each part since the beginning."""
        return {name: used - self._began[name] for name, used in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: cpu_seconds(pids()) for name, pids in self._parts.items()}


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()

"""Is a port free, and if not, who has it?"""

from __future__ import annotations

import socket
from pathlib import Path

from yingda.launcher.errors import LaunchError


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now (a connection in TIME_WAIT does not count)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(host: str, port: int, setting: str) -> None:
    """Make sure that a port can be had.

    Raises:
        LaunchError: it is taken; names the port, its holder if known, and the setting to change.
    """
    try:
        socket.getaddrinfo(host, port)
    except OSError:
        raise LaunchError(f"{host} is not an address of this machine (YINGDA_HOST).") from None
    if is_free(host, port):
        return
    holder = holder_of(port)
    by = f" by {holder}" if holder else ""
    raise LaunchError(
        f"Port {port} is taken{by}: stop that, or choose another with {setting}=<port>."
    )


def holder_of(port: int, proc: Path = Path("/proc")) -> str | None:
    """Who listens on a TCP port, as ``name (process 123)``; None where that cannot be told."""
    inodes = set()
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (proc / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            listening = fields[3] == "0A"
            if listening and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    if not inodes:
        return None
    for process in proc.iterdir():
        if process.name.isdigit() and _holds(process, inodes):
            try:
                name = (process / "comm").read_text().strip()
            except OSError:
                continue
            return f"{name} (process {process.name})"
    return None


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir())
    except OSError:
        return False  # another user's process, or gone meanwhile

"""Is a port free, and if not, who has it?"""

from __future__ import annotations

import errno
import re
import socket
from pathlib import Path

from yingda.launcher.errors import LaunchError

_ADDRESS = re.compile(r"(_AGI|_AUDIO)?_PORT$")
"""What of a port's setting differs from its address's."""


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now (a connection in TIME_WAIT does not count)."""
    return _obstacle(host, port) is None


def _obstacle(host: str, port: int) -> OSError | None:
    """What keeps a server from listening there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


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
    elsewhere = (
        f"{host} is not an address of this machine: set {_ADDRESS.sub('_HOST', setting)}=<address>."
    )
    try:
        socket.getaddrinfo(host, port)
    except OSError:
        raise LaunchError(elsewhere) from None
    obstacle = _obstacle(host, port)
    if obstacle is None:
        return
    if obstacle.errno == errno.EADDRNOTAVAIL:
        raise LaunchError(elsewhere)
    if obstacle.errno == errno.EACCES:
        raise LaunchError(
            f"Port {port} is not for this user: choose one from 1024 on with {setting}=<port>."
        )
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

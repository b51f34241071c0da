"""A real Asterisk of a test's own, with the configuration that we ship."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.components import free_port
from tests.support.servers import wait_until

DEPLOYED = Path("deploy/asterisk")
ROOT = Path(os.environ.get("YINGDA_ASTERISK_ROOT", "/var/cache/yingda-asterisk/root"))

CARRIER = "127.0.0.2"
"""Where calls of the carrier's trunk come from; telephones are on 127.0.0.1."""

HOTLINE = "4006808000"
PASSWORD = "of-this-test-only"
RTP_PORTS = 400


@dataclass(frozen=True)
class Pbx:
    """A running Asterisk: its SIP port on loopback, and the ports it finds us on."""

    sip_port: int
    agi_port: int
    audio_port: int
    log: Path

    def carrier_uri(self, number: str = HOTLINE) -> str:
        """What the carrier calls."""
        return f"sip:{number}@127.0.0.1:{self.sip_port}"


def need_asterisk() -> None:
    """Skip the test, with the reason, where Asterisk cannot run; in CI that is a failure."""
    reason = None
    if os.geteuid() != 0:
        reason = "running Asterisk from its folder needs root (chroot)"
    elif not (ROOT / ".complete").exists():
        reason = f"Asterisk is not there: run .ci/asterisk (looked in {ROOT})"
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def asterisk() -> Iterator[Pbx]:
    """Run it, changed from what we ship only in addresses, ports and passwords."""
    need_asterisk()
    with tempfile.TemporaryDirectory(prefix="yingda-pbx-", dir=ROOT / "tmp") as folder:
        home = Path(folder)
        inside = Path("/") / home.relative_to(ROOT)
        pbx = Pbx(_free_udp_port(), free_port(), free_port(), home / "console")
        _configure(home, inside, pbx)
        with (home / "console").open("wb") as console:
            process = subprocess.Popen(
                ["chroot", str(ROOT), "asterisk", "-f", "-n", "-C", f"{inside}/etc/asterisk.conf"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(
                lambda: process.poll() is not None or _command(inside, "core waitfullybooted"),
                60,
                "Asterisk did not come up",
            )
            assert process.poll() is None, pbx.log.read_text("utf-8", "replace")[-3000:]
            yield pbx
        finally:
            process.kill()
            process.wait()


def _configure(home: Path, inside: Path, pbx: Pbx) -> None:
    for name in ("etc", "lib", "run", "log", "spool"):
        (home / name).mkdir()
    etc = home / "etc"
    shutil.copy(ROOT / "etc/asterisk/indications.conf", etc)
    for file in DEPLOYED.glob("*.conf"):
        shutil.copy(file, etc)
    modules = next((ROOT / "usr/lib").glob("*/asterisk/modules")).relative_to(ROOT)
    (etc / "asterisk.conf").write_text(
        "[directories]\n"
        f"astetcdir => {inside}/etc\n"
        f"astmoddir => /{modules}\n"
        "astdatadir => /usr/share/asterisk\n"
        + "".join(f"{key} => {inside}/lib\n" for key in ("astvarlibdir", "astdbdir", "astkeydir"))
        + f"astspooldir => {inside}/spool\nastrundir => {inside}/run\nastlogdir => {inside}/log\n"
        "[options]\nverbose = 3\n"
    )
    rtp = _free_udp_port()
    rtp -= rtp % 2
    _change(etc / "pjsip.conf", "bind = 0.0.0.0:5060", f"bind = 127.0.0.1:{pbx.sip_port}")
    _change(etc / "pjsip.conf", "203.0.113.10", CARRIER)
    _change(etc / "pjsip.conf", r"CHANGE-ME-\d+", PASSWORD)
    _change(etc / "rtp.conf", "rtpstart = 20000", f"rtpstart = {min(rtp, 65000)}")
    _change(etc / "rtp.conf", "rtpend = 20999", f"rtpend = {min(rtp, 65000) + RTP_PORTS}")
    _change(etc / "extensions.conf", "127.0.0.1:4573", f"127.0.0.1:{pbx.agi_port}")


def _change(file: Path, pattern: str, value: str) -> None:
    """Replace what the shipped file must contain."""
    text, times = re.subn(pattern, value, file.read_text("utf-8"))
    assert times, f"{file.name} does not say {pattern}"
    file.write_text(text, "utf-8")


def _command(inside: Path, command: str) -> bool:
    done = subprocess.run(
        ["chroot", str(ROOT), "asterisk", "-C", f"{inside}/etc/asterisk.conf", "-rx", command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
